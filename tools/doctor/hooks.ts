/** Checks each repository and organization: the stack's webhook exists and delivers, and there is room for more. */
import { argoCdWebhookUrl } from "../../components/charts/argo-cd.ts";
import { at, listAt, parseJson, textAt } from "../../components/builds/programs/json.ts";
import { eventsOf } from "../../components/trigger/args.ts";
import { mapPool } from "../../components/builds/programs/pool.ts";
import type { Owner } from "../../components/names.ts";
import { joinPath } from "../../components/settings/errors.ts";
import type { Parsed } from "../../components/settings/parse.ts";
import type { ProjectSettings } from "../../components/settings/resolve.ts";
import { numberAt, shown } from "../../components/watch/objects.ts";
import type { Examined, Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";
import { askGithub } from "./github-api.ts";

interface Hooked {
  readonly path: string;
  readonly owner: Owner;
  /** `owner/name`, or the organization. */
  readonly slug: string;
  readonly isOrganization: boolean;
  /** The URL of the stack's webhook. */
  readonly url: string;
  /** The events that it must send. */
  readonly events: readonly string[];
}

/** GitHub's limit for one event of a repository or organization: "The "push" event cannot have more than 20 hooks". */
const maxHooks = 20;
/** The doctor warns if no more than this many are left. */
const scarce = 2;

const atOnce = 8;

/** The token that reads webhooks, whose they are, and the fix if it may not. */
export interface HookReader {
  readonly token: string;
  readonly owners: readonly Owner[];
  readonly fix: string;
}

export async function hooks(examined: Examined, reader: HookReader): Promise<Finding[]> {
  const all = hooked(examined).filter(({ owner }) => reader.owners.includes(owner));
  return mapPool(all, atOnce, (one) => hookFinding(examined, reader, one));
}

/** Each repository once, even if several services are built from it. */
function hooked({ settings }: Examined): Hooked[] {
  const argocd = argoCdWebhookUrl(settings);
  const all = settings.projects.flatMap((project) => [
    ...(project.webhook.organization ? organizationOf(project) : repositoriesOf(project)),
    ...(argocd === undefined ? [] : clusterRepositoriesOf(project, argocd)),
  ]);
  return [...new Map(all.toReversed().map((one) => [`${one.slug} ${one.url}`, one])).values()].toReversed();
}

function organizationOf({ name, owner, webhook: { url }, repositories }: ProjectSettings): Hooked[] {
  const path = joinPath("projects", [name, "webhook", "organization"]);
  const events = eventsOf(repositories);
  return repositories.length === 0 ? [] : [{ path, owner, slug: owner, isOrganization: true, url, events }];
}

function repositoriesOf({ name, owner, webhook: { url }, repositories }: ProjectSettings): Hooked[] {
  return repositories.map(({ slug }, index) => {
    const path = joinPath("projects", [name, "repositories", index]);
    const events = eventsOf(repositories.filter((one) => one.slug === slug));
    return { path, owner, slug, isOrganization: false, url, events };
  });
}

function clusterRepositoriesOf({ name, owner, applications }: ProjectSettings, url: string): Hooked[] {
  return applications.map(({ repository }, index) => {
    const path = joinPath("projects", [name, "applications", index]);
    return { path, owner, slug: `${owner}/${repository}`, isOrganization: false, url, events: ["push"] };
  });
}

/** Whether the stack creates webhooks in an owner's repositories, and in the organization itself. */
export function hookedPlaces(
  settings: Parsed,
  owner: Owner,
): { repositories: boolean; organization: boolean } {
  const own = settings.projects.filter((one) => one.owner === owner);
  const isAt = (organization: boolean) =>
    own.some((one) => one.repositories.length > 0 && one.webhook.organization === organization);
  const isDelivered = argoCdWebhookUrl(settings) !== undefined;
  return {
    // The permission of the token is checked even if the owner has neither.
    repositories:
      isAt(false) || !isAt(true) || (isDelivered && own.some(({ applications }) => applications.length > 0)),
    organization: isAt(true),
  };
}

async function hookFinding(examined: Examined, { token, fix }: HookReader, one: Hooked): Promise<Finding> {
  const { path, slug, isOrganization, url } = one;
  const place = isOrganization ? "orgs" : "repos";
  const { code, text, reason } = await askGithub(examined, `/${place}/${slug}/hooks?per_page=100`, token);
  if (code === 404 && isOrganization && (await isUser(examined, slug))) {
    const message = `${slug} is a user, and only organizations have such webhooks (${reason})`;
    return bad(path, message, "remove the key");
  }
  if (code === 403 || code === 404) {
    return bad(path, `the token cannot read the webhooks of ${slug} (${reason})`, fix);
  }
  const value = parseJson(text);
  if (code !== 200 || !Array.isArray(value))
    return unchecked(path, `the webhooks of ${slug} cannot be read (${reason})`);
  const list: readonly unknown[] = value;
  const pushes = list.filter((hook) =>
    listAt(hook, "events").some((event) => event === "push" || event === "*"),
  );
  const own = pushes.find((hook) => textAt(hook, "config", "url") === url);
  return own === undefined ? missing(one, pushes.length) : delivered(one, own, pushes.length);
}

/** Reads what is public. */
async function isUser(examined: Examined, owner: string): Promise<boolean> {
  const { code, text } = await askGithub(examined, `/users/${owner}`, undefined);
  return code === 200 && textAt(parseJson(text), "type") === "User";
}

function missing({ path, slug, url }: Hooked, count: number): Finding {
  if (count >= maxHooks) {
    const message = `${slug} has ${count.toString()} webhooks for pushes, and GitHub allows no more`;
    return bad(path, message, "delete one that is not needed");
  }
  const message = `${slug} has no webhook for pushes to ${url} yet; ${room(count)}`;
  return warn(path, message, "`pulumi up` creates it, or `pulumi up --refresh` if it was deleted");
}

function delivered({ path, slug, events }: Hooked, hook: unknown, count: number): Finding {
  if (at(hook, "active") !== true)
    return bad(path, `the webhook of ${slug} is not active`, "`pulumi up --refresh`");
  const sent = listAt(hook, "events");
  const lacking = sent.includes("*") ? [] : events.filter((event) => !sent.includes(event));
  if (lacking.length > 0)
    return bad(path, `the webhook of ${slug} does not send ${lacking.join(", ")}`, "`pulumi up --refresh`");
  const code = numberAt(hook, "last_response", "code");
  const isUnused = ["", "unused", "pending"].includes(textAt(hook, "last_response", "status"));
  const last = code === 0 ? "has delivered nothing" : `got ${code.toString()} for its last delivery`;
  const what = `the webhook of ${slug} ${last}`;
  if (code >= 300 || (code === 0 && !isUnused)) {
    const said = shown(textAt(hook, "last_response", "message"));
    const fix = "see the webhook's Recent Deliveries, where it can be redelivered";
    return bad(path, `${what}${said === "" ? "" : ` (${said})`}`, fix);
  }
  const message = `${what}${code === 0 ? " yet" : ""}; ${room(count)}`;
  return maxHooks - count <= scarce
    ? warn(path, message, "delete webhooks that are not needed")
    : good(path, message);
}

function room(count: number): string {
  return `${count.toString()} of ${maxHooks.toString()} webhooks are used`;
}

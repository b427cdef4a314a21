/** The webhooks of each repository and organization: whether that of the stack is there and arrives, and how many more there may be. */
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
  /** Where the stack's webhook leads. */
  readonly url: string;
  /** What it is for. */
  readonly events: readonly string[];
}

/** GitHub's limit of the webhooks of a repository or an organization for one event: "The "push" event cannot have more than 20 hooks". */
const most = 20;
/** With so few left somebody is about to be refused one. */
const few = 2;

const atOnce = 8;

/** What asks for webhooks, and what to do where it may not. */
export interface HookReader {
  readonly token: string;
  readonly owners: readonly Owner[];
  readonly fix: string;
}

export async function hooks(examined: Examined, reader: HookReader): Promise<Finding[]> {
  const all = hooked(examined).filter(({ owner }) => reader.owners.includes(owner));
  return mapPool(all, atOnce, (one) => hookFinding(examined, reader, one));
}

/** Each repository once, however many services it holds. */
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

/** Whether the stack makes webhooks at an owner's repositories, and at the organization itself. */
export function hookedPlaces(
  settings: Parsed,
  owner: Owner,
): { repositories: boolean; organization: boolean } {
  const own = settings.projects.filter((one) => one.owner === owner);
  const isAt = (organization: boolean) =>
    own.some((one) => one.repositories.length > 0 && one.webhook.organization === organization);
  const isDelivered = argoCdWebhookUrl(settings) !== undefined;
  return {
    // Where an owner has neither, the token is still asked for what it is for.
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
    const message = `${slug} is a user, and GitHub has such webhooks for organizations alone (${reason})`;
    return bad(path, message, "remove the key");
  }
  if (code === 403 || code === 404) {
    return bad(path, `the webhooks of ${slug} cannot be read by the token (${reason})`, fix);
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

/** What GitHub shows everybody. */
async function isUser(examined: Examined, owner: string): Promise<boolean> {
  const { code, text } = await askGithub(examined, `/users/${owner}`, undefined);
  return code === 200 && textAt(parseJson(text), "type") === "User";
}

function missing({ path, slug, url }: Hooked, count: number): Finding {
  if (count >= most) {
    const message = `${slug} has ${count.toString()} webhooks for pushes, and GitHub allows no more`;
    return bad(path, message, "delete one that is not needed");
  }
  const message = `${slug} has no webhook for pushes to ${url} yet; ${room(count)}`;
  return warn(path, message, "`pulumi up` makes it, and `pulumi up --refresh` one that was deleted");
}

function delivered({ path, slug, events }: Hooked, hook: unknown, count: number): Finding {
  if (at(hook, "active") !== true)
    return bad(path, `the webhook of ${slug} is not active`, "`pulumi up --refresh`");
  const sent = listAt(hook, "events");
  const lacking = sent.includes("*") ? [] : events.filter((event) => !sent.includes(event));
  if (lacking.length > 0)
    return bad(path, `the webhook of ${slug} is not for ${lacking.join(", ")}`, "`pulumi up --refresh`");
  const code = numberAt(hook, "last_response", "code");
  const isUnused = ["", "unused", "pending"].includes(textAt(hook, "last_response", "status"));
  const last =
    code === 0 ? "has delivered nothing" : `had its last delivery answered with ${code.toString()}`;
  const what = `the webhook of ${slug} ${last}`;
  if (code >= 300 || (code === 0 && !isUnused)) {
    const said = shown(textAt(hook, "last_response", "message"));
    const fix = "see Recent Deliveries of the webhook, from where it can be delivered again";
    return bad(path, `${what}${said === "" ? "" : ` (${said})`}`, fix);
  }
  const message = `${what}${code === 0 ? " yet" : ""}; ${room(count)}`;
  return most - count <= few
    ? warn(path, message, "delete webhooks that are not needed")
    : good(path, message);
}

function room(count: number): string {
  return `${count.toString()} of ${most.toString()} webhooks are taken`;
}

/**
 * Checks what a token may write. GitHub does not list the permissions of a fine-grained token, but checks them before
 * it validates a request. So the doctor sends invalid requests, which create nothing.
 */
import type { Parsed } from "../../components/settings/parse.ts";
import type { Owner } from "../../components/names.ts";
import type { OwnerTokenKey } from "../../components/settings/github.ts";
import type { Examined, Finding } from "./finding.ts";
import { bad, good, unchecked } from "./finding.ts";
import { askGithub } from "./github-api.ts";
import { hookedPlaces } from "./hooks.ts";

export interface Right {
  /** The permission's name on GitHub's page for tokens. */
  readonly name: string;
  /** `owner/name` of the repository that the request is for, or the organization. */
  readonly slug: string;
  /** Where the permission is granted, as the fix names it. */
  readonly given: "the repositories" | "the organization";
  /** Relative to the API's URL. */
  readonly path: string;
  readonly body: object;
}

/** A commit that does not exist. */
const nothing = "0".repeat(40);

const webhooks = { name: "Webhooks", path: "hooks", body: { name: "web", config: {} } } as const;
const statuses = { name: "Commit statuses", path: `statuses/${nothing}`, body: { state: "pending" } };
const deployments = { name: "Deployments", path: "deployments", body: { ref: nothing } };

/** One repository of each owner suffices: a token has the same permissions in all that it reaches. */
export function rightsOf(settings: Parsed, token: OwnerTokenKey, owners: readonly Owner[]): Right[] {
  const slugs = settings.projects
    .filter(({ owner }) => owners.includes(owner))
    .flatMap(({ owner, repositories }) => repositories.map(({ slug }) => [owner, slug] as const));
  const firsts = new Map(slugs.toReversed());
  const { github, delivery } = settings;
  const reports = [
    ...(github.statuses ? [statuses] : []),
    ...(github.deployments && delivery.wait ? [deployments] : []),
  ];
  const all = [...firsts].flatMap(([owner, slug]) => {
    const places = hookedPlaces(settings, owner);
    const ofRepositories = token === "statusToken" ? reports : places.repositories ? [webhooks] : [];
    const ofOrganization = token === "githubToken" && places.organization ? [webhooks] : [];
    return [
      ...ofRepositories.map((one) => ({ ...one, slug, given: "the repositories" as const, place: "repos" })),
      ...ofOrganization.map((one) => ({
        ...one,
        slug: owner,
        given: "the organization" as const,
        place: "orgs",
      })),
    ];
  });
  return all.map(({ place, ...one }) => ({ ...one, path: `/${place}/${one.slug}/${one.path}` }));
}

export async function rightFindings(
  examined: Examined,
  path: string,
  token: string,
  { name, slug, given, path: address, body }: Right,
): Promise<Finding> {
  const { code, reason } = await askGithub(examined, address, token, {
    method: "POST",
    body: JSON.stringify(body),
  });
  if (code === 422) return good(path, `it may write ${name} of ${slug}`);
  const fix = `grant it '${name}: read and write' on ${given}`;
  if ([401, 403, 404].includes(code))
    return bad(path, `it may not write ${name} of ${slug} (${reason})`, fix);
  return unchecked(path, `cannot tell whether it may write ${name} of ${slug} (${reason})`);
}

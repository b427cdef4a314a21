/**
 * What a token may write. GitHub lists the rights of a fine-grained token nowhere, but looks at them before it looks at what it
 * is sent. So it is sent what it can only refuse, and nothing is made.
 */
import type { Parsed } from "../../components/settings/parse.ts";
import type { Owner } from "../../components/names.ts";
import type { OwnerToken } from "../../components/settings/github.ts";
import type { Examined, Finding } from "./finding.ts";
import { bad, good, unchecked } from "./finding.ts";
import { askGithub } from "./github-api.ts";

export interface Right {
  /** As GitHub calls it where tokens are made. */
  readonly name: string;
  /** `owner/name` of the repository that is asked. */
  readonly slug: string;
  /** Below the repository's address. */
  readonly path: string;
  readonly body: object;
}

/** A commit that there is none of. */
const nothing = "0".repeat(40);

const webhooks = { name: "Webhooks", path: "hooks", body: { name: "web", config: {} } };
const statuses = { name: "Commit statuses", path: `statuses/${nothing}`, body: { state: "pending" } };
const deployments = { name: "Deployments", path: "deployments", body: { ref: nothing } };

/** In one repository of each owner: a token has the same rights in all that it reaches. */
export function rightsOf(settings: Parsed, token: OwnerToken, owners: readonly Owner[]): Right[] {
  const slugs = settings.projects
    .filter(({ owner }) => owners.includes(owner))
    .flatMap(({ owner, repositories }) => repositories.map(({ slug }) => [owner, slug] as const));
  const firsts = new Map(slugs.toReversed());
  const { github, delivery } = settings;
  const reports = [
    ...(github.statuses ? [statuses] : []),
    ...(github.deployments && delivery.wait ? [deployments] : []),
  ];
  const wanted = token === "githubToken" ? [webhooks] : reports;
  return [...firsts.values()].flatMap((slug) => wanted.map((one) => ({ ...one, slug })));
}

export async function rightFindings(
  examined: Examined,
  path: string,
  token: string,
  { name, slug, path: below, body }: Right,
): Promise<Finding> {
  const { code, reason } = await askGithub(examined, `/repos/${slug}/${below}`, token, {
    method: "POST",
    body: JSON.stringify(body),
  });
  if (code === 422) return good(path, `it may write ${name} of ${slug}`);
  const fix = `give it '${name}: read and write' on the repositories`;
  if ([401, 403, 404].includes(code))
    return bad(path, `it may not write ${name} of ${slug} (${reason})`, fix);
  return unchecked(path, `whether it may write ${name} of ${slug} is not told (${reason})`);
}

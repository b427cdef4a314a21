/**
 * Which deliveries a dependency of a Sensor accepts. Argo Events matches a regular expression anywhere in a value, so
 * each is anchored.
 */
import type { Branch, BranchPattern, GitTagPattern, Owner, RepositoryName } from "../names.ts";
import { escapeRegExp, patternExpression } from "../derived-names.ts";
import type { AppEvent, DataFilter, WebhookEvent } from "../kinds/events.ts";
import { otherBranchRef } from "../ref-names.ts";

export function text(path: string, value: readonly string[]): DataFilter {
  return { path, type: "string", value };
}

/** A delivery of one kind, which the EventSource accepted by its SHA-256 signature. */
export function deliveryFilters(event: WebhookEvent | AppEvent): DataFilter[] {
  return [
    text("body.X-GitHub-Event", [`^${event}$`]),
    text("body.X-GitHub-Delivery", ["^[0-9A-Fa-f-]{36}$"]),
    // Older versions of GitHub sign with SHA-1 too, and the EventSource would accept that signature alone.
    text("headers.X-Hub-Signature-256.0", ["^sha256=[0-9a-f]{64}$"]),
  ];
}

/** A delivery for one of the repositories. */
export function repositoryFilter(owner: Owner, repositories: Repositories): DataFilter {
  return text(
    "body.repository.full_name",
    // GitHub's names are case-insensitive, and the case in a stack file may differ.
    repositories.map(({ name }) => `(?i)^${fullName(owner, name)}$`),
  );
}

type Repositories = readonly { readonly name: RepositoryName }[];

/** A regular expression for `owner/name`. */
export function fullName(owner: Owner, name: RepositoryName): string {
  return escapeRegExp(`${owner}/${name}`);
}

/** A push to the branch. */
export function branchFilters(branch: Branch, paths: readonly string[]): DataFilter[] {
  return [text("body.ref", [branchExpression(branch)]), ...changeFilters(paths)];
}

/** A push to another branch that the stack file names, if its name has the form that tags and labels need. */
export function otherBranchFilters(
  patterns: readonly BranchPattern[],
  branch: Branch,
  paths: readonly string[],
): DataFilter[] {
  return [
    text(
      "body.ref",
      patterns.map((one) => `^refs/heads/${patternExpression(one)}$`),
    ),
    text("body.ref", [`^${otherBranchRef}$`]),
    { ...text("body.ref", [branchExpression(branch)]), comparator: "!=" },
    ...changeFilters(paths),
  ];
}

function branchExpression(branch: Branch): string {
  return `^refs/heads/${escapeRegExp(branch)}$`;
}

/** A push that does not skip CI, and that changes one of the paths, if there are any. */
function changeFilters(paths: readonly string[]): DataFilter[] {
  return [
    { ...text("body.head_commit.message", ["\\[(skip ci|ci skip)\\]"]), comparator: "!=" },
    ...(paths.length === 0 ? [] : [pathFilter(paths)]),
  ];
}

/** At least 2,048 commits, the most that GitHub lists of a push: there may be more. */
const allListed = "(204[89]|20[5-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3}|[0-9]{5,}),";

/** A push that changes one of the paths, or whose payload does not list all changes. */
function pathFilter(paths: readonly string[]): DataFilter {
  // One JSON text: two booleans, the number of commits, then the names of files for each commit.
  const fields = "body.[forced,created,commits.#,commits.#.added,commits.#.modified,commits.#.removed]";
  const anything = [
    "^\\[true",
    "^\\[[a-z]+,true",
    `^\\[[a-z]+,[a-z]+,${allListed}`,
    ",\\[\\],\\[\\],\\[\\]\\]$",
  ];
  return text(fields, [...anything, ...paths.map((path) => `"${escapeRegExp(inJson(path))}(/|")`)]);
}

/** A text in Argo Events' JSON, without quotes: Go escapes characters with a meaning in HTML. */
function inJson(text: string): string {
  const escaped = (one: string) => `\\u00${one.charCodeAt(0).toString(16)}`;
  return JSON.stringify(text).slice(1, -1).replace(/[<>&]/g, escaped);
}

/** A push of a tag that the stack file names and that is valid for an image. The commit's message does not skip it. */
export function tagFilters(pattern: GitTagPattern): DataFilter[] {
  return [
    text("body.ref", [`^refs/tags/${patternExpression(pattern)}$`]),
    text("body.ref", ["^refs/tags/[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"]),
    text("body.head_commit.id", ["^[0-9a-f]{40}$"]),
  ];
}

/** A push of a commit, not the deletion of a branch or tag. */
export const pushedFilters: readonly DataFilter[] = [
  { path: "body.deleted", type: "bool", value: ["false"] },
  text("body.after", ["^[0-9a-f]{40}$"]),
  { ...text("body.after", ["^0{40}$"]), comparator: "!=" },
];

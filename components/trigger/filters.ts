/** Which deliveries a dependency of a Sensor lets through. Argo Events finds a regular expression anywhere in a value: each is anchored. */
import type { Branch, BranchPattern, GitTagPattern, Owner, RepositoryName } from "../names.ts";
import { escapeRegExp, patternExpression } from "../derived-names.ts";
import type { AppEvent, DataFilter, WebhookEvent } from "../kinds/events.ts";
import { otherBranchRef } from "../ref-names.ts";

export function text(path: string, value: readonly string[]): DataFilter {
  return { path, type: "string", value };
}

/** A delivery of one kind, which the EventSource has taken by its better signature. */
export function deliveryFilters(event: WebhookEvent | AppEvent): DataFilter[] {
  return [
    text("body.X-GitHub-Event", [`^${event}$`]),
    text("body.X-GitHub-Delivery", ["^[0-9A-Fa-f-]{36}$"]),
    // An older GitHub signs with SHA-1 too, and the EventSource would take that alone.
    text("headers.X-Hub-Signature-256.0", ["^sha256=[0-9a-f]{64}$"]),
  ];
}

/** Of one of the repositories. */
export function repositoryFilter(owner: Owner, repositories: Repositories): DataFilter {
  return text(
    "body.repository.full_name",
    // GitHub's names are the same in any case, and a stack file may write them in another than GitHub does.
    repositories.map(({ name }) => `(?i)^${fullName(owner, name)}$`),
  );
}

type Repositories = readonly { readonly name: RepositoryName }[];

/** A regular expression of `owner/name`. */
export function fullName(owner: Owner, name: RepositoryName): string {
  return escapeRegExp(`${owner}/${name}`);
}

/** A push to the branch. */
export function branchFilters(branch: Branch, paths: readonly string[]): DataFilter[] {
  return [text("body.ref", [branchExpression(branch)]), ...changeFilters(paths)];
}

/** A push to another branch that the stack names, if its name has the form that tags and labels need. */
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

/** A push that is to be built, and changes one of the paths where there are some. */
function changeFilters(paths: readonly string[]): DataFilter[] {
  return [
    { ...text("body.head_commit.message", ["\\[(skip ci|ci skip)\\]"]), comparator: "!=" },
    ...(paths.length === 0 ? [] : [pathFilter(paths)]),
  ];
}

/** As many commits as GitHub lists of a push, 2,048: there may be more of them. */
const allListed = "(204[89]|20[5-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3}|[0-9]{5,}),";

/** A push that changes one of the paths, or whose payload does not list all that it changes. */
function pathFilter(paths: readonly string[]): DataFilter {
  // One text of JSON: two booleans, the number of commits, then the names of files for each of them.
  const fields = "body.[forced,created,commits.#,commits.#.added,commits.#.modified,commits.#.removed]";
  const anything = [
    "^\\[true",
    "^\\[[a-z]+,true",
    `^\\[[a-z]+,[a-z]+,${allListed}`,
    ",\\[\\],\\[\\],\\[\\]\\]$",
  ];
  return text(fields, [...anything, ...paths.map((path) => `"${escapeRegExp(inJson(path))}(/|")`)]);
}

/** A text as Argo Events has it in JSON, without its quotes: Go escapes what means something in HTML. */
function inJson(text: string): string {
  const escaped = (one: string) => `\\u00${one.charCodeAt(0).toString(16)}`;
  return JSON.stringify(text).slice(1, -1).replace(/[<>&]/g, escaped);
}

/** Tags that the stack names and that are an image's tag too; an old tag's message skips nothing. */
export function tagFilters(pattern: GitTagPattern): DataFilter[] {
  return [
    text("body.ref", [`^refs/tags/${patternExpression(pattern)}$`]),
    text("body.ref", ["^refs/tags/[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"]),
    text("body.head_commit.id", ["^[0-9a-f]{40}$"]),
  ];
}

/** A push of a commit, and not the removal of what was at one. */
export const pushedFilters: readonly DataFilter[] = [
  { path: "body.deleted", type: "bool", value: ["false"] },
  text("body.after", ["^[0-9a-f]{40}$"]),
  { ...text("body.after", ["^0{40}$"]), comparator: "!=" },
];

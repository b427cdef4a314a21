/**
 * What a build of a pull request or of another branch has other than one of the project's own branch. One WorkflowTemplate builds them
 * all; which of them it is, its parameter `ref` says, by expressions of Argo's. What a stack does not build, its templates know
 * nothing of.
 */
import { branchSegment, tagOf } from "../../derived-names.ts";
import { ofOtherBranch, ofPullRequest, otherBranchRef } from "../../ref-names.ts";
import type { WorkflowParameter } from "../../kinds/workflows.ts";
import { takesForks } from "../../settings/places.ts";
import type { Build } from "../build.ts";
import { buildLabel } from "../programs/labels.ts";

type Part = Pick<Build, "repository" | "branch">;
type ReportedPart = Part & Pick<Build, "statuses">;

const ref = "workflow.parameters.ref";

/** What is built beside the branch, as expressions of Argo's. */
interface OtherRef {
  /** Whether it is that. */
  readonly is: string;
  /** What distinguishes it from others of its kind: the value of a label of its own. */
  readonly own: string;
  readonly ownLabel: string;
  readonly names: { readonly prefix: string; readonly suffix: string };
}

const pull: OtherRef = {
  is: `${ref} matches '^refs/pull/[1-9][0-9]{0,9}/head$'`,
  own: `split(${ref}, '/')[2]`,
  ownLabel: buildLabel.pullRequest,
  names: ofPullRequest,
};

const otherName = `trimPrefix(${ref}, 'refs/heads/')`;

function otherBranch({ branch }: Part): OtherRef {
  return {
    is: `${ref} matches '^${otherBranchRef}$' && ${ref} != 'refs/heads/${branch}'`,
    own: `replace(${otherName}, '/', '-')`,
    ownLabel: buildLabel.otherBranch,
    names: ofOtherBranch,
  };
}

/** What the template builds beside the branch. */
function otherRefs(build: Part): OtherRef[] {
  const { pullRequests, otherBranches } = build.repository;
  return [...(pullRequests ? [pull] : []), ...(otherBranches ? [otherBranch(build)] : [])];
}

/** Whether the template builds anything beside the branch. */
export function hasOtherRefs(build: Part): boolean {
  return otherRefs(build).length > 0;
}

/** An expression: whether it is any of them. */
function isOtherRef(build: Part): string {
  return otherRefs(build)
    .map(({ is }) => is)
    .join(" || ");
}

/** Nothing where there are none. */
function whereOtherRefs<Value extends object>(build: Part, value: Value): Partial<Value> {
  return hasOtherRefs(build) ? value : {};
}

/** An expression: what each of them has, or else the text of the branch. */
function choice(build: Part, text: (one: OtherRef) => string, otherwise: string): string {
  return [...otherRefs(build).map((one) => `${one.is} ? ${text(one)}`), `'${otherwise}'`].join(" : ");
}

/** A text of the manifest. */
function either(build: Part, text: (one: OtherRef) => string, otherwise: string): string {
  return hasOtherRefs(build) ? `{{=${choice(build, text, otherwise)}}}` : otherwise;
}

/** Whether a build is given where its commit must be from: by pull requests, comments and other branches, and by re-runs of check runs. */
export function takesRef(build: ReportedPart): boolean {
  return hasOtherRefs(build) || build.statuses?.app !== undefined;
}

/** Where the commit must be from; empty where the branch, or whoever has named the commit, is to be believed. */
export function refParameter({ repository: { otherBranches } }: Part): WorkflowParameter {
  const others = otherBranches ? "; refs/heads/<name> to build another branch" : "";
  return {
    name: "ref",
    description: `refs/pull/<number>/head to build a pull request; the branch's own, refs/heads/<branch>, to build a commit of it alone${others}.`,
    value: "",
  };
}

/** The tag of a commit's image, in which `{sha7}` stands for the commit's first seven characters. */
export function commitTag(build: Part): string {
  const { repository, branch } = build;
  return either(build, (one) => `${label(one)} + '-{sha7}'`, tagOf(repository.tags.commit, branch, "{sha7}"));
}

function label({ names, own }: OtherRef): string {
  return `'${names.prefix}' + ${own}`;
}

/** By which older builds of the same are found. */
export function branchLabel(build: Part): string {
  return either(build, label, branchSegment(build.branch));
}

/** The labels that a Workflow takes from `ref`. */
export function labelsFromRef(build: Part) {
  const own = otherRefs(build).map(
    (one) => [one.ownLabel, { expression: `${one.is} ? ${one.own} : ''` }] as const,
  );
  return whereOtherRefs(build, {
    [buildLabel.branch]: { expression: choice(build, label, branchSegment(build.branch)) },
    ...Object.fromEntries(own),
  });
}

/** The branch that is built, or into which a pull request is to be merged. */
export function branchName(build: Part): string {
  const { repository, branch } = build;
  return repository.otherBranches ? `{{=${otherBranch(build).is} ? ${otherName} : '${branch}'}}` : branch;
}

/** The same in an argument of the builder, which has no value of a Workflow in it. */
export function branchInArguments({ repository, branch }: Part): string {
  return repository.otherBranches ? "{env:_branch}" : branch;
}

/** The end of a commit status' name. */
export function statusSuffix(build: Part): string {
  return either(build, ({ names }) => `'${names.suffix}'`, "");
}

/** A cache that builds of the branch read is theirs alone to write: what others put there, they would take. */
export function writtenCache(build: Part, path: string): string {
  return hasOtherRefs(build) ? `{{=${isOtherRef(build)} ? '' : '${path}'}}` : path;
}

/** The image's name, as build.sh fills it in: a command holds no value of a Workflow. */
export function destination(build: Part): string {
  const tag = commitTag(build);
  return `${build.repository.image}:${isFilledIn(tag) ? "{own-tag}" : tag}`;
}

/** Whether Argo puts a value of the Workflow into it. */
function isFilledIn(text: string): boolean {
  return text.includes("{{");
}

/** For a builder that would try to write into the cache, and wait. */
export function cacheArguments(build: Part) {
  return whereOtherRefs(build, { isCacheRead: "{env:_readonly}" });
}

/** What build.sh fills in: the names begin as its own do, which no build argument has. */
export function builderEnvironment(build: Part): { readonly name: string; readonly value: string }[] {
  const [tag, branch] = [commitTag(build), branchName(build)];
  return [
    ...(isFilledIn(tag) ? [{ name: "_imagetag", value: tag }] : []),
    ...(isFilledIn(branch) ? [{ name: "_branch", value: branch }] : []),
    ...(hasOtherRefs(build) ? [{ name: "_readonly", value: `{{=${isOtherRef(build)}}}` }] : []),
  ];
}

/** What tip.sh asks for: of what the template does not build, tags and labels would be those of the branch. */
export function refEnvironment(build: ReportedPart): Record<string, string> {
  const taken = [isBranch(build), ...otherRefs(build).map(({ is }) => is)].join(" || ");
  return takesRef(build) ? { REF: `{{=${taken} ? ${ref} : 'no ref'}}` } : {};
}

/** Has tip.sh refuse what is of a fork, before anything of it is looked at. A push to another branch is of none, and named its commit. */
export function forkEnvironment(build: Build): Record<string, string> {
  const forks = takesForks(build.repository, build.cloneToken !== undefined) ? "named" : "never";
  const value = build.repository.otherBranches ? `{{=${otherBranch(build).is} ? '' : '${forks}'}}` : forks;
  return takesRef(build) ? { FORKS: value } : {};
}

/** What is for the branch alone: an expression that says so, of a task's `when`. */
export function onBranch(build: Part): string {
  return `{{=${isBranch(build)}}}`;
}

function isBranch({ branch }: Part): string {
  return `${ref} in ['', 'refs/heads/${branch}']`;
}

/** A task that is for the branch alone. */
export function ofBranch(build: Part) {
  return whereOtherRefs(build, { when: onBranch(build) });
}

/** A task that is for what is built beside it. */
export function ofOtherRefs(build: Part) {
  return { when: `{{=${isOtherRef(build)}}}` };
}

/**
 * How a build of a pull request or of another branch differs from one of the project's own branch. One WorkflowTemplate
 * builds all of them: Argo expressions over its parameter `ref` distinguish them. Templates contain nothing for what
 * the stack does not build.
 */
import { branchSegment, tagOf } from "../../derived-names.ts";
import { otherBranchNames, pullRequestNames, otherBranchRef } from "../../ref-names.ts";
import type { WorkflowParameter } from "../../kinds/workflows.ts";
import { takesForks } from "../../settings/places.ts";
import type { Build } from "../build.ts";
import { buildLabel } from "../programs/labels.ts";

type Part = Pick<Build, "repository" | "branch">;
type ReportedPart = Part & Pick<Build, "statuses">;

const ref = "workflow.parameters.ref";

/** A kind of ref that is built besides the branch, as Argo expressions. */
interface OtherRef {
  /** Whether `ref` is of this kind. */
  readonly is: string;
  /** What distinguishes it from others of its kind, and the value of its own label. */
  readonly own: string;
  readonly ownLabel: string;
  readonly names: { readonly prefix: string; readonly suffix: string };
}

const pull: OtherRef = {
  is: `${ref} matches '^refs/pull/[1-9][0-9]{0,9}/head$'`,
  own: `split(${ref}, '/')[2]`,
  ownLabel: buildLabel.pullRequest,
  names: pullRequestNames,
};

const otherName = `trimPrefix(${ref}, 'refs/heads/')`;

function otherBranch({ branch }: Part): OtherRef {
  return {
    is: `${ref} matches '^${otherBranchRef}$' && ${ref} != 'refs/heads/${branch}'`,
    own: `replace(${otherName}, '/', '-')`,
    ownLabel: buildLabel.otherBranch,
    names: otherBranchNames,
  };
}

/** The other kinds of refs that the template builds. */
function otherRefs(build: Part): OtherRef[] {
  const { pullRequests, otherBranches } = build.repository;
  return [...(pullRequests ? [pull] : []), ...(otherBranches ? [otherBranch(build)] : [])];
}

/** Whether the template builds other refs than the branch. */
export function hasOtherRefs(build: Part): boolean {
  return otherRefs(build).length > 0;
}

/** An expression: whether `ref` is of any of these kinds. */
function isOtherRef(build: Part): string {
  return otherRefs(build)
    .map(({ is }) => is)
    .join(" || ");
}

/** Empty if the template builds no other refs. */
function ifOtherRefs<Value extends object>(build: Part, value: Value): Partial<Value> {
  return hasOtherRefs(build) ? value : {};
}

/** An expression: the text for the kind of `ref`, or else the text for the branch. */
function choice(build: Part, text: (one: OtherRef) => string, otherwise: string): string {
  return [...otherRefs(build).map((one) => `${one.is} ? ${text(one)}`), `'${otherwise}'`].join(" : ");
}

/** The same as a text of a manifest. */
function either(build: Part, text: (one: OtherRef) => string, otherwise: string): string {
  return hasOtherRefs(build) ? `{{=${choice(build, text, otherwise)}}}` : otherwise;
}

/** Whether builds have the parameter `ref`: for pull requests, comments, other branches, and re-runs of check runs. */
export function takesRef(build: ReportedPart): boolean {
  return hasOtherRefs(build) || build.statuses?.app !== undefined;
}

/** The ref that must contain the commit; empty for the branch's own, or if whoever named the commit is trusted. */
export function refParameter({ repository: { otherBranches } }: Part): WorkflowParameter {
  const others = otherBranches ? "; refs/heads/<name> to build another branch" : "";
  return {
    name: "ref",
    description: `refs/pull/<number>/head to build a pull request; refs/heads/<branch> to build the commit only if it is on the project's branch${others}.`,
    value: "",
  };
}

/** The tag of a commit's image; `{sha7}` stands for the commit's first seven characters. */
export function commitTag(build: Part): string {
  const { repository, branch } = build;
  return either(build, (one) => `${label(one)} + '-{sha7}'`, tagOf(repository.tags.commit, branch, "{sha7}"));
}

function label({ names, own }: OtherRef): string {
  return `'${names.prefix}' + ${own}`;
}

/** The label by which older builds of the same ref are found. */
export function branchLabel(build: Part): string {
  return either(build, label, branchSegment(build.branch));
}

/** The labels that a Workflow takes from `ref`. */
export function labelsFromRef(build: Part) {
  const own = otherRefs(build).map(
    (one) => [one.ownLabel, { expression: `${one.is} ? ${one.own} : ''` }] as const,
  );
  return ifOtherRefs(build, {
    [buildLabel.branch]: { expression: choice(build, label, branchSegment(build.branch)) },
    ...Object.fromEntries(own),
  });
}

/** The branch that is built, or the base branch of a pull request. */
export function branchName(build: Part): string {
  const { repository, branch } = build;
  return repository.otherBranches ? `{{=${otherBranch(build).is} ? ${otherName} : '${branch}'}}` : branch;
}

/** The same in an argument of the builder, which must not contain a value of a Workflow. */
export function branchInArguments({ repository, branch }: Part): string {
  return repository.otherBranches ? "{env:_branch}" : branch;
}

/** The suffix of a commit status' name. */
export function statusSuffix(build: Part): string {
  return either(build, ({ names }) => `'${names.suffix}'`, "");
}

/** Only builds of the branch may write its cache, since they use what they find there. */
export function writtenCache(build: Part, path: string): string {
  return hasOtherRefs(build) ? `{{=${isOtherRef(build)} ? '' : '${path}'}}` : path;
}

/** The image's name for build.sh to fill in: a command must not contain a value of a Workflow. */
export function destination(build: Part): string {
  const tag = commitTag(build);
  return `${build.repository.image}:${isFilledIn(tag) ? "{own-tag}" : tag}`;
}

/** Whether Argo replaces a part of the text. */
function isFilledIn(text: string): boolean {
  return text.includes("{{");
}

/** For a builder that would otherwise wait while it retries to write into the cache. */
export function cacheArguments(build: Part) {
  return ifOtherRefs(build, { cacheReadOnly: "{env:_readonly}" });
}

/** The values that build.sh fills in. Like its own variables, they begin with `_`, which no build argument does. */
export function builderEnvironment(build: Part): { readonly name: string; readonly value: string }[] {
  const [tag, branch] = [commitTag(build), branchName(build)];
  return [
    ...(isFilledIn(tag) ? [{ name: "_imagetag", value: tag }] : []),
    ...(isFilledIn(branch) ? [{ name: "_branch", value: branch }] : []),
    ...(hasOtherRefs(build) ? [{ name: "_readonly", value: `{{=${isOtherRef(build)}}}` }] : []),
  ];
}

/** The ref for tip.sh, which refuses what the template does not build: it would get the branch's tags and labels. */
export function refEnvironment(build: ReportedPart): Record<string, string> {
  const taken = [isBranch(build), ...otherRefs(build).map(({ is }) => is)].join(" || ");
  return takesRef(build) ? { REF: `{{=${taken} ? ${ref} : 'no ref'}}` } : {};
}

/** Has tip.sh refuse commits of forks before the checkout. A push to another branch names a commit of no fork. */
export function forkEnvironment(build: Build): Record<string, string> {
  const forks = takesForks(build.repository, build.cloneToken !== undefined) ? "named" : "never";
  const value = build.repository.otherBranches ? `{{=${otherBranch(build).is} ? '' : '${forks}'}}` : forks;
  return takesRef(build) ? { FORKS: value } : {};
}

/** A `when` expression for tasks that run for the branch only. */
export function onBranch(build: Part): string {
  return `{{=${isBranch(build)}}}`;
}

function isBranch({ branch }: Part): string {
  return `${ref} in ['', 'refs/heads/${branch}']`;
}

/** Arguments of a task that runs for the branch only. */
export function ofBranch(build: Part) {
  return ifOtherRefs(build, { when: onBranch(build) });
}

/** Arguments of a task that runs for other refs only. */
export function ofOtherRefs(build: Part) {
  return { when: `{{=${isOtherRef(build)}}}` };
}

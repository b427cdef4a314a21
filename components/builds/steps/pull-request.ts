/**
 * What a build of a pull request has other than one of the branch. One WorkflowTemplate builds both; which of them it is, its parameter
 * `ref` tells, by expressions of Argo's. Where no pull requests are built, nothing of this is in the template.
 */
import { branchSegment, pullRequestPrefix, tagOf } from "../../derived-names.ts";
import { pullRequestSuffix } from "../../report-names.ts";
import type { WorkflowParameter } from "../../kinds/workflows.ts";
import { takesForks } from "../../settings/places.ts";
import type { Build } from "../build.ts";
import { buildLabel } from "../programs/labels.ts";
import { checked } from "./step.ts";

const ref = "workflow.parameters.ref";
const isPull = `${ref} matches '^refs/pull/[1-9][0-9]{0,9}/head$'`;
const number = `split(${ref}, '/')[2]`;

/** Where the commit must be from; empty where the branch, or whoever has named the commit, is to be believed. */
export const refParameter: WorkflowParameter = {
  name: "ref",
  description:
    "refs/pull/<number>/head to build a pull request; the branch's own, refs/heads/<branch>, to build a commit of it alone.",
  value: "",
};

type Part = Pick<Build, "repository" | "branch">;
type ReportedPart = Part & Pick<Build, "statuses">;

/** Whether a build is given where its commit must be from: by pull requests and comments, and by re-runs of check runs. */
export function takesRef({ repository, statuses }: ReportedPart): boolean {
  return repository.pullRequests || statuses?.app !== undefined;
}

/** Nothing where there are none. */
function wherePulls<Value extends object>({ repository }: Part, value: Value): Partial<Value> {
  return repository.pullRequests ? value : {};
}

/** A text of the manifest: the one for a pull request, an expression, or that for the branch. */
function either({ repository }: Part, pull: string, otherwise: string): string {
  return repository.pullRequests ? `{{=${isPull} ? ${pull} : '${otherwise}'}}` : otherwise;
}

/** The tag of a commit's image, in which `{sha7}` stands for the commit's first seven characters. */
export function commitTag(build: Part): string {
  const { repository, branch } = build;
  const own = `'${pullRequestPrefix}' + ${number} + '-{sha7}'`;
  return either(build, own, tagOf(repository.tags.commit, branch, "{sha7}"));
}

const label = `'${pullRequestPrefix}' + ${number}`;

/** By which older builds of the same are found. */
export function branchLabel(build: Part): string {
  return either(build, label, branchSegment(build.branch));
}

/** The labels that a Workflow takes from `ref`. */
export function labelsFromRef(build: Part) {
  return wherePulls(build, {
    [buildLabel.branch]: { expression: `${isPull} ? ${label} : '${branchSegment(build.branch)}'` },
    [buildLabel.pullRequest]: { expression: `${isPull} ? ${number} : ''` },
  });
}

/** The end of a commit status' name. */
export function statusSuffix(build: Part): string {
  return either(build, `'${pullRequestSuffix}'`, "");
}

/** A cache that builds of the branch read is theirs alone to write: what a pull request puts there, they would take. */
export function writtenCache(build: Part, path: string): string {
  return either(build, "''", path);
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
  return wherePulls(build, { isCacheRead: "{env:_readonly}" });
}

/** What build.sh fills in: the names begin as its own do, which no build argument has. */
export function builderEnvironment(build: Part): { readonly name: string; readonly value: string }[] {
  const tag = commitTag(build);
  return [
    ...(isFilledIn(tag) ? [{ name: "_imagetag", value: tag }] : []),
    ...(build.repository.pullRequests ? [{ name: "_readonly", value: `{{=${isPull}}}` }] : []),
  ];
}

/** What tip.sh asks for. */
export function refEnvironment(build: ReportedPart): Record<string, string> {
  if (build.repository.pullRequests) return { REF: checked(ref, "[A-Za-z0-9._/+#=@-]*", "no ref") };
  // Its tags and labels would be those of the branch.
  return takesRef(build) ? { REF: `{{=${isBranch(build)} ? ${ref} : 'no ref'}}` } : {};
}

/** Has tip.sh refuse what is of a fork, before anything of it is looked at. */
export function forkEnvironment(build: Build): Record<string, string> {
  const forks = takesForks(build.repository, build.cloneToken !== undefined) ? "named" : "never";
  return takesRef(build) ? { FORKS: forks } : {};
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
  return wherePulls(build, { when: onBranch(build) });
}

export const ofPull = { when: `{{=${isPull}}}` } as const;

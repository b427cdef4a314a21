/** Finds pushes that have started no build, judging by git, the registry and the Workflows. */
import type { DeclaredBuild } from "./declared.ts";
import type { Refs } from "./git-refs.ts";
import type { Registry } from "./registry.ts";
import type { Runs } from "./runs.ts";
import { newestOf } from "./runs.ts";

/** A commit or git tag without a build. */
export interface LostPush {
  readonly build: DeclaredBuild;
  readonly commit: string;
  /** The git tag; empty if it is the branch. */
  readonly tag: string;
  /** Undefined if the commit does not seem to have been built before. */
  readonly earlier: EarlierBuild | undefined;
  /** Whether a build of a git tag of the commit exists, which may have set the commit's status. */
  readonly hasTagRun: boolean;
  /** Identifies what was found: as long as the note is the same, so is the decision. */
  readonly note: string;
}

/** Says that the commit was built before, so that possibly nothing is lost. */
export interface EarlierBuild {
  /** The commit of the newest Workflow; empty if there is none. */
  readonly newest: string;
  /** Whether a Workflow built it for this branch. An image found only in the registry may be another branch's. */
  readonly byWorkflow: boolean;
}

export interface Sources {
  readonly refs: Refs;
  readonly runs: Runs;
  readonly registry: Registry;
  /** The git tags that are built; undefined if none are. */
  readonly tags: RegExp | undefined;
}

/** @throws Error if a source could not be read */
export async function findLost(build: DeclaredBuild, sources: Sources): Promise<LostPush[]> {
  const tip = sources.refs.get(`refs/heads/${build.branch}`) ?? "";
  const branch = tip === "" ? [] : await lostTip(build, tip, sources);
  return [...branch, ...(await lostTags(build, tip, sources))];
}

async function lostTip(build: DeclaredBuild, tip: string, { runs, registry }: Sources): Promise<LostPush[]> {
  const own = runs.ofBranch(build);
  const last = newestOf(own);
  if (runs.hasUnlabeled(build, tip) || last.some(({ commit }) => commit === tip)) return [];
  const image = await registry.digest(build.image, commitTag(build, tip));
  const moving = await registry.digest(build.image, build.movingTag);
  if (image !== undefined && image === moving) return [];
  const hasTagRun = runs.ofTags(build).some(({ commit }) => commit === tip);
  const byWorkflow = own.some(({ commit }) => commit === tip);
  const wasBuilt = byWorkflow || (image !== undefined && !hasTagRun);
  const earlier = wasBuilt ? { newest: last[0]?.commit ?? "", byWorkflow } : undefined;
  const note = [build.service, tip, moving ?? "none"].join(" ");
  return [{ build, commit: tip, tag: "", earlier, hasTagRun, note }];
}

/**
 * Only tags at the newest commit, or at one whose Workflow still exists: git does not record when a tag was pushed, and
 * old tags may never have been meant to be built.
 */
async function lostTags(build: DeclaredBuild, tip: string, sources: Sources): Promise<LostPush[]> {
  const { refs, runs, registry, tags } = sources;
  if (tags === undefined) return [];
  const builtTags = new Set(runs.ofTags(build).map(({ tag }) => tag));
  const recent = new Set([tip, ...runs.ofBranch(build).map(({ commit }) => commit)]);
  const lost: LostPush[] = [];
  for (const [ref, commit] of refs) {
    const tag = ref.replace(/^refs\/tags\//, "");
    if (tag === ref || !tags.test(tag) || !recent.has(commit) || builtTags.has(tag)) continue;
    if (runs.hasUnlabeled(build, commit) || (await registry.digest(build.image, tag)) !== undefined) continue;
    const note = [build.service, commit, tag].join(" ");
    lost.push({ build, commit, tag, earlier: undefined, hasTagRun: false, note });
  }
  return lost;
}

function commitTag({ commitTag: template }: DeclaredBuild, commit: string): string {
  return template.replaceAll("{sha7}", commit.slice(0, 7));
}

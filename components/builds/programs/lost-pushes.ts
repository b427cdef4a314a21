/** Which pushes have started no build, as far as git, the registry and the Workflows show. */
import type { DeclaredBuild } from "./declared.ts";
import type { Refs } from "./git-refs.ts";
import type { Registry } from "./registry.ts";
import type { Runs } from "./runs.ts";
import { lastOf } from "./runs.ts";

/** A commit, or a tag of git, that nothing has built. */
export interface Lost {
  readonly build: DeclaredBuild;
  readonly commit: string;
  /** The tag of git; empty where it is the branch. */
  readonly tag: string;
  /** Absent where nothing says that the commit was built before. */
  readonly built: Built | undefined;
  /** Whether only the build of a tag can have set the commit's status. */
  readonly hasTagRun: boolean;
  /** Names what was seen: as long as it is the same, so is what follows from it. */
  readonly note: string;
}

/** A commit that was built before, so that perhaps nothing is lost. */
export interface Built {
  /** The commit of the newest Workflow; empty where there is none. */
  readonly newest: string;
  /** Whether a Workflow has built it for this branch. What only the registry has may be another branch's, of the same tag. */
  readonly byWorkflow: boolean;
}

/** Where to look, and what is known from before. */
export interface Sources {
  readonly refs: Refs;
  readonly runs: Runs;
  readonly registry: Registry;
  /** The tags that are built; absent where none is. */
  readonly tags: RegExp | undefined;
}

/** @throws Error that says what could not be asked */
export async function lostOf(build: DeclaredBuild, sources: Sources): Promise<Lost[]> {
  const tip = sources.refs.get(`refs/heads/${build.branch}`) ?? "";
  const branch = tip === "" ? [] : await lostTip(build, tip, sources);
  return [...branch, ...(await lostTags(build, tip, sources))];
}

async function lostTip(build: DeclaredBuild, tip: string, { runs, registry }: Sources): Promise<Lost[]> {
  const own = runs.ofBranch(build);
  const last = lastOf(own);
  if (runs.hasNew(build, tip) || last.some(({ commit }) => commit === tip)) return [];
  const image = await registry.digest(build.image, commitTag(build, tip));
  const moving = await registry.digest(build.image, build.movingTag);
  if (image !== undefined && image === moving) return [];
  const hasTagRun = runs.ofTags(build).some(({ commit }) => commit === tip);
  const byWorkflow = own.some(({ commit }) => commit === tip);
  const wasBuilt = byWorkflow || (image !== undefined && !hasTagRun);
  const built = wasBuilt ? { newest: last[0]?.commit ?? "", byWorkflow } : undefined;
  const note = [build.service, tip, moving ?? "none"].join(" ");
  return [{ build, commit: tip, tag: "", built, hasTagRun, note }];
}

/**
 * Tags at the newest commit, or at one whose Workflow still exists: nothing says when a tag was pushed, and old ones may never have
 * been meant to be built.
 */
async function lostTags(build: DeclaredBuild, tip: string, sources: Sources): Promise<Lost[]> {
  const { refs, runs, registry, tags } = sources;
  if (tags === undefined) return [];
  const taken = new Set(runs.ofTags(build).map(({ tag }) => tag));
  const recent = new Set([tip, ...runs.ofBranch(build).map(({ commit }) => commit)]);
  const lost: Lost[] = [];
  for (const [ref, commit] of refs) {
    const tag = ref.replace(/^refs\/tags\//, "");
    if (tag === ref || !tags.test(tag) || !recent.has(commit) || taken.has(tag)) continue;
    if (runs.hasNew(build, commit) || (await registry.digest(build.image, tag)) !== undefined) continue;
    const note = [build.service, commit, tag].join(" ");
    lost.push({ build, commit, tag, built: undefined, hasTagRun: false, note });
  }
  return lost;
}

function commitTag({ commitTag: template }: DeclaredBuild, commit: string): string {
  return template.replaceAll("{sha7}", commit.slice(0, 7));
}

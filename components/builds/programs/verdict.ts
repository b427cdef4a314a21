/** Decides whether a push without a build should be built, by its commits and their statuses on GitHub. */
import { createHash } from "node:crypto";
import { checkStateOf } from "./checks.ts";
import { commitMessage, compare, stateOf } from "./commits.ts";
import type { Reader } from "./commits.ts";
import type { DeclaredBuild } from "./declared.ts";
import type { LostPush } from "./lost-pushes.ts";
import type { Registry } from "./registry.ts";

export interface Sources {
  readonly registry: Registry;
  /** Reads the commits of the build's repository. */
  readonly commits: Reader;
  /** Reads their statuses. */
  readonly statuses: Reader;
}

/**
 * The end of the name of the Workflow that should build it, always the same for a push; undefined if nothing should be
 * built.
 *
 * @throws Error if a source could not be read
 */
export async function verdict(lost: LostPush, sources: Sources): Promise<string | undefined> {
  if (lost.tag !== "") return (await hasFailed(lost, sources)) ? undefined : shortHash(lost.tag);
  if (skipsCi(await commitMessage(sources.commits, lost.commit))) return undefined;
  const resetSuffix =
    lost.earlier === undefined ? undefined : await suffixIfReset(lost, lost.earlier.newest, sources);
  if (resetSuffix !== undefined || lost.earlier?.byWorkflow === true) return resetSuffix;
  if (!lost.hasTagRun && (await hasEnded(lost, sources))) return undefined;
  const last = await sources.registry.revision(lost.build.image, lost.build.movingTag);
  if (last === lost.commit) return undefined;
  return (await isRelevant(lost, last, sources)) ? "catch-up" : undefined;
}

/** The same rule as the Sensor's filter. */
function skipsCi(message: string): boolean {
  return /\[(skip ci|ci skip)\]/.test(message);
}

/** A pending status does not count: without a Workflow, its build was lost too. */
async function hasEnded(lost: LostPush, sources: Sources): Promise<boolean> {
  return ["success", "failure", "error"].includes(await reportedState(lost, sources));
}

async function hasFailed(lost: LostPush, sources: Sources): Promise<boolean> {
  return ["failure", "error"].includes(await reportedState(lost, sources));
}

/** The state that builds have reported for a commit; empty if none has. */
async function reportedState({ build, commit }: LostPush, { statuses }: Sources): Promise<string> {
  const { context, app } = build;
  if (context === "") return "";
  return app === undefined
    ? stateOf(statuses, commit, context)
    : checkStateOf(statuses, commit, { name: context, app });
}

/**
 * The suffix for a branch that was reset to a commit before the last one that was built; undefined if it was not reset.
 *
 * @param newest the commit of the newest Workflow; if empty, the image's commit is used
 */
async function suffixIfReset(
  { build, commit }: LostPush,
  newest: string,
  sources: Sources,
): Promise<string | undefined> {
  const from = newest === "" ? await sources.registry.revision(build.image, build.movingTag) : newest;
  if (from === "" || from === commit) return undefined;
  const comparison = await compare(sources.commits, commit, from);
  const isReset = comparison?.status === "ahead" || comparison?.status === "diverged";
  return isReset ? from.slice(0, 8) : undefined;
}

/** The same rule as the Sensor's: a forced push, or one whose changes are not all listed, is relevant. */
async function isRelevant({ build, commit }: LostPush, last: string, { commits }: Sources): Promise<boolean> {
  if (build.paths.length === 0 || last === "") return true;
  const comparison = await compare(commits, last, commit);
  if (comparison?.status !== "ahead") return true;
  return comparison.files?.some((file) => isUnder(file, build)) ?? true;
}

function isUnder(file: string, { paths }: DeclaredBuild): boolean {
  return paths.some((path) => file === path || file.startsWith(`${path}/`));
}

/** Eight characters, as many as the delivery's part of a Workflow's name. */
function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

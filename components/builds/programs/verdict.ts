/** Whether the push that nothing has built is to be built: what GitHub knows of its commits decides. */
import { createHash } from "node:crypto";
import { checkStateOf } from "./checks.ts";
import { commitMessage, compare, stateOf } from "./commits.ts";
import type { Reader } from "./commits.ts";
import type { DeclaredBuild } from "./declared.ts";
import type { Lost } from "./lost-pushes.ts";
import type { Registry } from "./registry.ts";

export interface Judges {
  readonly registry: Registry;
  /** Reads the commits of a build's repository. */
  readonly commits: Reader;
  /** Reads their statuses. */
  readonly statuses: Reader;
}

/**
 * The end of the name of the Workflow that is to build it, which is the same each time; undefined where nothing is to be built.
 *
 * @throws Error that says what could not be asked
 */
export async function verdict(lost: Lost, judges: Judges): Promise<string | undefined> {
  if (lost.tag !== "") return (await hasFailed(lost, judges)) ? undefined : shortHash(lost.tag);
  if (skips(await commitMessage(judges.commits, lost.commit))) return undefined;
  const back = lost.built === undefined ? undefined : await setBack(lost, lost.built.newest, judges);
  if (back !== undefined || lost.built?.byWorkflow === true) return back;
  if (!lost.hasTagRun && (await hasEnded(lost, judges))) return undefined;
  const last = await judges.registry.revision(lost.build.image, lost.build.movingTag);
  if (last === lost.commit) return undefined;
  return (await matters(lost, last, judges)) ? "catch-up" : undefined;
}

/** As the Sensor's filter has it. */
function skips(message: string): boolean {
  return /\[(skip ci|ci skip)\]/.test(message);
}

/** A status that is pending without a Workflow is of a build that was lost itself. */
async function hasEnded(lost: Lost, judges: Judges): Promise<boolean> {
  return ["success", "failure", "error"].includes(await reportedState(lost, judges));
}

async function hasFailed(lost: Lost, judges: Judges): Promise<boolean> {
  return ["failure", "error"].includes(await reportedState(lost, judges));
}

/** What builds have said of a commit; empty where they have said nothing. */
async function reportedState({ build, commit }: Lost, { statuses }: Judges): Promise<string> {
  const { context, app } = build;
  if (context === "") return "";
  return app === undefined
    ? stateOf(statuses, commit, context)
    : checkStateOf(statuses, commit, { name: context, app });
}

/**
 * A branch that stands where it stood before a later commit was built has been set back to it.
 *
 * @param newest the commit of the newest Workflow; empty where there is none, so that the image decides
 */
async function setBack({ build, commit }: Lost, newest: string, judges: Judges): Promise<string | undefined> {
  const from = newest === "" ? await judges.registry.revision(build.image, build.movingTag) : newest;
  if (from === "" || from === commit) return undefined;
  const comparison = await compare(judges.commits, commit, from);
  const isSetBack = comparison?.status === "ahead" || comparison?.status === "diverged";
  return isSetBack ? from.slice(0, 8) : undefined;
}

/** As the Sensor takes pushes: one that is forced, or whose changes are not all named, matters. */
async function matters({ build, commit }: Lost, last: string, { commits }: Judges): Promise<boolean> {
  if (build.paths.length === 0 || last === "") return true;
  const comparison = await compare(commits, last, commit);
  if (comparison?.status !== "ahead") return true;
  return comparison.files?.some((file) => isUnder(file, build)) ?? true;
}

function isUnder(file: string, { paths }: DeclaredBuild): boolean {
  return paths.some((path) => file === path || file.startsWith(`${path}/`));
}

/** Eight characters, as many as a delivery has in the name of a Workflow. */
function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Reports the state of a Deployment that GitHub did not accept at the time. */
import type { DeploymentReport, GitHub, KnownDeployment } from "./github.ts";
import { findDeployment, findDeploymentStatus, openDeployment, setDeployment } from "./github.ts";
import { parseJson, textAt } from "./json.ts";
import type { UnreportedDeployment } from "./unreported.ts";
import { isAfter, taken } from "./unreported.ts";

/**
 * @param pace awaited before each write
 * @throws Refusal if GitHub does not accept it
 */
export async function postDeployment(
  note: UnreportedDeployment,
  github: GitHub,
  pace: () => Promise<void>,
): Promise<void> {
  const id =
    note.id === "" ? await createUnlessNewer(note, github, pace) : await unlessReported(note, github);
  if (id === "") return;
  const report = await asOfNow({ ...note, id }, github);
  await pace();
  taken(await setDeployment(github, { ...report, environmentUrl: note.environmentUrl }));
}

/** GitHub's ID of it; empty if it has a newer status since. */
async function unlessReported(note: UnreportedDeployment, github: GitHub): Promise<string> {
  const { time } = await lastReported(github, note.id);
  return isAfter(note, time) ? "" : note.id;
}

/** @returns GitHub's ID of it, created if necessary; empty if the environment has a newer Deployment */
async function createUnlessNewer(
  note: UnreportedDeployment,
  github: GitHub,
  pace: () => Promise<void>,
): Promise<string> {
  const { commit, environment, environmentUrl } = note;
  const newest = await newestOf(github, environment);
  // It exists, but has no status: created by a request whose answer was lost, or by an earlier run.
  const isOwn = newest.commit === commit && (await lastReported(github, newest.id)).state === "";
  if (isOwn) return newest.id;
  if (isAfter(note, newest.opened)) return "";
  await pace();
  const opened = await openDeployment(github, { commit, environment, environmentUrl });
  taken(opened.answer);
  return opened.id;
}

type DeploymentState = Pick<
  DeploymentReport,
  "id" | "commit" | "environment" | "state" | "description" | "leavesOthers"
>;

/** GitHub sets all other Deployments to inactive after a success, including newer ones. */
async function asOfNow(note: UnreportedDeployment, github: GitHub): Promise<DeploymentState> {
  if (note.state !== "success") return note;
  const newest = await newestOf(github, note.environment);
  if (newest.id === note.id) return note;
  const { state } = await lastReported(github, newest.id);
  return state === "success"
    ? { ...note, state: "inactive", description: "a newer commit took its place" }
    : { ...note, leavesOthers: true };
}

async function newestOf(github: GitHub, environment: string): Promise<KnownDeployment> {
  const newest = await findDeployment(github, { environment });
  taken(newest.answer);
  return newest;
}

/** The last state of a Deployment on GitHub, and when it was set; both empty if it has none. */
async function lastReported(github: GitHub, id: string) {
  const last = parseJson(taken(await findDeploymentStatus(github, id)).text);
  return { state: textAt(last, "0", "state"), time: textAt(last, "0", "created_at") };
}

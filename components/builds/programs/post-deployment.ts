/** Reports the state of a Deployment that GitHub did not take when it was new. */
import type { DeploymentReport, GitHub, KnownDeployment } from "./github.ts";
import { findDeployment, findDeploymentStatus, openDeployment, setDeployment } from "./github.ts";
import { parseJson, textAt } from "./json.ts";
import type { UnreportedDeployment } from "./unreported.ts";
import { isAfter, taken } from "./unreported.ts";

/**
 * @param pace is awaited before each write
 * @throws Refusal where GitHub does not take it
 */
export async function postDeployment(
  note: UnreportedDeployment,
  github: GitHub,
  pace: () => Promise<void>,
): Promise<void> {
  const number =
    note.number === "" ? await openUnlessNewer(note, github, pace) : await unlessReported(note, github);
  if (number === "") return;
  const said = await asOfNow({ ...note, number }, github);
  await pace();
  taken(await setDeployment(github, { ...said, page: note.address }));
}

/** What GitHub calls it; empty where it has heard of it since. */
async function unlessReported(note: UnreportedDeployment, github: GitHub): Promise<string> {
  const { time } = await lastReported(github, note.number);
  return isAfter(note, time) ? "" : note.number;
}

/** What GitHub calls it; empty where a newer one has come, which is what its environment shows. */
async function openUnlessNewer(
  note: UnreportedDeployment,
  github: GitHub,
  pace: () => Promise<void>,
): Promise<string> {
  const { commit, environment, address: page } = note;
  const newest = await newestOf(github, environment);
  // It was opened after all, by a request whose answer was lost, or by an earlier look, and nothing was said of it.
  const isOwn = newest.commit === commit && (await lastReported(github, newest.number)).state === "";
  if (isOwn) return newest.number;
  if (isAfter(note, newest.opened)) return "";
  await pace();
  const opened = await openDeployment(github, { commit, environment, page });
  taken(opened.answer);
  return opened.number;
}

type Said = Pick<
  DeploymentReport,
  "number" | "commit" | "environment" | "state" | "description" | "leavesOthers"
>;

/** A success ends the Deployments before it, and GitHub does not distinguish them from those after it. */
async function asOfNow(note: UnreportedDeployment, github: GitHub): Promise<Said> {
  if (note.state !== "success") return note;
  const newest = await newestOf(github, note.environment);
  if (newest.number === note.number) return note;
  const { state } = await lastReported(github, newest.number);
  return state === "success"
    ? { ...note, state: "inactive", description: "a newer commit took its place" }
    : { ...note, leavesOthers: true };
}

async function newestOf(github: GitHub, environment: string): Promise<KnownDeployment> {
  const newest = await findDeployment(github, { environment });
  taken(newest.answer);
  return newest;
}

/** The state that a Deployment has at GitHub, and when it was set; both empty where it has none. */
async function lastReported(github: GitHub, number: string) {
  const last = parseJson(taken(await findDeploymentStatus(github, number)).text);
  return { state: textAt(last, "0", "state"), time: textAt(last, "0", "created_at") };
}

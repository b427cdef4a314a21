/** What GitHub is told late of a Deployment. */
import type { DeploymentReport, GitHub, KnownDeployment } from "./github.ts";
import { findDeployment, findDeploymentStatus, openDeployment, setDeployment } from "./github.ts";
import { parseJson, textAt } from "./json.ts";
import type { UntoldDeployment } from "./untold.ts";
import { isAfter, taken } from "./untold.ts";

/**
 * @param pace is awaited before each write
 * @throws Refusal where GitHub does not take it
 */
export async function tellDeployment(
  note: UntoldDeployment,
  github: GitHub,
  pace: () => Promise<void>,
): Promise<void> {
  const number = note.number === "" ? await openLate(note, github, pace) : await stillOwed(note, github);
  if (number === "") return;
  const said = await asOfNow({ ...note, number }, github);
  await pace();
  taken(await setDeployment(github, { ...said, page: note.address }));
}

/** What GitHub calls it; empty where it has heard of it since. */
async function stillOwed(note: UntoldDeployment, github: GitHub): Promise<string> {
  const { told } = await lastSaid(github, note.number);
  return isAfter(note, told) ? "" : note.number;
}

/** What GitHub calls it; empty where a newer one has come, which is what its environment shows. */
async function openLate(note: UntoldDeployment, github: GitHub, pace: () => Promise<void>): Promise<string> {
  const { commit, environment, address: page } = note;
  const newest = await newestOf(github, environment);
  // It was opened after all, by a request whose answer was lost, or by an earlier look, and nothing was said of it.
  const isOwn = newest.commit === commit && (await lastSaid(github, newest.number)).state === "";
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

/** A success ends the Deployments before it, and GitHub does not tell them from those after it. */
async function asOfNow(note: UntoldDeployment, github: GitHub): Promise<Said> {
  if (note.state !== "success") return note;
  const newest = await newestOf(github, note.environment);
  if (newest.number === note.number) return note;
  const { state } = await lastSaid(github, newest.number);
  return state === "success"
    ? { ...note, state: "inactive", description: "a newer commit took its place" }
    : { ...note, leavesOthers: true };
}

async function newestOf(github: GitHub, environment: string): Promise<KnownDeployment> {
  const newest = await findDeployment(github, { environment });
  taken(newest.answer);
  return newest;
}

/** The state that a Deployment has, and when GitHub was told of it; both empty where it was told of none. */
async function lastSaid(github: GitHub, number: string) {
  const last = parseJson(taken(await findDeploymentStatus(github, number)).text);
  return { state: textAt(last, "0", "state"), told: textAt(last, "0", "created_at") };
}

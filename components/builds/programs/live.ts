/**
 * Waits until what was built is rolled out, and reports that to GitHub as a Deployment of the commit. Ends with 0 where it is, where a
 * newer image took its place, or where a sync window has it wait; with 1 where it failed, took too long or was stopped.
 *
 * APPLICATIONS  names of the Applications that follow the image, separated by spaces
 * TIME_LIMIT    seconds to wait
 * RETRIES       how often the step was tried before
 * TELL_AFTER    seconds that a state must last before it is reported to GitHub, 0 where each is reported; the last is reported at once
 * CREATED       when the Workflow was made, in seconds since 1970
 * COMMIT        the full commit
 * ENVIRONMENT   GitHub's name of where it runs
 * PAGE          address of what runs; may be empty
 * GITHUB_API    and the other variables of github.ts; empty where nothing is reported to GitHub
 * WORKFLOW      the own Workflow's name
 * WORKFLOW_NAMESPACE  and its namespace
 * RESULTS       folder, for the output:
 *   seconds     from the Workflow's making until the image ran; 0 where it did not come to that
 * ...           the variables of follow.ts, reminder.ts and kubernetes.ts
 */
import { deploymentVariables, Report } from "./deployment.ts";
import type { Variables } from "./environment.ts";
import { readVariables, writeResult } from "./environment.ts";
import type { End } from "./follow.ts";
import { follow, followVariables } from "./follow.ts";
import { githubVariables } from "./github.ts";
import { runProgram } from "./program.ts";
import { Reminder, reminderVariables } from "./reminder.ts";
import { words } from "./text.ts";

export const variables = [
  "APPLICATIONS",
  "TIME_LIMIT",
  "CREATED",
  "RESULTS",
  ...deploymentVariables,
  ...followVariables,
  ...reminderVariables,
  ...githubVariables,
] as const;
type Given = Variables<(typeof variables)[number]>;

/** How it ended, as GitHub names it. */
interface Outcome {
  readonly state: "success" | "queued" | "inactive" | "failure" | "error";
  readonly description: string;
}

if (import.meta.main) await runProgram(() => live(readVariables(variables)));

async function live(given: Given): Promise<boolean> {
  writeResult(given.RESULTS, "seconds", "0");
  const stop = stopped();
  const report = await Report.open(given);
  report.say("queued", "waiting for Argo CD");
  const { state, description } = await Promise.race([stop, followAll(given, report)]);
  await report.end(state, description);
  return ["success", "queued", "inactive"].includes(state);
}

/** A build that is stopped gets this signal first, and some time to end by itself. */
function stopped(): Promise<Outcome> {
  return new Promise((done) => {
    process.once("SIGTERM", () => done({ state: "error", description: "stopped" }));
  });
}

async function followAll(given: Given, report: Report): Promise<Outcome> {
  const until = now() + Number(given.TIME_LIMIT);
  const watch = {
    given,
    reminder: new Reminder(given),
    start: () => report.start(),
    isOver: () => now() >= until,
  };
  const ends: End[] = [];
  for (const name of words(given.APPLICATIONS)) {
    const end = await follow(name, watch);
    const ended = ending(end, given);
    if (ended !== undefined) return ended;
    if (end.state !== "held") report.start();
    ends.push(end);
  }
  return outcomeOf(ends, given);
}

/** How one Application ends the waiting for all. */
function ending({ state, why }: End, { TIME_LIMIT: limit }: Given): Outcome | undefined {
  if (state === "replaced") return { state: "inactive", description: why };
  if (state === "failed") return { state: "failure", description: why };
  return state === "late"
    ? { state: "failure", description: `not live after ${limit} s: ${why}` }
    : undefined;
}

function outcomeOf(ends: readonly End[], { CREATED: created, RESULTS: results }: Given): Outcome {
  const held = ends.find(({ state }) => state === "held");
  if (held !== undefined) return { state: "queued", description: held.why };
  const seconds = (now() - Number(created)).toString();
  const idle = ends.filter(({ state }) => state === "idle").map(({ why }) => why);
  if (idle.length > 0)
    return { state: "success", description: `rolled out ${seconds} s after the push: ${idle.join("; ")}` };
  writeResult(results, "seconds", seconds);
  return { state: "success", description: `live ${seconds} s after the push` };
}

/** In whole seconds, as Argo counts them. */
function now(): number {
  return Math.floor(Date.now() / 1000);
}

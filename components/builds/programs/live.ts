/**
 * Waits until the image is rolled out, and reports this to GitHub as a Deployment of the commit. Exits with 0 if it is
 * rolled out, if a newer image replaced it, or if a sync window blocks it; with 1 if the rollout failed, took too long
 * or was stopped.
 *
 * APPLICATIONS  names of the Applications that follow the image, separated by spaces
 * TIME_LIMIT    seconds to wait
 * RETRIES       number of earlier attempts of this step
 * REPORT_AFTER    seconds that a state must last to be reported to GitHub, 0 for all; the last is reported at once
 * CREATED       when the Workflow was created, in seconds since 1970
 * COMMIT        the full commit
 * ENVIRONMENT   name of the environment on GitHub
 * PAGE          URL of the running application; may be empty
 * GITHUB_API    and the other variables of github.ts; empty if nothing is reported to GitHub
 * WORKFLOW      name of this build's Workflow
 * WORKFLOW_NAMESPACE  its namespace
 * RESULTS       folder for the output:
 *   seconds     from the creation of the Workflow until the image ran; 0 if it does not run
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
type Env = Variables<(typeof variables)[number]>;

/** The outcome, in GitHub's states of a Deployment. */
interface Outcome {
  readonly state: "success" | "queued" | "inactive" | "failure" | "error";
  readonly description: string;
}

if (import.meta.main) await runProgram(() => live(readVariables(variables)));

async function live(env: Env): Promise<boolean> {
  writeResult(env.RESULTS, "seconds", "0");
  const stop = stopped();
  const report = await Report.open(env);
  report.set("queued", "waiting for Argo CD");
  const { state, description } = await Promise.race([stop, followAll(env, report)]);
  await report.end(state, description);
  return ["success", "queued", "inactive"].includes(state);
}

/** When a build is stopped, its pods receive SIGTERM and have a grace period. */
function stopped(): Promise<Outcome> {
  return new Promise((done) => {
    process.once("SIGTERM", () => done({ state: "error", description: "stopped" }));
  });
}

async function followAll(env: Env, report: Report): Promise<Outcome> {
  const until = now() + Number(env.TIME_LIMIT);
  const watch = {
    env,
    reminder: new Reminder(env),
    start: () => report.start(),
    isOver: () => now() >= until,
  };
  const ends: End[] = [];
  for (const name of words(env.APPLICATIONS)) {
    const end = await follow(name, watch);
    const ended = ending(end, env);
    if (ended !== undefined) return ended;
    if (end.state !== "held") report.start();
    ends.push(end);
  }
  return outcomeOf(ends, env);
}

/** The outcome, if this Application ends the wait for all. */
function ending({ state, why }: End, { TIME_LIMIT: limit }: Env): Outcome | undefined {
  if (state === "replaced") return { state: "inactive", description: why };
  if (state === "failed") return { state: "failure", description: why };
  return state === "late"
    ? { state: "failure", description: `not live after ${limit} s: ${why}` }
    : undefined;
}

function outcomeOf(ends: readonly End[], { CREATED: created, RESULTS: results }: Env): Outcome {
  const held = ends.find(({ state }) => state === "held");
  if (held !== undefined) return { state: "queued", description: held.why };
  const seconds = (now() - Number(created)).toString();
  const idle = ends.filter(({ state }) => state === "idle").map(({ why }) => why);
  if (idle.length > 0)
    return { state: "success", description: `rolled out ${seconds} s after the push: ${idle.join("; ")}` };
  writeResult(results, "seconds", seconds);
  return { state: "success", description: `live ${seconds} s after the push` };
}

/** In whole seconds, like Argo's times. */
function now(): number {
  return Math.floor(Date.now() / 1000);
}

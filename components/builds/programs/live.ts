/**
 * Waits until what was built runs, and tells GitHub how that goes: a Deployment of the commit. Ends with 0 where it runs, or where a newer
 * image took its place; with 1 where it failed, took too long or was stopped.
 *
 * APPLICATIONS  names of the Applications that follow the image, separated by spaces
 * BY_COMMIT     those of them that have it by a commit of the Image Updater's, separated by spaces
 * NAMESPACE     theirs
 * IMAGE         the image, without a tag
 * DIGEST        of the image
 * TIME_LIMIT    seconds to wait
 * CREATED       when the Workflow was made, in seconds since 1970
 * COMMIT        the full commit
 * ENVIRONMENT   GitHub's name of where it runs
 * PAGE          address of what runs; may be empty
 * GITHUB_API    and the other variables of github.ts; empty where GitHub is not to be told
 * RESULTS       folder, for the output:
 *   seconds     from the Workflow's making until the image ran; 0 where it did not come to that
 * ...           the variables of kubernetes.ts
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Look } from "./application.ts";
import { look } from "./application.ts";
import { Report } from "./deployment.ts";
import type { Variables } from "./environment.ts";
import { readVariables, writeResult } from "./environment.ts";
import { githubVariables } from "./github.ts";
import { parseJson } from "./json.ts";
import type { ObjectPath } from "./kubernetes.ts";
import { isDone, patch, read } from "./kubernetes.ts";
import { runProgram } from "./program.ts";
import { words } from "./text.ts";

export const variables = [
  "APPLICATIONS",
  "BY_COMMIT",
  "NAMESPACE",
  "IMAGE",
  "DIGEST",
  "TIME_LIMIT",
  "CREATED",
  "COMMIT",
  "ENVIRONMENT",
  "PAGE",
  "RESULTS",
  ...githubVariables,
] as const;
type Given = Variables<(typeof variables)[number]>;

/** How it ended, as GitHub names it. */
interface Outcome {
  readonly state: "success" | "inactive" | "failure" | "error";
  readonly description: string;
}

if (import.meta.main) await runProgram(() => live(readVariables(variables)));

async function live(given: Given): Promise<boolean> {
  writeResult(given.RESULTS, "seconds", "0");
  const stop = stopped();
  const report = await Report.open(given);
  await report.say("queued", "waiting for Argo CD");
  const { state, description } = await Promise.race([stop, followAll(given, report)]);
  await report.end(state, description);
  return state === "success" || state === "inactive";
}

/** A build that is stopped gets this signal first, and some time to end by itself. */
function stopped(): Promise<Outcome> {
  return new Promise((done) => {
    process.once("SIGTERM", () => done({ state: "error", description: "stopped" }));
  });
}

async function followAll(given: Given, report: Report): Promise<Outcome> {
  const until = now() + Number(given.TIME_LIMIT);
  for (const name of words(given.APPLICATIONS)) {
    const outcome = await follow(name, { given, report, until });
    if (outcome !== undefined) return outcome;
    await report.start();
  }
  const seconds = (now() - Number(given.CREATED)).toString();
  writeResult(given.RESULTS, "seconds", seconds);
  return { state: "success", description: `live ${seconds} s after the push` };
}

interface Watch {
  readonly given: Given;
  readonly report: Report;
  /** When waiting ends. */
  readonly until: number;
}

/**
 * Looks at an Application every second until it is live. The image that it is to have at first is the one before. When that changes to
 * another than ours, ours will not come any more.
 *
 * @returns how it ended, where it will not be live
 */
async function follow(name: string, { given, report, until }: Watch): Promise<Outcome | undefined> {
  let before = "";
  for (let looks = 0; ; looks += 1) {
    const { wanted, state, why } = await lookAt(name, given);
    if (state === "live") return undefined;
    if (before === "") before = wanted;
    if (wanted.endsWith(given.DIGEST)) await report.start();
    else if (wanted !== "" && wanted !== before)
      return { state: "inactive", description: "a newer image took its place" };
    else if (looks % 5 === 0) await refresh(name, given);
    if (state === "failed") return failure(why);
    if (now() >= until) return failure(`not live after ${given.TIME_LIMIT} s: ${why}`);
    await wait(1000);
  }
}

function failure(description: string): Outcome {
  return { state: "failure", description };
}

async function lookAt(name: string, given: Given): Promise<Look> {
  const answer = await read(application(name, given));
  const why = `cannot read the Application ${name}: ${answer.reason}`;
  if (!isDone(answer)) return { wanted: "", state: "waiting", why };
  return look(name, parseJson(answer.text), { image: given.IMAGE, digest: given.DIGEST });
}

/** Nobody else may be there to tell Argo CD of the Image Updater's commit, and it looks seldom. */
async function refresh(name: string, given: Given): Promise<void> {
  if (!words(given.BY_COMMIT).includes(name)) return;
  const annotations = { "argocd.argoproj.io/refresh": "normal" };
  const answer = await patch(application(name, given), { metadata: { annotations } });
  if (!isDone(answer)) console.log(`could not make Argo CD look at ${name}: ${answer.reason}`);
}

function application(name: string, { NAMESPACE: namespace }: Given): ObjectPath {
  return [namespace, "applications", name];
}

/** In whole seconds, as Argo counts them. */
function now(): number {
  return Math.floor(Date.now() / 1000);
}

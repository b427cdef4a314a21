/**
 * Reports to GitHub why a build has failed. Runs when its Workflow has not succeeded, and ends with 0 whatever GitHub says.
 *
 * What went wrong is read from the Workflow itself: Argo would expand what stands between double braces in a message, which
 * the author of a Dockerfile can write, before it gave the message to this program.
 *
 * NAMESPACE   of the Workflow
 * WORKFLOW    the own Workflow's name
 * STEPS       those that an image needs, in their order, separated by spaces
 * COMMIT      the full commit; that of the Workflow's label argo-cicd/commit if empty
 * CONTEXT     what the status is of
 * GITHUB_API  and the other variables of github.ts
 * ...         the variables of kubernetes.ts
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Variables } from "./environment.ts";
import { readVariables } from "./environment.ts";
import type { Outcome } from "./failures.ts";
import { failedNodes, outcomeOf } from "./failures.ts";
import { githubVariables } from "./github.ts";
import { parseJson, textAt } from "./json.ts";
import { isDone, read } from "./kubernetes.ts";
import { buildLabel } from "./labels.ts";
import { runProgram } from "./program.ts";
import { words } from "./text.ts";
import { reportEnd } from "./unreported.ts";

const own = ["NAMESPACE", "WORKFLOW", "STEPS", "COMMIT", "CONTEXT"] as const;
export const variables = [...own, ...githubVariables] as const;
type Given = Variables<(typeof variables)[number]>;

/** Looks, one second apart: the controller writes what has failed at about the time at which it starts this program. */
const looks = 5;

if (import.meta.main) await runProgram(() => end(readVariables(variables)));

async function end(given: Given): Promise<boolean> {
  const workflow = await readFailed(given);
  const commit = commitOf(workflow, given);
  const outcome = outcomeIn(workflow, given);
  if (commit === "") console.log("the build ended before it knew its commit: no status is set");
  else if (outcome === "published")
    console.log("the image is published, and not live: the commit's Deployment says why");
  else await reportEnd(given, { commit, context: given.CONTEXT, ...outcome });
  return true;
}

/** The own Workflow, once it says what has failed; undefined where it cannot be read. */
export async function readFailed({
  NAMESPACE: namespace,
  WORKFLOW: name,
}: Variables<"NAMESPACE" | "WORKFLOW">): Promise<unknown> {
  for (let look = 1; ; look += 1) {
    const answer = await read([namespace, "workflows", name]);
    if (!isDone(answer)) {
      console.log(`cannot read why the Workflow ${name} has failed: ${answer.reason}`);
      return undefined;
    }
    const workflow = parseJson(answer.text);
    if (look === looks || failedNodes(workflow).length > 0) return workflow;
    await wait(1000);
  }
}

export function outcomeIn(workflow: unknown, { STEPS: steps }: Variables<"STEPS">): Outcome {
  if (workflow === undefined)
    return { state: "error", description: "failed; why could not be read from its Workflow" };
  const supersededBy = hexadecimal(workflow, buildLabel.supersededBy);
  return outcomeOf(failedNodes(workflow), words(steps), supersededBy);
}

/** The full commit; empty where it is not known. */
export function commitOf(workflow: unknown, { COMMIT: commit }: Variables<"COMMIT">): string {
  return commit === "" ? hexadecimal(workflow, buildLabel.commit) : commit;
}

/** The commit that a label holds; empty where it is missing, or no commit. */
function hexadecimal(workflow: unknown, name: string): string {
  const value = textAt(workflow, "metadata", "labels", name);
  return /^[0-9a-f]*$/.test(value) ? value : "";
}

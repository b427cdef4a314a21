/**
 * Reports to GitHub why a build has failed. Runs when its Workflow has not succeeded, and exits with 0 whatever GitHub
 * answers.
 *
 * The reason is read from the Workflow instead of being passed as a parameter: Argo expands double braces in
 * parameters, and the author of a Dockerfile can write them into a message.
 *
 * NAMESPACE   namespace of the Workflow
 * WORKFLOW    name of this build's Workflow
 * STEPS       the steps that an image needs, in order, separated by spaces
 * COMMIT      the full commit; if empty, the Workflow's label argo-cicd/commit is used
 * CONTEXT     context of the commit status
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
type Env = Variables<(typeof variables)[number]>;

/** Reads, one second apart: the controller records the failure at about the time at which it starts this program. */
const maxReads = 5;

if (import.meta.main) await runProgram(() => end(readVariables(variables)));

async function end(env: Env): Promise<boolean> {
  const workflow = await readFailed(env);
  const commit = commitOf(workflow, env);
  const outcome = outcomeIn(workflow, env);
  if (commit === "") console.log("the build ended before its commit was known: no status is set");
  else if (outcome === "published")
    console.log("the image is published but not live: see the commit's Deployment");
  else await reportEnd(env, { commit, context: env.CONTEXT, ...outcome });
  return true;
}

/** The Workflow, once it shows what has failed; undefined if it cannot be read. */
export async function readFailed({
  NAMESPACE: namespace,
  WORKFLOW: name,
}: Variables<"NAMESPACE" | "WORKFLOW">): Promise<unknown> {
  for (let reads = 1; ; reads += 1) {
    const answer = await read([namespace, "workflows", name]);
    if (!isDone(answer)) {
      console.log(`cannot read why the Workflow ${name} has failed: ${answer.reason}`);
      return undefined;
    }
    const workflow = parseJson(answer.text);
    if (reads === maxReads || failedNodes(workflow).length > 0) return workflow;
    await wait(1000);
  }
}

export function outcomeIn(workflow: unknown, { STEPS: steps }: Variables<"STEPS">): Outcome {
  if (workflow === undefined)
    return { state: "error", description: "failed; the reason could not be read from its Workflow" };
  const supersededBy = hexadecimal(workflow, buildLabel.supersededBy);
  return outcomeOf(failedNodes(workflow), words(steps), supersededBy);
}

/** The full commit; empty if unknown. */
export function commitOf(workflow: unknown, { COMMIT: commit }: Variables<"COMMIT">): string {
  return commit === "" ? hexadecimal(workflow, buildLabel.commit) : commit;
}

/** The commit in a label; empty if the label is missing or not hexadecimal. */
function hexadecimal(workflow: unknown, name: string): string {
  const value = textAt(workflow, "metadata", "labels", name);
  return /^[0-9a-f]*$/.test(value) ? value : "";
}

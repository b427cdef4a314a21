/**
 * Tells GitHub why a build has failed. Runs when its Workflow has not succeeded, and ends with 0 whatever GitHub says.
 *
 * FAILURES    Argo's {{workflow.failures}}
 * LABELS      Argo's {{workflow.labels.json}}
 * STEPS       those that an image needs, in their order, separated by spaces
 * COMMIT      the full commit; that of the label argo-cicd/commit if empty
 * CONTEXT     what the status is of
 * GITHUB_API  and the other variables of github.ts
 */
import type { Variables } from "./environment.ts";
import { readVariables } from "./environment.ts";
import { outcomeOf, parseFailures } from "./failures.ts";
import { githubVariables, setStatus } from "./github.ts";
import { parseJson, textAt } from "./json.ts";
import { buildLabel } from "./labels.ts";
import { runProgram } from "./program.ts";
import { words } from "./text.ts";

export const variables = ["FAILURES", "LABELS", "STEPS", "COMMIT", "CONTEXT", ...githubVariables] as const;

if (import.meta.main) await runProgram(() => end(readVariables(variables)));

async function end(given: Variables<(typeof variables)[number]>): Promise<boolean> {
  const { FAILURES: failures, LABELS: labels, STEPS: steps, CONTEXT: context } = given;
  const commit = given.COMMIT === "" ? hexadecimal(labels, buildLabel.commit) : given.COMMIT;
  if (commit === "") {
    console.log("the build ended before it knew its commit: no status is set");
    return true;
  }
  const supersededBy = hexadecimal(labels, buildLabel.supersededBy);
  const outcome = outcomeOf(parseFailures(failures), words(steps), supersededBy);
  if (outcome === "published")
    console.log("the image is published, and not live: the commit's Deployment tells why");
  else await setStatus(given, { commit, context, ...outcome });
  return true;
}

/** The commit that a label holds; empty where it is missing, or no commit. */
function hexadecimal(labels: string, name: string): string {
  const value = textAt(parseJson(labels), name);
  return /^[0-9a-f]*$/.test(value) ? value : "";
}

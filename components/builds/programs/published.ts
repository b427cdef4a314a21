/**
 * Says that the image is there: to the Image Updater, on its Workflow, to GitHub. None of these makes a build fail.
 *
 * NAMESPACE   of the Workflow
 * WORKFLOW    the own Workflow's name
 * FOUND       what a scan has found, in words; empty where nothing was, or none was made
 * UPDATER     and the other variables of updater.ts; empty where no Application is to have the image
 * CONTEXT     what the status is of
 * GITHUB_API  and the other variables of github.ts; empty where nothing is reported to GitHub
 * RESULTS     folder with the outputs of tip.sh and tag.sh: commit, digest, said, moved
 * ...         the variables of kubernetes.ts
 */
import type { Variables } from "./environment.ts";
import { readResult, readVariables } from "./environment.ts";
import { githubVariables } from "./github.ts";
import { isDone, patch } from "./kubernetes.ts";
import { buildLabel } from "./labels.ts";
import { runReport } from "./program.ts";
import { reportEnd } from "./unreported.ts";
import { tellUpdater, updaterVariables } from "./updater.ts";

const own = ["NAMESPACE", "WORKFLOW", "FOUND", "CONTEXT", "RESULTS"] as const;
export const variables = [...own, ...updaterVariables, ...githubVariables] as const;
type Given = Variables<(typeof variables)[number]>;

if (import.meta.main) await runReport(() => published(readVariables(variables)));

async function published(given: Given): Promise<void> {
  const { RESULTS: results, UPDATER: updater, GITHUB_API: github } = given;
  const digest = readResult(results, "digest");
  if (readResult(results, "moved") === "true" && updater !== "") {
    await tellUpdater(given, digest);
    await markWorkflow(given);
  }
  if (github !== "") await reportSuccess(given, digest);
}

/** From now on a newer push does not stop it. */
async function markWorkflow({ NAMESPACE: namespace, WORKFLOW: name }: Given): Promise<void> {
  const change = { metadata: { labels: { [buildLabel.published]: "true" } } };
  const answer = await patch([namespace, "workflows", name], change);
  if (!isDone(answer))
    console.log(`could not write on the Workflow ${name} that its image is published: ${answer.reason}`);
}

function reportSuccess(given: Given, digest: string): Promise<void> {
  const { RESULTS: results, FOUND: found, CONTEXT: context } = given;
  const said = `${readResult(results, "said")}, ${digest}`;
  const description = found === "" ? said : `${said}, ${found}`;
  return reportEnd(given, { commit: readResult(results, "commit"), context, state: "success", description });
}

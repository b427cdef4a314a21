/**
 * Reports that the image is published: to the Image Updater, by a label of its Workflow, and to GitHub. Never fails a
 * build.
 *
 * NAMESPACE   namespace of the Workflow
 * WORKFLOW    name of this build's Workflow
 * FINDINGS    summary of the scan's findings; empty if there are none, or without a scan
 * UPDATER     and the other variables of updater.ts; empty if no Application follows the image
 * CONTEXT     context of the commit status
 * GITHUB_API  and the other variables of github.ts; empty if nothing is reported to GitHub
 * RESULTS     folder with the outputs of tip.sh and tag.sh: commit, digest, summary, moved
 * ...         the variables of kubernetes.ts
 */
import type { Variables } from "./environment.ts";
import { readResult, readVariables } from "./environment.ts";
import { githubVariables } from "./github.ts";
import { isDone, patch } from "./kubernetes.ts";
import { buildLabel } from "./labels.ts";
import { runReport } from "./program.ts";
import { reportEnd } from "./unreported.ts";
import { notifyUpdater, updaterVariables } from "./updater.ts";

const own = ["NAMESPACE", "WORKFLOW", "FINDINGS", "CONTEXT", "RESULTS"] as const;
export const variables = [...own, ...updaterVariables, ...githubVariables] as const;
type Env = Variables<(typeof variables)[number]>;

if (import.meta.main) await runReport(() => published(readVariables(variables)));

async function published(env: Env): Promise<void> {
  const { RESULTS: results, UPDATER: updater, GITHUB_API: github } = env;
  const digest = readResult(results, "digest");
  if (readResult(results, "moved") === "true" && updater !== "") {
    await notifyUpdater(env, digest);
    await labelPublished(env);
  }
  if (github !== "") await reportSuccess(env, digest);
}

/** With this label, a newer build does not stop it. */
async function labelPublished({ NAMESPACE: namespace, WORKFLOW: name }: Env): Promise<void> {
  const change = { metadata: { labels: { [buildLabel.published]: "true" } } };
  const answer = await patch([namespace, "workflows", name], change);
  if (!isDone(answer))
    console.log(`could not add the label "published" to the Workflow ${name}: ${answer.reason}`);
}

function reportSuccess(env: Env, digest: string): Promise<void> {
  const { RESULTS: results, FINDINGS: findings, CONTEXT: context } = env;
  const summary = `${readResult(results, "summary")}, ${digest}`;
  const description = findings === "" ? summary : `${summary}, ${findings}`;
  return reportEnd(env, { commit: readResult(results, "commit"), context, state: "success", description });
}

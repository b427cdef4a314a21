/**
 * Writes the commit on the own Workflow, stops the builds of older commits of the same branch, and says on GitHub that the build has
 * begun. Ends with 1 where it could not write, list or stop; GitHub then hears nothing.
 *
 * NAMESPACE     of the Workflows
 * WORKFLOW      the own Workflow's name
 * SERVICE       its label argo-cicd/service
 * BRANCH_LABEL  its label argo-cicd/branch
 * CONTEXT       what the status is of
 * GITHUB_API    and the other variables of github.ts; empty where nothing is reported to GitHub
 * RESULTS       folder with the outputs of tip.sh:
 *   commit      the full commit
 *   newest      true if the branch is at this commit; only then are others stopped
 * ...           the variables of kubernetes.ts
 *
 * Older is what was made in an earlier second. Of two builds of the same second neither stops the other: each ends, and
 * the tags go to the newest commit in any case.
 */
import type { Variables } from "./environment.ts";
import { readResult, readVariables } from "./environment.ts";
import { githubVariables } from "./github.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import type { ObjectPath } from "./kubernetes.ts";
import { isDone, listMetadata, patch } from "./kubernetes.ts";
import { buildLabel, ofBranch } from "./labels.ts";
import { runProgram } from "./program.ts";
import { postStatus } from "./status.ts";

const own = ["NAMESPACE", "WORKFLOW", "SERVICE", "BRANCH_LABEL", "CONTEXT", "RESULTS"] as const;
export const variables = [...own, ...githubVariables] as const;
type Given = Variables<(typeof variables)[number]>;

if (import.meta.main) await runProgram(() => begin(readVariables(variables)));

async function begin(given: Given): Promise<boolean> {
  const commit = readResult(given.RESULTS, "commit");
  const isNewest = readResult(given.RESULTS, "newest") === "true";
  if (!(await writeCommit(given, commit))) return false;
  if (isNewest && !(await stopOlder(given, commit))) return false;
  const status = { commit, context: given.CONTEXT, state: "pending", description: "building" } as const;
  if (given.GITHUB_API !== "") await postStatus(given, status);
  return true;
}

async function writeCommit(given: Given, commit: string): Promise<boolean> {
  const change = { metadata: { labels: { [buildLabel.commit]: commit } } };
  const answer = await patch(workflow(given, given.WORKFLOW), change);
  if (!isDone(answer))
    console.error(`cannot write the commit on the Workflow ${given.WORKFLOW}: ${answer.reason}`);
  return isDone(answer);
}

/** Stops all of them that it can, and says whether there was one that it could not. */
async function stopOlder(given: Given, commit: string): Promise<boolean> {
  const list = await listMetadata([given.NAMESPACE, "workflows"], stoppable(given));
  if (!isDone(list)) {
    console.error(`cannot list the Workflows of ${given.SERVICE}, to stop older ones: ${list.reason}`);
    return false;
  }
  let stopped = true;
  for (const name of olderThan(given.WORKFLOW, parseJson(list.text))) {
    if (!(await stop(given, name, commit))) stopped = false;
  }
  return stopped;
}

/** Builds that wait for what they have published are not stopped: it is being delivered. */
function stoppable({ SERVICE: service, BRANCH_LABEL: branch }: Given): string[] {
  return [...ofBranch(service, branch), `!${buildLabel.published}`, "workflows.argoproj.io/completed!=true"];
}

/**
 * The names of those in a list of Workflows that are older than the own one. A build of a git tag is not in the list, and nothing is older
 * than it.
 */
export function olderThan(workflowName: string, list: unknown): string[] {
  const all = listAt(list, "items").map((item) => ({
    name: textAt(item, "metadata", "name"),
    created: textAt(item, "metadata", "creationTimestamp"),
  }));
  const { created: mine = "" } = all.find(({ name }) => name === workflowName) ?? {};
  return all.filter(({ created }) => created < mine).map(({ name }) => name);
}

async function stop(given: Given, name: string, commit: string): Promise<boolean> {
  const labels = { [buildLabel.supersededBy]: commit };
  const answer = await patch(workflow(given, name), { metadata: { labels }, spec: { shutdown: "Stop" } });
  if (isDone(answer)) console.log(`stopped ${name}: ${commit} is newer`);
  else if (answer.code === 404) return true;
  else console.error(`cannot stop ${name}, which builds an older commit: ${answer.reason}`);
  return isDone(answer);
}

function workflow({ NAMESPACE: namespace }: Given, name: string): ObjectPath {
  return [namespace, "workflows", name];
}

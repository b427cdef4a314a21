/**
 * Labels its Workflow with the commit, stops builds of older commits of the same branch, and reports to GitHub that the
 * build has started. Exits with 1 if it cannot label, list or stop a Workflow; nothing is then reported to GitHub.
 *
 * NAMESPACE     namespace of the Workflows
 * WORKFLOW      name of this build's Workflow
 * SERVICE       its label argo-cicd/service
 * BRANCH_LABEL  its label argo-cicd/branch
 * CONTEXT       context of the commit status
 * GITHUB_API    and the other variables of github.ts; empty if nothing is reported to GitHub
 * RESULTS       folder with the outputs of tip.sh:
 *   commit      the full commit
 *   newest      true if the branch is at this commit; otherwise no build is stopped
 * ...           the variables of kubernetes.ts
 *
 * A build is older if its Workflow was created in an earlier second. Two builds of the same second do not stop each
 * other: both finish, and the tags go to the newest commit in any case.
 */
import type { Variables } from "./environment.ts";
import { readResult, readVariables } from "./environment.ts";
import { githubVariables } from "./github.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import type { ObjectPath } from "./kubernetes.ts";
import { isDone, listMetadata, patch } from "./kubernetes.ts";
import { argoLabel, buildLabel, ofBranch } from "./labels.ts";
import { runProgram } from "./program.ts";
import { postStatus } from "./status.ts";

const own = ["NAMESPACE", "WORKFLOW", "SERVICE", "BRANCH_LABEL", "CONTEXT", "RESULTS"] as const;
export const variables = [...own, ...githubVariables] as const;
type Env = Variables<(typeof variables)[number]>;

if (import.meta.main) await runProgram(() => begin(readVariables(variables)));

async function begin(env: Env): Promise<boolean> {
  const commit = readResult(env.RESULTS, "commit");
  const isNewest = readResult(env.RESULTS, "newest") === "true";
  if (!(await labelCommit(env, commit))) return false;
  if (isNewest && !(await stopOlder(env, commit))) return false;
  const status = { commit, context: env.CONTEXT, state: "pending", description: "building" } as const;
  if (env.GITHUB_API !== "") await postStatus(env, status);
  return true;
}

async function labelCommit(env: Env, commit: string): Promise<boolean> {
  const change = { metadata: { labels: { [buildLabel.commit]: commit } } };
  const answer = await patch(workflow(env, env.WORKFLOW), change);
  if (!isDone(answer))
    console.error(`cannot label the Workflow ${env.WORKFLOW} with its commit: ${answer.reason}`);
  return isDone(answer);
}

/** Stops as many as it can. @returns whether all were stopped */
async function stopOlder(env: Env, commit: string): Promise<boolean> {
  const list = await listMetadata([env.NAMESPACE, "workflows"], stoppable(env));
  if (!isDone(list)) {
    console.error(`cannot list the Workflows of ${env.SERVICE} to stop older ones: ${list.reason}`);
    return false;
  }
  let stopped = true;
  for (const name of olderThan(env.WORKFLOW, parseJson(list.text))) {
    if (!(await stop(env, name, commit))) stopped = false;
  }
  return stopped;
}

/** Selects running builds, except those that have published an image: they are delivering it. */
function stoppable({ SERVICE: service, BRANCH_LABEL: branch }: Env): string[] {
  return [...ofBranch(service, branch), `!${buildLabel.published}`, `${argoLabel.completed}!=true`];
}

/** Names the Workflows in a list that are older than the given one; none if it is not listed, as builds of git tags. */
export function olderThan(workflowName: string, list: unknown): string[] {
  const all = listAt(list, "items").map((item) => ({
    name: textAt(item, "metadata", "name"),
    created: textAt(item, "metadata", "creationTimestamp"),
  }));
  const { created: own = "" } = all.find(({ name }) => name === workflowName) ?? {};
  return all.filter(({ created }) => created < own).map(({ name }) => name);
}

async function stop(env: Env, name: string, commit: string): Promise<boolean> {
  const labels = { [buildLabel.supersededBy]: commit };
  const answer = await patch(workflow(env, name), { metadata: { labels }, spec: { shutdown: "Stop" } });
  if (isDone(answer)) console.log(`stopped ${name}: ${commit} is newer`);
  else if (answer.code === 404) return true;
  else console.error(`cannot stop ${name}, which builds an older commit: ${answer.reason}`);
  return isDone(answer);
}

function workflow({ NAMESPACE: namespace }: Env, name: string): ObjectPath {
  return [namespace, "workflows", name];
}

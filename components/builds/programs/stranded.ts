/**
 * Removes pods that their node never ends, because it is down or cut off. Kubernetes deletes the pods of such a node after five
 * minutes, but they stay until it answers, or is removed from the cluster; meanwhile Argo counts them as running, and the build
 * keeps its slot and the lock of its tags. Once such a pod is gone, Argo runs the step again, on another node.
 */
import { listAt, parseJson, textAt } from "./json.ts";
import { isDone, listMetadata, removeNow } from "./kubernetes.ts";

/** Argo's label of the pods of a Workflow, with its name. */
const workflowLabel = "workflows.argoproj.io/workflow";

interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly workflow: string;
  /** When its time to end was over; empty where it is not terminating. */
  readonly deadline: string;
}

/**
 * @param seconds after which a pod that should have ended counts as stranded
 * @returns lines for people: what was removed, and what could not be
 */
export async function removeStranded(namespaces: readonly string[], seconds: number): Promise<string[]> {
  const lines: string[] = [];
  for (const namespace of new Set(namespaces)) {
    const answer = await listMetadata([namespace, "pods"], [workflowLabel]);
    if (!isDone(answer)) lines.push(`cannot list the stranded pods of ${namespace}: ${answer.reason}`);
    else for (const pod of strandedIn(namespace, answer.text, seconds)) lines.push(await remove(pod));
  }
  return lines;
}

function strandedIn(namespace: string, text: string, seconds: number): Pod[] {
  const grace = seconds * 1000;
  return listAt(parseJson(text), "items")
    .map((item) => pod(namespace, item))
    .filter(({ deadline }) => Date.parse(deadline) + grace < Date.now());
}

function pod(namespace: string, item: unknown): Pod {
  return {
    namespace,
    name: textAt(item, "metadata", "name"),
    uid: textAt(item, "metadata", "uid"),
    workflow: textAt(item, "metadata", "labels", workflowLabel),
    // Of a pod that ends, this is when its grace period is over, not when it began.
    deadline: textAt(item, "metadata", "deletionTimestamp"),
  };
}

async function remove({ namespace, name, uid, workflow, deadline }: Pod): Promise<string> {
  const answer = await removeNow([namespace, "pods", name], uid);
  const what = `the pod ${name} of ${workflow}, which its node should have ended by ${deadline}`;
  // It has ended meanwhile, or another one has its name.
  const gone = answer.code === 404 || answer.code === 409;
  return isDone(answer) || gone ? `removed ${what}` : `cannot remove ${what}: ${answer.reason}`;
}

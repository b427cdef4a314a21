/**
 * Removes pods that their node never terminates, because it is down or disconnected. Kubernetes deletes the pods of
 * such a node after five minutes, but they stay until the node answers or is removed from the cluster. Until then, Argo
 * counts them as running, and the build keeps its slot and the lock of its tags. Once such a pod is gone, Argo retries
 * the step on another node.
 */
import { listAt, parseJson, textAt } from "./json.ts";
import { isDone, listMetadata, removeNow } from "./kubernetes.ts";
import { argoLabel } from "./labels.ts";

interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly workflow: string;
  /** When its grace period ended; empty if it is not terminating. */
  readonly deadline: string;
}

/**
 * @param seconds after its deadline, a pod counts as stranded
 * @returns log lines: what was removed, and what could not be
 */
export async function removeStranded(namespaces: readonly string[], seconds: number): Promise<string[]> {
  const lines: string[] = [];
  for (const namespace of new Set(namespaces)) {
    const answer = await listMetadata([namespace, "pods"], [argoLabel.workflow]);
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
    workflow: textAt(item, "metadata", "labels", argoLabel.workflow),
    // For a terminating pod, this is the end of its grace period, not the start.
    deadline: textAt(item, "metadata", "deletionTimestamp"),
  };
}

async function remove({ namespace, name, uid, workflow, deadline }: Pod): Promise<string> {
  const answer = await removeNow([namespace, "pods", name], uid);
  const what = `the pod ${name} of ${workflow}, which its node should have terminated by ${deadline}`;
  // It has terminated since, or another pod has its name.
  const gone = answer.code === 404 || answer.code === 409;
  return isDone(answer) || gone ? `removed ${what}` : `cannot remove ${what}: ${answer.reason}`;
}

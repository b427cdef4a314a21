/** Recognizes pods that were lost with their node. Their step may succeed on another node. */

/**
 * Matches the start of such a message; valid in Go and in JavaScript. Only the start counts, because a program's output
 * follows it. Argo marks these pods as failed, like those whose program has failed.
 *
 * - Evicted: Kubernetes' `pkg/kubelet/eviction/helpers.go`; except for exceeding the pod's own limits.
 * - Not admitted, or terminated with the node: `pkg/kubelet/nodeshutdown`, `pkg/kubelet/preemption`.
 * - Drained or preempted: argoexec exits with 137 when it is terminated; 143 is SIGTERM. Programs exit with less than
 *   128, and those that run out of memory are `OOMKilled`.
 * - The node is gone, so no container has reported how it ended: `inferFailedReason` of Argo's controller.
 */
export const lostPod =
  "^(The node (was low on resource|had condition)|Pod was (rejected|terminated in response to imminent node shutdown)" +
  "|Preempted in order to admit critical pod|[a-z0-9-]+: Error [(]exit code 1(37|43)[)]" +
  "|pod failed: |can.t find failed message for pod)";

/** Argo's message for a pod that was deleted before the controller saw how it ended. */
export const deletedPod = "pod deleted";

/** The reason why a pod was lost, for users; undefined if it was not. */
export function whyLost(message: string): string | undefined {
  if (message === deletedPod) return "its pod was deleted, as when a node is lost";
  if (!new RegExp(lostPod).test(message)) return undefined;
  if (/^[a-z0-9-]+: Error/.test(message))
    return "its pod was stopped from outside, as when a node is drained";
  if (/^(pod failed|can.t find)/.test(message)) return "its node was lost";
  return message.split("\n", 1)[0]?.trim();
}

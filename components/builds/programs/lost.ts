/** How the kubelet and Argo report a pod that was lost with its node. What ran in it may succeed on another node. */

/**
 * Begins such a message: a regular expression of Go and of JavaScript. What a program has said comes later in a message, and
 * counts for nothing. Argo calls these pods failed, as it does those whose program has failed.
 *
 * - Evicted: `pkg/kubelet/eviction/helpers.go` of Kubernetes; but not for more than the pod's own limits.
 * - Not admitted, or ended with the node: `pkg/kubelet/nodeshutdown`, `pkg/kubelet/preemption`.
 * - Drained or preempted: argoexec ends with 137 when it is terminated. Programs end below 128, and those that the kernel
 *   ends for want of memory are `OOMKilled`.
 * - Of a node that is gone, no container has said how it ended: `inferFailedReason` of Argo's controller.
 */
export const lostPod =
  "^(The node (was low on resource|had condition)|Pod was (rejected|terminated in response to imminent node shutdown)" +
  "|Preempted in order to admit critical pod|[a-z0-9-]+: Error [(]exit code 1(37|43)[)]" +
  "|pod failed: |can.t find failed message for pod)";

/** What Argo says of a pod that is gone before the controller has seen how it ended. */
export const deleted = "pod deleted";

/** Why a pod was lost, for people; `undefined` where it was not. */
export function whyLost(message: string): string | undefined {
  if (message === deleted) return "its pod was deleted, as one of a lost node is";
  if (!new RegExp(lostPod).test(message)) return undefined;
  if (/^[a-z0-9-]+: Error/.test(message))
    return "its pod was stopped from outside, as one of a drained node is";
  if (/^(pod failed|can.t find)/.test(message)) return "its node was lost";
  return message.split("\n", 1)[0]?.trim();
}

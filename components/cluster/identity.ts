/** Identifies the cluster of a stack by the UID of kube-system, which every cluster has. */
import { z } from "zod";
import type { ClusterArgs } from "./args.ts";
import type { StateResource } from "./state/state-resources.ts";
import { outputsLike } from "./state/state-resources.ts";

const kubeSystem = z.object({ metadata: z.object({ name: z.literal("kube-system"), uid: z.string() }) });

/** The UID that the last `up` read from its cluster. */
function recordedUid(state: readonly StateResource[]): string | undefined {
  return outputsLike(state, kubeSystem)[0]?.metadata.uid;
}

/**
 * The error if the cluster at the context is not that of the settings or, without a UID there, that of the last `up`.
 *
 * @param found its UID; undefined if the environment tells the provider to continue without a cluster
 */
export function wrongCluster(
  { context, uid }: Pick<ClusterArgs, "context" | "uid">,
  state: readonly StateResource[],
  found: string | undefined,
): string | undefined {
  if (found === undefined)
    return `No cluster answers at the context ${context}; nothing was changed. Choose the right context, or start the cluster.`;
  const expected = uid ?? recordedUid(state);
  if (expected === undefined || found === expected) return undefined;
  return (
    `The context ${context} leads to the cluster ${found}, but this stack is for ${expected}; nothing was changed. ` +
    "Choose the right context, or set cluster.uid to the new cluster's if the cluster was replaced."
  );
}

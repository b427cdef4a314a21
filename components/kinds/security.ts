/** Security contexts that satisfy the pod security level `restricted`. */
import type { ContainerSecurityContext, PodSecurityContext, PodSpread } from "./kubernetes.ts";

/** A container that cannot gain privileges. */
export const confined = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
} as const satisfies ContainerSecurityContext;

/** A container that runs as an unprivileged user, even if its pod sets none. */
export const confinedUser = {
  ...confined,
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: "RuntimeDefault" },
} as const satisfies ContainerSecurityContext;

/** A pod that runs as an unprivileged user; its volumes belong to that user's group. */
export const unprivileged = {
  runAsNonRoot: true,
  runAsUser: 1000,
  runAsGroup: 1000,
  fsGroup: 1000,
  seccompProfile: { type: "RuntimeDefault" },
} as const satisfies PodSecurityContext;

/** Asks the scheduler to put pods with these labels on different nodes. */
export function spread(matchLabels: Readonly<Record<string, string>>): PodSpread {
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels } },
        },
      ],
    },
  };
}

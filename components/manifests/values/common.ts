/** What the values of several charts share. */
import type { Resources } from "../types/kubernetes.ts";

/** Replicas, and a budget that keeps one of them through the drain of a node. */
export interface Availability {
  readonly replicas: number;
  readonly pdb?: { readonly enabled: true; readonly minAvailable: 1 };
}

export function available(highAvailability: boolean): Availability {
  return highAvailability ? { replicas: 2, pdb: { enabled: true, minAvailable: 1 } } : { replicas: 1 };
}

export interface SeccompOnly {
  readonly seccompProfile: { readonly type: "RuntimeDefault" };
}

/** What charts leave out of a pod that is otherwise fit for pod security level `restricted`. */
export const runtimeDefault: SeccompOnly = { seccompProfile: { type: "RuntimeDefault" } };

/** Requests without limits: these parts must not be killed when they are busy. */
export function small(cpu: string, memory: string): Resources {
  return { requests: { cpu, memory } };
}

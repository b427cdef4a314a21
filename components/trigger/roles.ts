/** The complete permissions of the service account of Sensors. */
import type { PolicyRule } from "../kinds/kubernetes.ts";

/** A Sensor creates a Workflow, or finds that it exists already. */
export const startBuilds: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["get", "create", "patch"] },
];

/** A Sensor creates a dead letter in its own namespace. */
export const leaveDeadLetters: PolicyRule[] = [
  { apiGroups: [""], resources: ["configmaps"], verbs: ["create"] },
];

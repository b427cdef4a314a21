/** What the account of Sensors may do: all of it, and nothing else. */
import type { PolicyRule } from "../kinds/kubernetes.ts";

/** The Sensor: makes a Workflow, or finds that it is there. */
export const startBuilds: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["get", "create", "patch"] },
];

/** The Sensor: leaves a dead letter beside itself. */
export const leaveDeadLetters: PolicyRule[] = [
  { apiGroups: [""], resources: ["configmaps"], verbs: ["create"] },
];

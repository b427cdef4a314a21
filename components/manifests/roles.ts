/** What each account may do: all of it, and nothing else. */

export interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/** The Sensor: makes a Workflow, or finds that it is there. */
export const startBuilds: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["get", "create", "patch"] },
];

/** A build's pods: the executor reports each step's result (argo-workflows `docs/workflow-rbac.md`). */
export const reportResults: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflowtaskresults"], verbs: ["create", "patch"] },
];

/** The first step of a build: labels its own Workflow, finds older ones of the same branch, and stops them. */
export const stopBuilds: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["list", "patch"] },
];

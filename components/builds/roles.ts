/** The complete permissions of each service account of builds. */
import type { PolicyRule } from "../kinds/kubernetes.ts";

/** For a build's pods: the executor reports each step's result (argo-workflows `docs/workflow-rbac.md`). */
export const reportResults: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflowtaskresults"], verbs: ["create", "patch"] },
];

/**
 * For the steps other than the builder: they label their own Workflow, read why it failed, and find and stop older
 * ones of the same branch.
 */
export const stopBuilds: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["get", "list", "patch"] },
];

/** For the last step of a build, in the Workflows' namespace: it notes what to report to GitHub later. */
export const noteUnreported: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["patch"] },
];

/**
 * For the last step of a build, in the Applications' namespace: it waits for the Applications that follow its image,
 * and has Argo CD refresh those that get it by a commit.
 */
export function followApplications(names: readonly string[], byCommit: readonly string[]): PolicyRule[] {
  const rule = (resourceNames: readonly string[], verb: string) => ({
    apiGroups: ["argoproj.io"],
    resources: ["applications"],
    resourceNames: [...resourceNames],
    verbs: [verb],
  });
  return [rule(names, "get"), ...(byCommit.length === 0 ? [] : [rule(byCommit, "patch")])];
}

/**
 * For the catch-up program: it finds what was built, reads what its last run left, creates Workflows, removes the notes
 * of what it has reported to GitHub, and removes pods that their node does not terminate.
 */
export const catchUpBuilds: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["get", "list", "create", "patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] },
];

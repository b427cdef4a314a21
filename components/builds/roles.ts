/** What each account of builds may do: all of it, and nothing else. */
import type { PolicyRule } from "../kinds/kubernetes.ts";

/** A build's pods: the executor reports each step's result (argo-workflows `docs/workflow-rbac.md`). */
export const reportResults: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflowtaskresults"], verbs: ["create", "patch"] },
];

/**
 * The steps beside the builder: they label their own Workflow, read why it has failed, find older ones of the same branch, and
 * stop them.
 */
export const stopBuilds: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["get", "list", "patch"] },
];

/** The last step of a build, where the Workflows are: it notes what is to be reported to GitHub later. */
export const noteUnreported: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["patch"] },
];

/**
 * The last step of a build, where the Applications are: it waits for those that are to have its image, and makes
 * Argo CD look at those that have it by a commit.
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
 * The program that catches up: finds what was built, reads what its last run has left, makes Workflows, removes the notes of what it
 * has reported to GitHub, and removes pods that their node does not end.
 */
export const catchUpBuilds: PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["get", "list", "create", "patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list", "delete"] },
];

/** All labels of this project on Workflows. */
export const buildLabel = {
  project: "argo-cicd/project",
  repository: "argo-cicd/repository",
  service: "argo-cicd/service",
  branch: "argo-cicd/branch",
  gitTag: "argo-cicd/git-tag",
  commit: "argo-cicd/commit",
  /** The number of the pull request that is built; `branch` is then `pull-` and the number. */
  pullRequest: "argo-cicd/pull-request",
  /** The branch built instead of the project's, with `-` for each `/`; `branch` is then `branch-` and this name. */
  otherBranch: "argo-cicd/other-branch",
  /** The commit whose build stopped it. */
  supersededBy: "argo-cicd/superseded-by",
  /** The Workflow that sent the notification that its branch builds again. */
  recoveredBy: "argo-cicd/recovered-by",
  /** The program that started it, if no push and no user did. */
  startedBy: "argo-cicd/started-by",
  /** Marks Workflows that search for lost pushes instead of building. */
  catchUp: "argo-cicd/catch-up",
  /** Its image is being delivered, so a newer build no longer stops it. */
  published: "argo-cicd/published",
  /** GitHub could not accept a report: the one in the annotations is sent later. */
  unreported: "argo-cicd/unreported",
} as const;

/** Labels that Argo's controller sets on Workflows and their pods. */
export const argoLabel = {
  completed: "workflows.argoproj.io/completed",
  phase: "workflows.argoproj.io/phase",
  /** On pods: the name of their Workflow. */
  workflow: "workflows.argoproj.io/workflow",
} as const;

/** The annotations of a Workflow with the label `unreported`, with the reports for GitHub. */
export const unreportedNote = {
  status: "argo-cicd/unreported-status",
  deployment: "argo-cicd/unreported-deployment",
} as const;

/** Selects the builds of a service's branch, without those of git tags. */
export function ofBranch(service: string, branch: string): string[] {
  return [`${buildLabel.service}=${service}`, `${buildLabel.branch}=${branch}`, `${buildLabel.gitTag}=`];
}

/** Every label that we write on a Workflow, or read from one. */
export const buildLabel = {
  project: "argo-cicd/project",
  repository: "argo-cicd/repository",
  service: "argo-cicd/service",
  branch: "argo-cicd/branch",
  gitTag: "argo-cicd/git-tag",
  commit: "argo-cicd/commit",
  /** Its number, where one is built; the branch is then `pull-` and the number. */
  pullRequest: "argo-cicd/pull-request",
  /** Its name with a `-` for each `/`, where another branch than the project's is built; the branch is then `branch-` and the name. */
  otherBranch: "argo-cicd/other-branch",
  /** The commit of the build that has stopped it. */
  supersededBy: "argo-cicd/superseded-by",
  /** The Workflow that notified people that its branch builds again. */
  recoveredBy: "argo-cicd/recovered-by",
  /** What has started it, where no push and no person has. */
  startedBy: "argo-cicd/started-by",
  /** Of Workflows that look for lost pushes, which are no builds. */
  look: "argo-cicd/look",
  /** Its image is being delivered: a newer build does not stop it any more. */
  published: "argo-cicd/published",
  /** GitHub took nothing for a while: what the annotations say is reported later. */
  unreported: "argo-cicd/unreported",
} as const;

/** The annotations with what to report to GitHub of a Workflow that has the label `unreported`. */
export const unreportedNote = {
  status: "argo-cicd/unreported-status",
  deployment: "argo-cicd/unreported-deployment",
} as const;

/** Selects the builds of a service's branch, and none of a tag of git. */
export function ofBranch(service: string, branch: string): string[] {
  return [`${buildLabel.service}=${service}`, `${buildLabel.branch}=${branch}`, `${buildLabel.gitTag}=`];
}

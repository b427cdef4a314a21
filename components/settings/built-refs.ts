/** Which refs of a repository are built besides the project's own branch. */
import type { Project, Repository } from "./project-schema.ts";
import type { TopLevel } from "./schema.ts";

/** @param builds undefined if the stack's could not be read */
export function buildsPullRequests(one: Repository, builds: TopLevel["builds"] | undefined): boolean {
  return one.pullRequests ?? builds?.pullRequests ?? false;
}

export function buildsOtherBranches(one: Repository, project: Pick<Project, "otherBranches">): boolean {
  return one.otherBranches && project.otherBranches.length > 0;
}

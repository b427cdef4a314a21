/** Rules of pull requests, whose builds have tags, labels and commit statuses of their own. */
import { branchSegment, pullRequestForm, tagOf } from "../derived-names.ts";
import type { SettingError } from "./errors.ts";
import type { ListedRepository, Readable } from "./readable.ts";
import { repositoriesOf } from "./readable.ts";
import { severalOf, tagsOf } from "./resolve.ts";

/** The repositories whose pull requests are built. */
function built(config: Readable): ListedRepository[] {
  const shared = config.stack.builds?.pullRequests === true;
  return repositoriesOf(config).filter(({ repository }) => repository.pullRequests ?? shared);
}

/** No image of a pull request may be taken for one of the branch, and none of the branch for a pull request's. */
export function tagsOfPullRequests(config: Readable): SettingError[] {
  const { tags: stackTags, branch: stackBranch } = config.stack;
  if (stackTags === undefined) return [];
  return built(config).flatMap(({ repository, project, at }) => {
    const branch = project.branch ?? stackBranch;
    if (branch === undefined) return [];
    const { commit, moving } = tagsOf(repository, project, stackTags);
    // Of all commits, that of digits alone fits wherever another fits.
    const like = [commit, ...moving].filter((one) => pullRequestForm.tag.test(tagOf(one, branch, "0000000")));
    return like.map((value) => ({
      path: at(),
      value,
      rule: `with the branch ${branch} the tag can be that of a pull request's image, pull-<number>-<commit>`,
      fix: "begin the tag with something else, or set pullRequests to false",
    }));
  });
}

/** The label by which the builds of a branch are found. */
export function branchesLikePullRequests(config: Readable): SettingError[] {
  return built(config).flatMap(({ project, at }) => {
    const branch = project.branch ?? config.stack.branch;
    if (branch === undefined || !pullRequestForm.label.test(branchSegment(branch))) return [];
    return [
      {
        path: at(),
        value: branch,
        rule: "builds of this branch would be taken for those of the pull request of this number",
        fix: "rename the branch, or set pullRequests to false",
      },
    ];
  });
}

/** An image of a pull request has one tag, and each architecture would need its own. */
export function architecturesOfPullRequests(config: Readable): SettingError[] {
  return built(config).flatMap(({ repository, at }) => {
    if (severalOf(repository, config.stack.builds).length === 0) return [];
    const { architecture: value } = repository;
    return [
      {
        ...(value === undefined ? { path: at() } : { path: at("architecture"), value }),
        rule: "pull requests are built for one architecture",
        fix: "set pullRequests of the repository to false, or name one architecture",
      },
    ];
  });
}

/** A commit has one status of each name. */
export function servicesLikePullRequests(config: Readable): SettingError[] {
  const repositories = new Set(built(config).map(({ repository }) => repository.name));
  return repositoriesOf(config)
    .filter(({ repository: { name, service } }) => repositories.has(name) && service === "pull-request")
    .map(({ repository: { service }, at }) => ({
      path: at("service"),
      value: service,
      rule: "the commit status of the repository's pull requests has this name",
      fix: "rename the service, or set pullRequests of the repository to false",
    }));
}

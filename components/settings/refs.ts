/** Rules for pull requests and other branches, whose builds have their own tags, labels and commit statuses. */
import { branchSegment, tagOf } from "../derived-names.ts";
import { entries } from "../entries.ts";
import type { RefNames } from "../ref-names.ts";
import { otherBranchNames, pullRequestNames } from "../ref-names.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import type { ListedRepository, Readable } from "./readable.ts";
import { repositoriesOf } from "./readable.ts";
import { buildsOtherBranches, buildsPullRequests } from "./built-refs.ts";
import { severalOf, tagsOf } from "./resolve.ts";

/** A kind of refs that are built besides the project's own branch. */
interface Refs {
  readonly names: RefNames;
  readonly areBuilt: (one: ListedRepository, config: Readable) => boolean;
  /** The key that turns them off for a repository. */
  readonly key: "pullRequests" | "otherBranches";
  /** How messages call them, their images and their builds. */
  readonly plural: string;
  readonly image: string;
  readonly builds: string;
}

const allRefs: readonly Refs[] = [
  {
    names: pullRequestNames,
    areBuilt: ({ repository }, { stack }) => buildsPullRequests(repository, stack.builds),
    key: "pullRequests",
    plural: "pull requests",
    image: "a pull request's image, pull-<number>-<commit>",
    builds: "those of the pull request of this number",
  },
  {
    names: otherBranchNames,
    areBuilt: ({ repository, project }) => buildsOtherBranches(repository, project),
    key: "otherBranches",
    plural: "other branches",
    image: "another branch's image, branch-<name>-<commit>",
    builds: "those of another branch, whose label is branch-<name>",
  },
];

/** Each kind with the repositories in which it is built. */
function builtRefs(config: Readable): { readonly refs: Refs; readonly built: readonly ListedRepository[] }[] {
  const all = repositoriesOf(config);
  return allRefs.map((refs) => ({ refs, built: all.filter((one) => refs.areBuilt(one, config)) }));
}

/** An image of a pull request must not be mistaken for one of the branch, nor the other way round. */
export function tagsLikeRefs(config: Readable): SettingError[] {
  return builtRefs(config).flatMap(({ refs, built }) => built.flatMap((one) => tagsLike(one, refs, config)));
}

function tagsLike({ repository, project, at }: ListedRepository, refs: Refs, { stack }: Readable) {
  const branch = project.branch ?? stack.branch;
  if (stack.tags === undefined || branch === undefined) return [];
  const { commit, moving } = tagsOf(repository, project, stack.tags);
  // A tag with a commit of only digits matches whenever one with another commit does.
  const like = [commit, ...moving].filter((one) => refs.names.tag.test(tagOf(one, branch, "0000000")));
  return like.map((value) => ({
    path: at(),
    value,
    rule: `with the branch ${branch} the tag can equal that of ${refs.image}`,
    fix: `begin the tag with something else, or set ${refs.key} to false`,
  }));
}

/** The label that finds the builds of a branch must not match those of another ref. */
export function branchesLikeRefs(config: Readable): SettingError[] {
  return builtRefs(config).flatMap(({ refs: { names, builds, key }, built }) =>
    built.flatMap(({ project, at }) => {
      const branch = project.branch ?? config.stack.branch;
      if (branch === undefined || !names.label.test(branchSegment(branch))) return [];
      return [
        {
          path: at(),
          value: branch,
          rule: `builds of this branch would be mistaken for ${builds}`,
          fix: `rename the branch, or set ${key} to false`,
        },
      ];
    }),
  );
}

/** An image of a pull request or of another branch has one tag, and each architecture would need its own. */
export function architecturesOfRefs(config: Readable): SettingError[] {
  return builtRefs(config).flatMap(({ refs: { plural, key }, built }) =>
    built.flatMap(({ repository, at }) => {
      if (severalOf(repository, config.stack.builds).length === 0) return [];
      const { architecture: value } = repository;
      return [
        {
          ...(value === undefined ? { path: at() } : { path: at("architecture"), value }),
          rule: `${plural} are built for one architecture`,
          fix: `set ${key} of the repository to false, or name one architecture`,
        },
      ];
    }),
  );
}

/** A commit has one status of each name. */
export function servicesLikeRefs(config: Readable): SettingError[] {
  return builtRefs(config).flatMap(({ refs: { names, plural, key }, built }) => {
    const repositories = new Set(built.map(({ repository }) => repository.name));
    return repositoriesOf(config)
      .filter(({ repository: { name } }) => repositories.has(name))
      .filter(({ repository: { service } }) => `/${service ?? ""}` === names.suffix)
      .map(({ repository: { service }, at }) => ({
        path: at("service"),
        value: service,
        rule: `the commit status of the repository's ${plural} already has this name`,
        fix: `rename the service, or set ${key} of the repository to false`,
      }));
  });
}

/** The Sensor excludes the project's own branch from patterns. Listing the branch itself would have no effect. */
export function ownBranches({ stack, projects }: Readable): SettingError[] {
  return entries(projects).flatMap(([key, { branch = stack.branch, otherBranches }]) =>
    otherBranches.flatMap((value, index) =>
      String(value) === branch
        ? [
            {
              path: joinPath("projects", [key, "otherBranches", index]),
              value,
              rule: "this is the project's own branch, whose pushes are always built",
              fix: "remove it",
            },
          ]
        : [],
    ),
  );
}

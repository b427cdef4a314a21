/**
 * Builds that _Re-run_ on GitHub requests: of one check run, or of all check runs of the GitHub App for a commit.
 * GitHub sends this event to the App only. The event does not contain the sender's permissions in the repository, so
 * only commits that were pushed to the repository itself are built.
 */
import { escapeRegExp } from "../derived-names.ts";
import { pullRequestNames } from "../ref-names.ts";
import type { AppEvent, DataFilter } from "../kinds/events.ts";
import { fullName, text } from "./filters.ts";
import type { BuildRequest, Project } from "./request.ts";
import { fullCommit, number, pullRef } from "./request.ts";

export const reruns = {
  /** A check run of the branch. The build itself finds out whether its commit is still on the branch. */
  rerunCheck: {
    trigger: "rerun-check",
    event: "check_run",
    filters: (project) => [...rerunFilters("check_run", project), nameFilter(project, "")],
    ...ofBranch("check_run"),
  },
  /** All check runs of a commit that was pushed to the branch. For a fork, GitHub names no branch. */
  rerunSuite: {
    trigger: "rerun-suite",
    event: "check_suite",
    filters: (project) => [
      ...rerunFilters("check_suite", project),
      text("body.check_suite.head_branch", [`^${escapeRegExp(project.branch)}$`]),
    ],
    ...ofBranch("check_suite"),
  },
  /**
   * A check run of a pull request into the branch, from a branch of the same repository. For a fork, GitHub names no
   * pull request.
   */
  rerunPullRequestCheck: {
    trigger: "rerun-pull-request-check",
    event: "check_run",
    filters: (project) => [
      ...rerunFilters("check_run", project),
      nameFilter(project, pullRequestNames.suffix),
      ...pullFilters("check_run", project),
    ],
    ...ofPull("check_run"),
  },
  rerunPullRequestSuite: {
    trigger: "rerun-pull-request-suite",
    event: "check_suite",
    filters: (project) => [...rerunFilters("check_suite", project), ...pullFilters("check_suite", project)],
    ...ofPull("check_suite"),
  },
} as const satisfies Readonly<Record<string, BuildRequest<AppEvent>>>;

type Rerun = keyof typeof reruns;

/** The re-runs of pull requests. */
export const pullRequestReruns: readonly string[] = [
  "rerunPullRequestCheck",
  "rerunPullRequestSuite",
] satisfies readonly Rerun[];

/** A re-run by a person, of check runs that this App created. */
function rerunFilters(event: AppEvent, { app }: Project): DataFilter[] {
  return [
    text("body.action", ["^rerequested$"]),
    text("body.sender.type", ["^User$"]),
    text(`body.${event}.app.id`, [`^${(app ?? 0).toString()}$`]),
    text(`body.${event}.head_sha`, [`^${fullCommit}$`]),
  ];
}

function nameFilter({ repositories }: Project, suffix: string): DataFilter {
  const names = new Set(repositories.map(({ reportedAs }) => `${reportedAs}${suffix}`));
  return text(
    "body.check_run.name",
    [...names].map((name) => `^${escapeRegExp(name)}$`),
  );
}

const pull = (event: AppEvent) => `body.${event}.pull_requests.0`;

function pullFilters(event: AppEvent, { owner, branch, repositories }: Project): DataFilter[] {
  return [
    text(`${pull(event)}.number`, [number]),
    text(`${pull(event)}.base.ref`, [`^${escapeRegExp(branch)}$`]),
    text(
      `${pull(event)}.head.repo.url`,
      repositories.map(({ name }) => `(?i)/repos/${fullName(owner, name)}$`),
    ),
  ];
}

function ofBranch(event: AppEvent): Pick<BuildRequest, "namePart" | "parameters"> {
  const commit = `.Input.body.${event}.head_sha`;
  return {
    namePart: `trunc 12 ${commit}`,
    parameters: (branch) => ({ commit: `{{ ${commit} }}`, ref: `refs/heads/${branch}` }),
  };
}

function ofPull(event: AppEvent): Pick<BuildRequest, "namePart" | "parameters"> {
  const commit = `.Input.body.${event}.head_sha`;
  const pullNumber = `(index .Input.body.${event}.pull_requests 0).number`;
  return {
    namePart: `trunc 12 ${commit}`,
    parameters: () => ({ commit: `{{ ${commit} }}`, ref: pullRef(pullNumber) }),
  };
}

/**
 * Builds that _Re-run_ on GitHub asks for: of one check run, or of all that the GitHub App has made of a commit. GitHub sends this to the
 * App alone. It does not say what the sender may do in the repository, so nothing is built that was not pushed to the repository itself.
 */
import { escapeRegExp } from "../derived-names.ts";
import { ofPullRequest } from "../ref-names.ts";
import type { AppEvent, DataFilter } from "../kinds/events.ts";
import { fullName, text } from "./filters.ts";
import type { Asked, Project } from "./request.ts";
import { fullCommit, number, pullRef } from "./request.ts";

export const reruns = {
  /** A check run of the branch: the build itself finds out whether its commit is one of the branch still. */
  rerunCheck: {
    trigger: "rerun-check",
    event: "check_run",
    filters: (project) => [...rerunFilters("check_run", project), nameFilter(project, "")],
    ...ofBranch("check_run"),
  },
  /** All of a commit that was pushed to the branch; of a fork GitHub names no branch. */
  rerunSuite: {
    trigger: "rerun-suite",
    event: "check_suite",
    filters: (project) => [
      ...rerunFilters("check_suite", project),
      text("body.check_suite.head_branch", [`^${escapeRegExp(project.branch)}$`]),
    ],
    ...ofBranch("check_suite"),
  },
  /** A check run of a pull request into the branch, from a branch of the same repository; of a fork GitHub names no pull request. */
  rerunPullRequestCheck: {
    trigger: "rerun-pull-request-check",
    event: "check_run",
    filters: (project) => [
      ...rerunFilters("check_run", project),
      nameFilter(project, ofPullRequest.suffix),
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
} as const satisfies Readonly<Record<string, Asked<AppEvent>>>;

export type Rerun = keyof typeof reruns;

/** Those of pull requests. */
export const pullRequestReruns: readonly string[] = [
  "rerunPullRequestCheck",
  "rerunPullRequestSuite",
] satisfies readonly Rerun[];

/** By a person, and of what this App has made. */
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

function ofBranch(event: AppEvent): Pick<Asked, "named" | "given"> {
  const commit = `.Input.body.${event}.head_sha`;
  return {
    named: `trunc 12 ${commit}`,
    given: (branch) => ({ commit: `{{ ${commit} }}`, ref: `refs/heads/${branch}` }),
  };
}

function ofPull(event: AppEvent): Pick<Asked, "named" | "given"> {
  const commit = `.Input.body.${event}.head_sha`;
  const pullNumber = `(index .Input.body.${event}.pull_requests 0).number`;
  return {
    named: `trunc 12 ${commit}`,
    given: () => ({ commit: `{{ ${commit} }}`, ref: pullRef(pullNumber) }),
  };
}

/** Builds that no push starts: of pull requests, and those that a comment or a re-run on GitHub asks for. */
import { escapeRegExp } from "../derived-names.ts";
import type { DataFilter, WebhookEvent } from "../kinds/events.ts";
import { fullName, text } from "./filters.ts";
import type { Asked } from "./request.ts";
import { fullCommit, number, pullRef } from "./request.ts";
import { reruns } from "./reruns.ts";

export const asked = {
  /** A pull request into the branch, from a branch of the same repository. It has not been looked at which files it changes. */
  pullRequest: {
    trigger: "pull-request",
    event: "pull_request",
    filters: ({ owner, branch, repositories }) => [
      text("body.action", ["^(opened|reopened|synchronize)$"]),
      text("body.number", [number]),
      text("body.pull_request.base.ref", [`^${escapeRegExp(branch)}$`]),
      text("body.pull_request.head.sha", [`^${fullCommit}$`]),
      // One text of JSON. Of a fork the first name is another, and it is missing where the fork is gone.
      text(
        "body.[pull_request.head.repo.full_name,repository.full_name]",
        repositories.map(({ name }) => {
          const own = `"${fullName(owner, name)}"`;
          return `(?i)^\\[${own},${own}\\]$`;
        }),
      ),
    ],
    named: "trunc 12 .Input.body.pull_request.head.sha",
    given: () => ({
      commit: "{{ .Input.body.pull_request.head.sha }}",
      ref: pullRef(".Input.body.number"),
    }),
  },
  /** The newest commit of a pull request, of which the build itself finds out whether it is of a fork. */
  retest: {
    trigger: "retest",
    event: "issue_comment",
    filters: () => commentFilters("/retest", ["body.issue.pull_request.url", "."]),
    named: 'printf "pull-%d" (int64 .Input.body.issue.number) | trunc 12',
    given: () => ({ ref: pullRef(".Input.body.issue.number") }),
  },
  /** The commit that the comment names, wherever it is from. */
  test: {
    trigger: "test",
    event: "issue_comment",
    filters: () => commentFilters(`/test ${fullCommit}`, ["body.issue.pull_request.url", "."]),
    named: `regexFind "${fullCommit}" .Input.body.comment.body | trunc 12`,
    given: () => ({
      commit: `{{ regexFind "${fullCommit}" .Input.body.comment.body }}`,
      ref: pullRef(".Input.body.issue.number"),
    }),
  },
  /** A commit, of which the build itself finds out whether it is one of the branch: GitHub shows those of forks too. */
  retestCommit: {
    trigger: "retest-commit",
    event: "commit_comment",
    filters: () => commentFilters("/retest", ["body.comment.commit_id", `^${fullCommit}$`]),
    named: "trunc 12 .Input.body.comment.commit_id",
    given: (branch) => ({ commit: "{{ .Input.body.comment.commit_id }}", ref: `refs/heads/${branch}` }),
  },
} as const satisfies Readonly<Record<string, Asked<WebhookEvent>>>;

export type AskedBuild = keyof typeof asked | keyof typeof reruns;

export function askedBy(by: AskedBuild): Asked {
  return { ...asked, ...reruns }[by];
}

/** A new comment that says this and nothing else, by somebody of the repository. */
function commentFilters(says: string, [path, form]: readonly [string, string]): DataFilter[] {
  return [
    text("body.action", ["^created$"]),
    text("body.comment.body", [`^\\s*${says}\\s*$`]),
    text("body.comment.author_association", ["^(OWNER|MEMBER|COLLABORATOR)$"]),
    text(path, [form]),
    ...(path.startsWith("body.issue.") ? [text("body.issue.number", [number])] : []),
  ];
}

/** The events that a webhook must get, beside pushes. */
export const askedEvents: readonly WebhookEvent[] = [
  ...new Set(Object.values(asked).map(({ event }) => event)),
];

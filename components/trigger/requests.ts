/** Builds that no push starts: those of pull requests, and those requested by a comment or a re-run on GitHub. */
import { escapeRegExp } from "../derived-names.ts";
import type { DataFilter, WebhookEvent } from "../kinds/events.ts";
import { fullName, text } from "./filters.ts";
import type { BuildRequest } from "./request.ts";
import { fullCommit, number, pullRef } from "./request.ts";
import { reruns } from "./reruns.ts";

export const requests = {
  /** A pull request into the branch, from a branch of the same repository. The changed files do not matter. */
  pullRequest: {
    trigger: "pull-request",
    event: "pull_request",
    filters: ({ owner, branch, repositories }) => [
      text("body.action", ["^(opened|reopened|synchronize)$"]),
      text("body.number", [number]),
      text("body.pull_request.base.ref", [`^${escapeRegExp(branch)}$`]),
      text("body.pull_request.head.sha", [`^${fullCommit}$`]),
      // Both names in one JSON text. For a fork, the first name is different, or missing if the fork was deleted.
      text(
        "body.[pull_request.head.repo.full_name,repository.full_name]",
        repositories.map(({ name }) => {
          const own = `"${fullName(owner, name)}"`;
          return `(?i)^\\[${own},${own}\\]$`;
        }),
      ),
    ],
    namePart: "trunc 12 .Input.body.pull_request.head.sha",
    parameters: () => ({
      commit: "{{ .Input.body.pull_request.head.sha }}",
      ref: pullRef(".Input.body.number"),
    }),
  },
  /** The newest commit of a pull request. The build itself finds out whether it is of a fork. */
  retest: {
    trigger: "retest",
    event: "issue_comment",
    filters: () => commentFilters("/retest", ["body.issue.pull_request.url", "."]),
    namePart: 'printf "pull-%d" (int64 .Input.body.issue.number) | trunc 12',
    parameters: () => ({ ref: pullRef(".Input.body.issue.number") }),
  },
  /** The commit that the comment names, even if it is of a fork. */
  test: {
    trigger: "test",
    event: "issue_comment",
    filters: () => commentFilters(`/test ${fullCommit}`, ["body.issue.pull_request.url", "."]),
    namePart: `regexFind "${fullCommit}" .Input.body.comment.body | trunc 12`,
    parameters: () => ({
      commit: `{{ regexFind "${fullCommit}" .Input.body.comment.body }}`,
      ref: pullRef(".Input.body.issue.number"),
    }),
  },
  /** A commit. The build itself finds out whether it is on the branch: GitHub shows commits of forks too. */
  retestCommit: {
    trigger: "retest-commit",
    event: "commit_comment",
    filters: () => commentFilters("/retest", ["body.comment.commit_id", `^${fullCommit}$`]),
    namePart: "trunc 12 .Input.body.comment.commit_id",
    parameters: (branch) => ({ commit: "{{ .Input.body.comment.commit_id }}", ref: `refs/heads/${branch}` }),
  },
} as const satisfies Readonly<Record<string, BuildRequest<WebhookEvent>>>;

export type RequestKind = keyof typeof requests | keyof typeof reruns;

export function requestOf(by: RequestKind): BuildRequest {
  return { ...requests, ...reruns }[by];
}

/** A new comment with exactly this command, by an owner, a member or a collaborator of the repository. */
function commentFilters(command: string, [path, form]: readonly [string, string]): DataFilter[] {
  return [
    text("body.action", ["^created$"]),
    text("body.comment.body", [`^\\s*${command}\\s*$`]),
    text("body.comment.author_association", ["^(OWNER|MEMBER|COLLABORATOR)$"]),
    text(path, [form]),
    ...(path.startsWith("body.issue.") ? [text("body.issue.number", [number])] : []),
  ];
}

/** The events that a webhook needs in addition to pushes. */
export const requestEvents: readonly WebhookEvent[] = [
  ...new Set(Object.values(requests).map(({ event }) => event)),
];

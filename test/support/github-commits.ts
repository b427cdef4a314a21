/** Stands in for GitHub's API of commits: answers from git. */
import type { IncomingMessage, ServerResponse } from "node:http";

/** Runs git in a bare repository, and returns its output. */
type Git = (repository: string, ...args: string[]) => string;

const asked =
  /^\/repos\/([^/]+\/[^/]+)\/(?:git\/commits\/([0-9a-f]{40})|commits\/([0-9a-f]{40})\/(?:status|check-runs)|compare\/([0-9a-f]{40})\.\.\.([0-9a-f]{40}))(?:\?.*)?$/;

export interface CommitStatus {
  /** `owner/name`: repositories may have the same commit. */
  readonly repository: string;
  readonly commit: string;
  readonly status: { readonly context?: string; readonly state: string };
}

/**
 * Answers a request; with 404 if it is for something else, or if git does not have the commit.
 *
 * @param path may differ from that of its URL
 * @param statuses that were set, in their order
 */
export function answerOfCommits(
  git: Git,
  { method }: IncomingMessage,
  response: ServerResponse,
  path: string,
  statuses: readonly CommitStatus[],
): void {
  const body = method === "GET" ? bodyOf(git, path, statuses) : undefined;
  response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(body ?? { message: "Not Found" }));
}

function bodyOf(git: Git, path: string, statuses: readonly CommitStatus[]): object | undefined {
  const [, repository, commit, withStatus, from, to] = asked.exec(path) ?? [];
  if (repository === undefined) return undefined;
  const run = (...args: string[]) => git(repository, ...args);
  try {
    if (commit !== undefined)
      return { sha: commit, message: run("show", "--no-patch", "--format=%B", commit) };
    if (from !== undefined && to !== undefined) {
      for (const one of [from, to]) run("rev-parse", "--verify", "--quiet", `${one}^{commit}`);
      return comparison(run, from, to);
    }
  } catch {
    return undefined;
  }
  const own = statuses
    .filter((one) => one.repository === repository && one.commit === withStatus)
    .map(({ status }) => status);
  if (path.includes("/check-runs?")) return checkRuns(path, own);
  const latest = new Map(own.map((one) => [one.context, one]));
  return { state: "pending", statuses: [...latest.values()] };
}

/** The statuses of one name, as check runs. */
function checkRuns(path: string, statuses: readonly CommitStatus["status"][]): object {
  const name = new URL(path, "http://github").searchParams.get("check_name");
  const found = statuses.filter((one) => one.context === name);
  const conclusionOf = ({ state }: CommitStatus["status"]) =>
    state === "pending" ? null : state === "error" ? "cancelled" : state;
  return { check_runs: found.slice(-1).map((one) => ({ conclusion: conclusionOf(one) })) };
}

/** As GitHub does: the files that differ between the merge base and the second commit. */
function comparison(run: (...args: string[]) => string, from: string, to: string): object {
  const count = (range: string) => Number(run("rev-list", "--count", range));
  const [ahead, behind] = [count(`${from}..${to}`), count(`${to}..${from}`)];
  const files = run("diff", "--name-status", "--find-renames", `${from}...${to}`)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"))
    .map(([, first = "", second]) =>
      second === undefined ? { filename: first } : { filename: second, previous_filename: first },
    );
  const either = behind > 0 ? "behind" : "identical";
  const status = ahead > 0 ? (behind > 0 ? "diverged" : "ahead") : either;
  return { status, ahead_by: ahead, behind_by: behind, files };
}

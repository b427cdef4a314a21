/** Stands in for GitHub's API of check runs: accepts and refuses what GitHub does. */
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";

export interface CheckRun {
  readonly id: number;
  readonly app: { readonly id: number };
  readonly name: string;
  readonly head_sha: string;
  readonly external_id: string;
  readonly status: string;
  readonly conclusion?: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly details_url?: string;
  readonly output: { readonly title: string; readonly summary: string };
}

export interface ChecksServer extends HttpServer {
  /** All check runs, oldest first. */
  readonly runs: CheckRun[];
  /** Method and path of each request. */
  readonly asked: string[];
  /** Creates the next check run, but loses the response. */
  lose: boolean;
}

const place = /^\/repos\/acme\/web\/(?:commits\/([0-9a-f]{40})\/check-runs\?(.*)|check-runs(?:\/([0-9]+))?)$/;

/** @param token of the App with this ID, whose check runs it may write */
export async function startChecksServer(token: string, app: number): Promise<ChecksServer> {
  const runs: CheckRun[] = [];
  const asked: string[] = [];
  const state = { runs, asked, lose: false };
  const server = await startHttpServer(({ method = "", url = "", headers }, response, body) => {
    asked.push(`${method} ${url.replace(/\?.*/, "")}`);
    const [, commit, query, number] = place.exec(url) ?? [];
    const answer = (code: number, value: object) => response.writeHead(code).end(JSON.stringify(value));
    if (headers.authorization !== `Bearer ${token}`) answer(401, { message: "Bad credentials" });
    else if (method === "GET" && commit !== undefined)
      answer(200, { check_runs: listed(runs, commit, new URLSearchParams(query)) });
    else if (method === "POST" && url.endsWith("/check-runs"))
      take({ ...(JSON.parse(body) as Omit<CheckRun, "id" | "app">), id: runs.length + 1, app: { id: app } });
    else if (method === "PATCH" && number !== undefined)
      take({ ...runs[Number(number) - 1], ...(JSON.parse(body) as CheckRun) });
    else answer(404, { message: "Not Found" });

    function take(run: CheckRun): void {
      const error = errorOf(run);
      if (error === undefined) runs[run.id - 1] = run;
      const code = error === undefined ? (method === "POST" ? 201 : 200) : 422;
      answer(state.lose && code === 201 ? 502 : code, { id: run.id, message: error });
      state.lose &&= code !== 201;
    }
  });
  return Object.assign(state, server);
}

/** Newest first. */
function listed(runs: readonly CheckRun[], commit: string, query: URLSearchParams): CheckRun[] {
  const found = runs.filter(
    ({ head_sha, name, app }) =>
      head_sha === commit && name === query.get("check_name") && app.id.toString() === query.get("app_id"),
  );
  return found.toReversed().slice(0, query.get("filter") === "all" ? 100 : 1);
}

const conclusions = ["success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"];

function errorOf({ name, status, conclusion, output, details_url: page = "https://" }: CheckRun) {
  if (name === "" || output.title === "") return "Invalid request: missing";
  if (!["queued", "in_progress", "completed"].includes(status)) return "Invalid request: status";
  if (status === "completed" && !conclusions.includes(conclusion ?? "")) return "Invalid request: conclusion";
  if (output.summary.length > 65_535) return "Only 65535 characters are allowed";
  return /^https?:\/\//.test(page) ? undefined : "Invalid request: details_url";
}

/** Stands in for GitHub's statuses API: takes and refuses what GitHub takes and refuses. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";

export interface Status {
  readonly state: string;
  readonly context?: string;
  readonly description?: string;
  readonly target_url?: string;
}

export interface StatusServer {
  /** All that were taken, in their order. */
  readonly taken: readonly (Status & { readonly commit: string })[];
  /** Answers a request, whose path may not be that of its URL. */
  readonly take: (request: IncomingMessage, response: ServerResponse, path: string, body: string) => void;
}

export interface GitHubServer extends HttpServer {
  /** The last one that was taken, by the commit. */
  readonly statuses: Map<string, Status>;
}

const asked = /^\/repos\/([^/]+\/[^/]+)\/statuses\/([0-9a-f]{40})$/;

/** @param token the one that may set statuses of the repositories */
export function statusServer(token: string, repositories: RegExp): StatusServer {
  const taken: (Status & { commit: string })[] = [];
  const take = (request: IncomingMessage, response: ServerResponse, path: string, body: string) => {
    const [, repository = "", commit = ""] = asked.exec(path) ?? [];
    const refused =
      request.headers.authorization !== `Bearer ${token}`
        ? ([401, "Bad credentials"] as const)
        : !repositories.test(repository) || request.method !== "POST"
          ? ([404, "Not Found"] as const)
          : fault(request, body);
    if (refused === undefined) taken.push({ ...(JSON.parse(body) as Status), commit });
    const [code, message] = refused ?? [201, undefined];
    response.writeHead(code, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(message === undefined ? { id: 1 } : { message, status: code.toString() }));
  };
  return { taken, take };
}

export async function startGitHubServer(repository: string, token: string): Promise<GitHubServer> {
  const statuses = new Map<string, Status>();
  const { take, taken } = statusServer(token, new RegExp(`^${repository}$`));
  const server = await startHttpServer((request, response, body) => {
    take(request, response, request.url ?? "", body);
    for (const { commit, ...status } of taken) statuses.set(commit, status);
  });
  return { ...server, statuses };
}

function fault({ headers }: IncomingMessage, body: string): readonly [number, string] | undefined {
  if (headers["x-github-api-version"] !== "2022-11-28") return [400, "Unsupported version"];
  let status: Status;
  try {
    status = JSON.parse(body) as Status;
  } catch {
    return [400, "Problems parsing JSON"];
  }
  if (!["pending", "success", "failure", "error"].includes(status.state)) {
    return [422, "Validation Failed: state"];
  }
  // Characters, not the halves of which JavaScript's strings are made.
  if (/^.{141}/su.test(status.description ?? "")) return [422, "Validation Failed: description"];
  if (status.target_url !== undefined && !/^https?:\/\//.test(status.target_url)) {
    return [422, "Validation Failed: target_url"];
  }
  return undefined;
}

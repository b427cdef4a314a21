/** Stands in for GitHub's API of statuses and Deployments: accepts and refuses what GitHub does. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";

export interface Status {
  readonly state: string;
  readonly context?: string;
  readonly description?: string;
  readonly target_url?: string;
}

export interface TakenStatus {
  /** `owner/name`: repositories may have the same commit. */
  readonly repository: string;
  readonly commit: string;
  readonly status: Status;
}

/** A Deployment of a commit, with its statuses. */
export interface Deployment {
  /** `owner/name` */
  readonly repository: string;
  readonly ref: string;
  readonly environment: string;
  readonly statuses: readonly DeploymentStatus[];
}

interface OpenDeployment extends Deployment {
  readonly statuses: DeploymentStatus[];
}

export interface DeploymentStatus {
  readonly state: string;
  readonly environment?: string;
  readonly environment_url?: string;
  readonly log_url?: string;
  readonly description?: string;
}

export interface StatusServer {
  /** All that were accepted, in their order. */
  readonly taken: readonly TakenStatus[];
  readonly deployments: readonly Deployment[];
  /** Commits whose statuses are refused by a rate limit, each as `owner/name@commit`. */
  readonly limited: Set<string>;
  /** Answers a request, whose path may differ from that of its URL. */
  readonly take: (request: IncomingMessage, response: ServerResponse, path: string, body: string) => void;
}

export interface GitHubServer extends HttpServer {
  /** The last accepted status of each commit. */
  readonly statuses: Map<string, Status>;
  readonly deployments: readonly Deployment[];
}

const asked =
  /^\/repos\/([^/]+\/[^/]+)\/(?:statuses\/([0-9a-f]{40})|(deployments)|deployments\/([0-9]+)\/statuses)$/;

/** @param token the one that may write to the repositories */
export function statusServer(token: string, repositories: RegExp): StatusServer {
  const taken: TakenStatus[] = [];
  const deployments: OpenDeployment[] = [];
  const limited = new Set<string>();
  const write = (path: string, body: string): string | undefined => {
    const [, repository = "", commit, all, number] = asked.exec(path) ?? [];
    if (commit !== undefined) {
      const status = JSON.parse(body) as Status;
      return taking(taken, { repository, commit, status }, statusError(status));
    }
    if (all !== undefined) return opening(deployments, repository, JSON.parse(body) as Opened);
    const { statuses } = deployments[Number(number) - 1] ?? {};
    if (statuses === undefined) return "Not Found";
    const status = JSON.parse(body) as DeploymentStatus;
    return taking(statuses, status, deploymentError(status));
  };
  const take = (request: IncomingMessage, response: ServerResponse, path: string, body: string) => {
    const [, repository = "", commit = ""] = asked.exec(path) ?? [];
    if (request.method === "GET" && /^\/repos\/[^/]+\/[^/]+\/deployments\?/.test(path)) {
      listed(deployments, path, response);
      return;
    }
    const refused = limited.has(`${repository}@${commit}`)
      ? ([403, "You have exceeded a secondary rate limit."] as const)
      : (refusal(request, token, repositories.test(repository)) ?? read(() => write(path, body)));
    const [code, message] = refused ?? [201, undefined];
    response.writeHead(code, { "content-type": "application/json; charset=utf-8" });
    const answer = message === undefined ? { id: deployments.length } : { message, status: code.toString() };
    response.end(JSON.stringify(answer));
  };
  return { taken, deployments, limited, take };
}

/** The newest Deployment of a commit and an environment. */
function listed(all: readonly Deployment[], path: string, response: ServerResponse): void {
  const { pathname, searchParams: query } = new URL(path, "http://github");
  const last = all.findLastIndex(
    ({ repository, ref, environment }) =>
      pathname === `/repos/${repository}/deployments` &&
      ref === query.get("sha") &&
      environment === query.get("environment"),
  );
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(last < 0 ? [] : [{ id: last + 1 }]));
}

interface Opened extends Pick<Deployment, "ref" | "environment"> {
  readonly required_contexts?: readonly string[];
}

function opening(
  all: OpenDeployment[],
  repository: string,
  { ref, environment, required_contexts: checks }: Opened,
) {
  // GitHub refuses a commit whose checks have not succeeded, unless the request ignores them.
  if (checks?.length !== 0) return "Conflict: Commit status checks failed";
  all.push({ repository, ref, environment, statuses: [] });
  return undefined;
}

function taking<One>(all: One[], one: One, error: string | undefined): string | undefined {
  if (error === undefined) all.push(one);
  return error;
}

type Refusal = readonly [code: number, message: string] | undefined;

function refusal({ headers, method }: IncomingMessage, token: string, isKnown: boolean): Refusal {
  if (headers.authorization !== `Bearer ${token}`) return [401, "Bad credentials"];
  if (!isKnown || method !== "POST") return [404, "Not Found"];
  // GitHub requires a user agent.
  if (headers["user-agent"] === undefined) return [403, "Request forbidden by administrative rules"];
  return headers["x-github-api-version"] === "2022-11-28" ? undefined : [400, "Unsupported version"];
}

function read(write: () => string | undefined): Refusal {
  try {
    const error = write();
    return error === undefined ? undefined : [422, error];
  } catch {
    return [400, "Problems parsing JSON"];
  }
}

export async function startGitHubServer(repository: string, token: string): Promise<GitHubServer> {
  const statuses = new Map<string, Status>();
  const { take, taken, deployments } = statusServer(token, new RegExp(`^${repository}$`));
  const server = await startHttpServer((request, response, body) => {
    take(request, response, request.url ?? "", body);
    for (const { commit, status } of taken) statuses.set(commit, status);
  });
  return { ...server, statuses, deployments };
}

function statusError({ state, description, context, target_url: url }: Status): string | undefined {
  if (!["pending", "success", "failure", "error"].includes(state)) return "Validation Failed: state";
  if (isLong(description)) return "Validation Failed: description";
  if (hasFourBytes(description)) return "description doesn't accept 4-byte Unicode";
  if (hasFourBytes(context)) return "context doesn't accept 4-byte Unicode";
  return isAddress(url) ? undefined : "Validation Failed: target_url";
}

const states = ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"];

function deploymentError(status: DeploymentStatus): string | undefined {
  if (!states.includes(status.state)) return "Validation Failed: state";
  if (isLong(status.description)) return "Validation Failed: description";
  if (hasFourBytes(status.description)) return "description doesn't accept 4-byte Unicode";
  const areAddresses = isAddress(status.environment_url) && isAddress(status.log_url);
  return areAddresses ? undefined : "Validation Failed: url";
}

/** Counts characters, not the UTF-16 code units of JavaScript's strings. */
function isLong(text = ""): boolean {
  return /^.{141}/su.test(text);
}

function hasFourBytes(text = ""): boolean {
  return /[\u{10000}-\u{10FFFF}]/u.test(text);
}

function isAddress(text = "https://"): boolean {
  return /^https?:\/\//.test(text);
}

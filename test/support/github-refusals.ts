/** Stands in for GitHub's API of statuses and Deployments: what is written can be read, with the current time. */
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";

interface KnownStatus {
  readonly commit: string;
  readonly context: string;
  readonly state: string;
  readonly updated_at: string;
}

interface KnownDeployment {
  readonly id: number;
  readonly sha: string;
  readonly environment: string;
  readonly created_at: string;
}

interface DeploymentStatus {
  readonly state: string;
  readonly created_at: string;
}

export interface LateGitHub extends HttpServer {
  readonly statuses: KnownStatus[];
  /** What was accepted: `owner/name/path`, and the body. */
  readonly written: [path: string, body: unknown][];
  /** `owner/name/path` of every request. */
  readonly asked: string[];
  /** Adds a newest Deployment, with its statuses. */
  readonly open: (deployment: KnownDeployment, ...reports: readonly DeploymentStatus[]) => void;
  /** Answers each write of an owner like this. */
  readonly refuse: (owner: string, code: number, message: string) => void;
  /** Accepts this many writes, and then none. */
  readonly limitAfter: (writes: number) => void;
  readonly reset: () => void;
}

/** @param token of every owner */
export async function startLateGitHub(token: string): Promise<LateGitHub> {
  const known = new Known();
  const server = await startHttpServer((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://github");
    const path = pathname.replace("/repos/", "");
    known.asked.push(path);
    const [code, answer] =
      request.headers.authorization === `Bearer ${token}`
        ? known.answer(request.method === "GET" ? undefined : body, path, searchParams)
        : [401, { message: "Bad credentials" }];
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  const { statuses, written, asked } = known;
  return {
    ...{ ...server, statuses, written, asked },
    open: (deployment, ...reports) => known.deployments.push([deployment, [...reports]]),
    refuse: (owner, code, message) => (known.refusal = { owner, code, message }),
    limitAfter: (writes) => (known.left = writes),
    reset: () => known.reset(),
  };
}

type Answer = readonly [code: number, body: unknown];

class Known {
  readonly statuses: KnownStatus[] = [];
  /** Newest last, each with its newest status last. */
  readonly deployments: [KnownDeployment, DeploymentStatus[]][] = [];
  readonly written: [string, unknown][] = [];
  readonly asked: string[] = [];
  refusal = { owner: "", code: 0, message: "" };
  left = Infinity;

  reset(): void {
    for (const one of [this.statuses, this.deployments, this.written, this.asked]) one.length = 0;
    this.refusal = { owner: "", code: 0, message: "" };
    this.left = Infinity;
  }

  answer(body: string | undefined, path: string, query: URLSearchParams): Answer {
    const { owner, code, message } = this.refusal;
    if (body === undefined) return [200, this.#read(path, query)];
    if (path.startsWith(`${owner}/`)) return [code, { message }];
    if (this.left === 0) return [429, { message: "You have exceeded a secondary rate limit." }];
    this.left -= 1;
    const json = JSON.parse(body) as Record<string, string>;
    this.written.push([path, json]);
    return [201, this.#write(path, json)];
  }

  /** As GitHub lists them: newest first. */
  #read(path: string, query: URLSearchParams): unknown {
    const [, , of, id = "", more] = path.split("/");
    if (of === "commits")
      return { statuses: this.statuses.filter(({ commit }) => commit === id).toReversed() };
    const all = this.deployments.toReversed();
    const reports = all.find(([{ id: number }]) => number === Number(id))?.[1];
    if (more === "statuses") return reports?.slice(-1);
    const [sha, environment] = [query.get("sha"), query.get("environment")];
    const found = all.map(([one]) => one).filter((one) => sha === null || one.sha === sha);
    return found.filter((one) => one.environment === environment).slice(0, 1);
  }

  #write(path: string, body: Record<string, string>): unknown {
    const [, , of, id = ""] = path.split("/");
    const { state = "", context = "", ref: sha = "", environment = "" } = body;
    const now = new Date().toISOString();
    if (of === "statuses") {
      const others = this.statuses.filter((one) => one.commit !== id || one.context !== context);
      this.statuses.splice(0, Infinity, ...others, { commit: id, context, state, updated_at: now });
    } else if (id === "") {
      const number = Math.max(0, ...this.deployments.map(([one]) => one.id)) + 1;
      this.deployments.push([{ id: number, sha, environment, created_at: now }, []]);
      return { id: number, sha, environment, created_at: now };
    } else this.deployments.find(([one]) => one.id === Number(id))?.[1].push({ state, created_at: now });
    return {};
  }
}

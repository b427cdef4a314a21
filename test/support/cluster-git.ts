/** A git server in place of GitHub: bare repositories, served by git's own `http-backend`. */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { answerOfCommits } from "./github-commits.ts";
import type { StatusServer } from "./github-server.ts";

export interface GitServer {
  /** The URL at which others reach it. */
  readonly url: string;
  /** Adds a commit to a branch, making the repository if it does not exist. @returns the full commit */
  readonly commit: (repository: string, branch: string, files: Readonly<Record<string, string>>) => string;
  /** The `authorization` headers of all requests. */
  readonly authorizations: ReadonlySet<string>;
  /** Stores a file in Git LFS. @returns its pointer */
  readonly keep: (content: string) => string;
  /** Runs git in a bare repository. */
  readonly git: (repository: string, ...args: string[]) => string;
  readonly close: () => void;
}

export interface GitServerOptions {
  /** The address to listen on; all by default. */
  readonly address?: string | undefined;
  /** Required for private repositories, in GitHub's form; without it, none is private. */
  readonly token?: string;
  /** The private paths; all by default. */
  readonly hidden?: RegExp;
  /** Receives calls of GitHub's API, at the paths of a GitHub Enterprise Server, which also returns commits. */
  readonly statuses?: StatusServer;
  /** Called for each push, once git has accepted it and before the client knows; by default, pushes are refused. */
  readonly onReceived?: ((repository: string) => void) | undefined;
}

/**
 * @param folder for the repositories
 * @param host the address at which others reach this machine
 */
export async function startGitServer(
  folder: string,
  host: string,
  { address, token, hidden = /^/, statuses, onReceived }: GitServerOptions = {},
): Promise<GitServer> {
  mkdirSync(folder, { recursive: true });
  const authorizations = new Set<string>();
  const kept = new Map<string, string>();
  const git = (repository: string, ...args: string[]) =>
    execFileSync("git", args, { cwd: join(folder, `${repository}.git`), encoding: "utf8" }).trim();
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    const { authorization } = headers;
    if (authorization !== undefined) authorizations.add(authorization);
    const mayRead = token === undefined || !hidden.test(url) || authorization === basic(token);
    if (statuses !== undefined && url.startsWith("/api/v3/") && request.method === "GET")
      answerOfCommits(git, request, response, url.slice("/api/v3".length), statuses.taken);
    else if (statuses !== undefined && url.startsWith("/api/v3/")) {
      void text(request).then((body) => statuses.take(request, response, url.slice("/api/v3".length), body));
    } else if (mayRead && /\/info\/lfs\/|^\/kept\//.test(url)) {
      void text(request).then((body) => serveLfs(kept, `http://${headers.host ?? ""}`, url, body, response));
    } else if (mayRead) serve(folder, request, response, onReceived);
    else response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' }).end();
  });
  await new Promise<void>((done, fail) => {
    server.on("error", fail);
    server.listen(0, address, () => done());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port.toString()}`,
    commit: (repository, branch, files) => commit(join(folder, `${repository}.git`), branch, files),
    keep: (content) => keep(kept, content),
    git,
    authorizations,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The header of git's requests with a token. */
export function basic(token: string): string {
  return `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
}

function commit(repository: string, branch: string, files: Readonly<Record<string, string>>): string {
  const git = (folder: string, ...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      // Without this machine's settings, such as the filters of Git LFS.
      env: { ...process.env, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
    }).trim();
  const work = `${repository}.work`;
  mkdirSync(work, { recursive: true });
  mkdirSync(repository, { recursive: true });
  // As GitHub does: the first branch is the default one.
  git(repository, "init", "--quiet", "--bare", "--initial-branch", branch);
  // As GitHub does: a commit can be fetched by its hash.
  git(repository, "config", "uploadpack.allowAnySHA1InWant", "true");
  git(work, "init", "--quiet");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  }
  git(work, "add", "--all");
  git(work, "commit", "--quiet", "--allow-empty", "--message=a change");
  git(work, "push", "--quiet", repository, `HEAD:refs/heads/${branch}`);
  return git(work, "rev-parse", "HEAD");
}

function keep(kept: Map<string, string>, content: string): string {
  const id = createHash("sha256").update(content).digest("hex");
  kept.set(id, content);
  const size = Buffer.byteLength(content).toString();
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize ${size}\n`;
}

/** Git LFS' batch API, and the files that it names. */
function serveLfs(
  kept: ReadonlyMap<string, string>,
  server: string,
  url: string,
  body: string,
  response: ServerResponse,
): void {
  if (!url.endsWith("/objects/batch")) {
    response.end(kept.get(url.replace("/kept/", "")));
    return;
  }
  const { objects } = JSON.parse(body) as { readonly objects: readonly { oid: string; size: number }[] };
  const answers = objects.map((one) =>
    kept.has(one.oid)
      ? { ...one, actions: { download: { href: `${server}/kept/${one.oid}` } } }
      : { ...one, error: { code: 404, message: "not found" } },
  );
  response.setHeader("content-type", "application/vnd.git-lfs+json");
  response.end(JSON.stringify({ transfer: "basic", objects: answers }));
}

/** Passes a request to git's CGI program. */
function serve(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  onReceived: GitServerOptions["onReceived"],
): void {
  const { pathname, search } = new URL(request.url ?? "/", "http://git");
  const taking = onReceived === undefined ? [] : ["-c", "http.receivepack=true"];
  const backend = spawn("git", [...taking, "http-backend"], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  backend.on("close", () => {
    const [, received] = /^\/(.+)\.git\/git-receive-pack$/.exec(pathname) ?? [];
    if (received !== undefined) onReceived?.(received);
    answer(Buffer.concat(chunks), response);
  });
}

function answer(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf("\r\n\r\n");
  const headers = output
    .subarray(0, end)
    .toString()
    .split("\r\n")
    .map((line) => line.split(": ", 2));
  for (const [name = "", value = ""] of headers) {
    if (name === "Status") response.statusCode = Number.parseInt(value, 10);
    else if (name !== "") response.setHeader(name, value);
  }
  response.end(output.subarray(end + 4));
}

/** Stands in for a registry with images of commits, and requires authentication in each of the possible ways. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";

export interface RegistryServer extends HttpServer {
  readonly host: string;
  /** The commits of the images: `path:tag` -> commit. */
  readonly images: Map<string, string>;
  /** The requests: `method path`. */
  readonly asked: string[];
  /** Answers every request with this code, if it is not 0. */
  code: number;
}

/** What it requires: nothing, a login, or a token for each image, in exchange for a login. */
export type RequiredLogin = "nothing" | "login" | "token";

export const login = { username: "robot", password: "secret of the registry" };
const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;

/** @param isIndex whether each image is a list of images for one platform each */
export async function startRegistryServer(required: RequiredLogin, isIndex = false): Promise<RegistryServer> {
  const state = { images: new Map<string, string>(), asked: [] as string[], code: 0 };
  const server = await startHttpServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", server.url);
    state.asked.push(`${request.method ?? ""} ${pathname}`);
    if (state.code !== 0) response.writeHead(state.code).end();
    else if (pathname === "/token") giveToken(request, response, searchParams);
    else if (pathname.startsWith("/store/")) sendBlob(request, response, pathname);
    else if (!isAllowed(required, request, pathname)) refuse(required, server.url, response);
    else answer(state.images, isIndex, pathname, response);
  });
  return Object.assign(state, server, { host: new URL(server.url).host });
}

function isAllowed(
  required: RequiredLogin,
  { headers: { authorization } }: IncomingMessage,
  pathname: string,
): boolean {
  const path = /^\/v2\/(.+)\/(?:manifests|blobs)\//.exec(pathname)?.[1] ?? "";
  return (
    required === "nothing" || authorization === (required === "login" ? basic : `Bearer token-of-${path}`)
  );
}

function refuse(required: RequiredLogin, url: string, response: ServerResponse): void {
  const token = `Bearer realm="${url}/token",service="registry.example.com",scope="repository:x:pull"`;
  const challenge = required === "login" ? 'Basic realm="registry"' : token;
  response.writeHead(401, { "www-authenticate": challenge }).end();
}

function giveToken({ headers }: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
  const [, path = ""] = /^repository:(.+):pull$/.exec(query.get("scope") ?? "") ?? [];
  const isKnown = headers.authorization === basic && query.get("service") === "registry.example.com";
  response.writeHead(isKnown ? 200 : 401).end(JSON.stringify(isKnown ? { token: `token-of-${path}` } : {}));
}

function answer(
  images: ReadonlyMap<string, string>,
  isIndex: boolean,
  pathname: string,
  response: ServerResponse,
): void {
  const [, path = "", kind = "", reference = ""] =
    /^\/v2\/(.+)\/(manifests|blobs)\/(.+)$/.exec(pathname) ?? [];
  const commit = images.get(`${path}:${reference}`) ?? /^sha256:([0-9a-f]{40})/.exec(reference)?.[1];
  if (commit === undefined) response.writeHead(404).end();
  else if (kind === "blobs") response.writeHead(307, { location: `/store/${commit}` }).end();
  else {
    const body = reference.startsWith("sha256:") || !isIndex ? manifest(commit) : index(commit);
    response.setHeader("docker-content-digest", digest(body));
    response.end(body);
  }
}

/** Blobs are stored elsewhere, where a login is refused. */
function sendBlob({ headers }: IncomingMessage, response: ServerResponse, pathname: string): void {
  const revision = pathname.slice("/store/".length);
  const config = { config: { Labels: { "org.opencontainers.image.revision": revision } } };
  if (headers.authorization === undefined) response.end(JSON.stringify(config));
  else response.writeHead(400).end();
}

/** The digest of a commit's image; not for a list of images. */
export function digestOf(commit: string): string {
  return digest(manifest(commit));
}

function digest(body: string): string {
  return `sha256:${createHash("sha256").update(body).digest("hex")}`;
}

function manifest(commit: string): string {
  return JSON.stringify({ config: { digest: `sha256:${commit}${"0".repeat(24)}` } });
}

function index(commit: string): string {
  return JSON.stringify({ manifests: [{ digest: `sha256:${commit}${"1".repeat(24)}` }] });
}

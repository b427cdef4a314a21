/** Stands in for a registry that accepts pushes: requires a token for each scope, and records what it receives. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";
import { login } from "./registry-server.ts";

export interface UploadRegistry extends HttpServer {
  readonly host: string;
  /** `method path` of each request, and its token. */
  readonly asked: string[];
  /** What it has received: path -> body. */
  readonly sent: Map<string, string>;
}

const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;

/** A token consists of the scopes that it is for. The download of a layer is redirected to `store`. */
export async function startUploadRegistry(store: string): Promise<UploadRegistry> {
  const state = { asked: [] as string[], sent: new Map<string, string>() };
  const server = await startHttpServer((request, response, body) => {
    const { pathname, searchParams, search } = new URL(request.url ?? "/", server.url);
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "nobody";
    if (pathname !== "/token") state.asked.push(`${request.method ?? ""} ${pathname}${search} as ${token}`);
    if (pathname === "/token") giveToken(request, response, searchParams);
    else if (token === "nobody") refuse(server.url, response);
    else answer(request, response, { ...state, pathname, body, store });
  });
  return Object.assign(state, server, { host: new URL(server.url).host });
}

function giveToken({ headers }: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
  const token = headers.authorization === basic ? query.getAll("scope").join("+") : "nobody";
  response.end(JSON.stringify({ token }));
}

function refuse(url: string, response: ServerResponse): void {
  response.writeHead(401, { "www-authenticate": `Bearer realm="${url}/token",service="registry"` }).end();
}

interface Asked {
  readonly pathname: string;
  readonly body: string;
  readonly store: string;
  readonly sent: Map<string, string>;
}

/** As with some registries, the address of an upload is not one of the specification's. */
function answer({ method }: IncomingMessage, response: ServerResponse, asked: Asked): void {
  const { pathname, body, store, sent } = asked;
  if (method === "POST") response.writeHead(202, { location: "/uploads/7?state=1" }).end();
  else if (method === "PATCH" || method === "PUT") {
    sent.set(pathname, (sent.get(pathname) ?? "") + body);
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    const isPart = method === "PATCH";
    const headers = isPart ? { location: "/uploads/7?state=2" } : { "docker-content-digest": digest };
    response.writeHead(isPart ? 202 : 201, headers).end();
  } else if (pathname.includes("/blobs/")) response.writeHead(307, { location: `${store}/layer` }).end();
  else response.end(`{"of":"${pathname}"}`);
}

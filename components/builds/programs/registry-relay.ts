/** Passes a builder's requests on to a registry, with the login, as far as the rules allow. */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { bodyOf } from "./http.ts";
import type { Authorization, RegistryAccess } from "./registry-access.ts";
import type { Allowed, Writable } from "./registry-rules.ts";
import { allowed } from "./registry-rules.ts";
import { cut, withoutControls } from "./text.ts";

/** Milliseconds in which nothing comes. */
const patience = 300_000;

/** Bytes: more, no registry takes (the distribution specification). */
const longestManifest = 2 ** 22;

/** What is said of one connection alone, and what the builder need not know. */
const ownHeaders = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "host", "authorization", "cookie", "www-authenticate", "set-cookie"],
]);

interface Next {
  readonly methods: readonly string[];
  readonly scopes: readonly string[];
}

const upload = ["PATCH", "PUT", "GET", "DELETE"];
const redirect = ["GET", "HEAD"];

export class Relay {
  readonly #host: string;
  readonly #access: RegistryAccess;
  readonly #own: Writable;
  readonly #pushed: (digest: string) => void;
  /** Where the registry has sent the builder: path -> how it may go on there. */
  readonly #next = new Map<string, Next>();

  /** @param pushed is told the digest of the image each time that it has its tag */
  constructor(host: string, access: RegistryAccess, own: Writable, pushed: (digest: string) => void) {
    this.#host = host;
    this.#access = access;
    this.#own = own;
    this.#pushed = pushed;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: target = "" } = request;
    // A whole address would name another server.
    const url = target.startsWith("/") ? new URL(`${this.#access.api}${target}`) : undefined;
    const may = url && this.#may(method, url);
    if (url?.pathname === "/v2/") greet(response);
    else if (url === undefined || may === undefined) this.#refuse(request, response);
    else if (may.tags) await this.#tag(url, may, request, response);
    else await this.#pass(url, may, request, response);
  }

  #may(method: string, url: URL): Allowed | undefined {
    const next = this.#next.get(url.pathname);
    if (next?.methods.includes(method) === true) return { scopes: next.scopes, tags: false };
    return allowed({ method, host: this.#host, path: url.pathname, query: url.searchParams }, this.#own);
  }

  #refuse({ method = "", url = "" }: IncomingMessage, response: ServerResponse): void {
    const what = withoutControls(cut(`${method} ${this.#host}${url}`, 200, "…"));
    console.log(`refused: ${what}`);
    refuse(response, 403, "DENIED", `a build may not ${what}`);
  }

  async #pass(url: URL, may: Allowed, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = hasBody(request) ? request : undefined;
    const answer = await this.#send(url, may, request, body);
    await sendOn(answer, this.#locationOf(answer, may, url), response);
  }

  /** The digest is that of what is sent, whatever the registry answers. */
  async #tag(url: URL, may: Allowed, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const tooLong = `a manifest is longer than ${longestManifest.toString()} bytes`;
    const body = await bodyOf(request, longestManifest, tooLong);
    const answer = await this.#send(url, may, request, body);
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (answer.statusCode === 201) {
      this.#pushed(digest);
      console.log(`pushed ${this.#own.image}:${this.#own.tag}, ${digest}`);
    }
    await sendOn(answer, undefined, response);
  }

  /** What streams cannot be sent again; before it a client has asked for something else, and the registry said what it wants. */
  async #send(
    url: URL,
    { scopes }: Allowed,
    { method = "", headers }: IncomingMessage,
    body: Readable | Buffer | undefined,
  ): Promise<IncomingMessage> {
    const send = async () => {
      const who = await this.#access.authorization(scopes);
      return { who, answer: await exchange(url, method, { ...passedOn(headers), ...who }, body) };
    };
    const { who, answer } = await send();
    if (body !== undefined && !Buffer.isBuffer(body)) return answer;
    return this.#isRefused(who, answer) ? (await send()).answer : answer;
  }

  #isRefused(who: Authorization, answer: IncomingMessage): boolean {
    const again = this.#access.learn(who, answer.statusCode ?? 0, answer.headers);
    if (again) answer.resume();
    return again;
  }

  /** Within the registry, the builder comes back here; elsewhere, it goes by itself, where no login is needed. */
  #locationOf(
    { headers: { location }, statusCode }: IncomingMessage,
    { scopes }: Allowed,
    url: URL,
  ): string | undefined {
    if (location === undefined) return undefined;
    const next = new URL(location, url);
    if (next.origin !== url.origin) return next.href;
    if (statusCode !== 201)
      this.#next.set(next.pathname, { methods: statusCode === 202 ? upload : redirect, scopes });
    return `${next.pathname}${next.search}`;
  }
}

/** Clients ask whether it is a registry. */
function greet(response: ServerResponse): void {
  response.writeHead(200, { "docker-distribution-api-version": "registry/2.0" }).end("{}");
}

export function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { "content-type": "application/json" }).end(errors(code, message));
}

/** As the specification has errors of a registry. */
function errors(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.has(name)));
}

function exchange(
  url: URL,
  method: string,
  headers: IncomingHttpHeaders,
  body: Readable | Buffer | undefined,
): Promise<IncomingMessage> {
  const send = url.protocol === "https:" ? secureRequest : plainRequest;
  return new Promise((done, fail) => {
    // A connection is not used again: the registry may just be closing it, and an upload cannot be sent twice.
    const request = send(url, { method, headers: { ...headers, connection: "close" } }, done);
    request.setTimeout(patience, () =>
      request.destroy(new Error(`${url.host} has said nothing for ${(patience / 1000).toString()} s`)),
    );
    request.on("error", fail);
    if (body === undefined || Buffer.isBuffer(body)) request.end(body);
    else pipeline(body, request).catch(fail);
  });
}

function sendOn(answer: IncomingMessage, location: string | undefined, response: ServerResponse) {
  const headers = { ...passedOn(answer.headers), ...(location === undefined ? {} : { location }) };
  response.writeHead(answer.statusCode ?? 502, headers);
  return pipeline(answer, response);
}

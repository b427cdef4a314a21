/** Forwards the requests of a builder that the rules allow to a registry, with the login. */
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

/** Milliseconds without data from the registry. */
const idleTimeout = 300_000;

/** In bytes: the limit of registries (distribution specification). */
const maxManifestBytes = 2 ** 22;

/** Headers that are not forwarded: they concern one connection, or authentication. */
const withheldHeaders = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "host", "authorization", "cookie", "www-authenticate", "set-cookie"],
]);

interface FollowUp {
  readonly methods: readonly string[];
  readonly scopes: readonly string[];
}

const uploadMethods = ["PATCH", "PUT", "GET", "DELETE"];
const redirectMethods = ["GET", "HEAD"];

export class Relay {
  readonly #host: string;
  readonly #access: RegistryAccess;
  readonly #writable: Writable;
  readonly #onPush: (digest: string) => void;
  /** Paths to which the registry has sent the builder, and what the builder may do there. */
  readonly #followUps = new Map<string, FollowUp>();

  /** @param onPush called with the image's digest whenever its tag is pushed */
  constructor(host: string, access: RegistryAccess, writable: Writable, onPush: (digest: string) => void) {
    this.#host = host;
    this.#access = access;
    this.#writable = writable;
    this.#onPush = onPush;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: target = "" } = request;
    // An absolute URL would name another server.
    const url = target.startsWith("/") ? new URL(`${this.#access.api}${target}`) : undefined;
    const rule = url && this.#rule(method, url);
    if (url?.pathname === "/v2/") answerPing(response);
    else if (url === undefined || rule === undefined) this.#refuse(request, response);
    else if (rule.tags) await this.#tag(url, rule, request, response);
    else await this.#pass(url, rule, request, response);
  }

  #rule(method: string, url: URL): Allowed | undefined {
    const next = this.#followUps.get(url.pathname);
    if (next?.methods.includes(method) === true) return { scopes: next.scopes, tags: false };
    return allowed({ method, host: this.#host, path: url.pathname, query: url.searchParams }, this.#writable);
  }

  #refuse({ method = "", url = "" }: IncomingMessage, response: ServerResponse): void {
    const attempt = withoutControls(cut(`${method} ${this.#host}${url}`, 200, "…"));
    console.log(`refused: ${attempt}`);
    refuse(response, 403, "DENIED", `a build may not ${attempt}`);
  }

  async #pass(url: URL, rule: Allowed, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = hasBody(request) ? request : undefined;
    const answer = await this.#send(url, rule, request, body);
    await forward(answer, this.#locationOf(answer, rule, url), response);
  }

  /** The digest is computed from what is sent, so it does not depend on the registry. */
  async #tag(url: URL, rule: Allowed, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const tooLong = `a manifest is longer than ${maxManifestBytes.toString()} bytes`;
    const body = await bodyOf(request, maxManifestBytes, tooLong);
    const answer = await this.#send(url, rule, request, body);
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (answer.statusCode === 201) {
      this.#onPush(digest);
      console.log(`pushed ${this.#writable.image}:${this.#writable.tag}, ${digest}`);
    }
    await forward(answer, undefined, response);
  }

  /** A stream cannot be sent again, and need not be: an earlier request has shown how to authenticate. */
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

  /** Within the registry, the builder returns to this proxy. It connects to other servers itself, without a login. */
  #locationOf(
    { headers: { location }, statusCode }: IncomingMessage,
    { scopes }: Allowed,
    url: URL,
  ): string | undefined {
    if (location === undefined) return undefined;
    const next = new URL(location, url);
    if (next.origin !== url.origin) return next.href;
    if (statusCode !== 201)
      this.#followUps.set(next.pathname, {
        methods: statusCode === 202 ? uploadMethods : redirectMethods,
        scopes,
      });
    return `${next.pathname}${next.search}`;
  }
}

/** Answers clients that check whether this is a registry. */
function answerPing(response: ServerResponse): void {
  response.writeHead(200, { "docker-distribution-api-version": "registry/2.0" }).end("{}");
}

export function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { "content-type": "application/json" }).end(errors(code, message));
}

/** An error in the format of the distribution specification. */
function errors(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !withheldHeaders.has(name)));
}

function exchange(
  url: URL,
  method: string,
  headers: IncomingHttpHeaders,
  body: Readable | Buffer | undefined,
): Promise<IncomingMessage> {
  const send = url.protocol === "https:" ? secureRequest : plainRequest;
  return new Promise((done, fail) => {
    // Connections are not reused, since the registry may be closing them and an upload cannot be sent twice.
    const request = send(url, { method, headers: { ...headers, connection: "close" } }, done);
    request.setTimeout(idleTimeout, () =>
      request.destroy(new Error(`${url.host} has sent nothing for ${(idleTimeout / 1000).toString()} s`)),
    );
    request.on("error", fail);
    if (body === undefined || Buffer.isBuffer(body)) request.end(body);
    else pipeline(body, request).catch(fail);
  });
}

function forward(answer: IncomingMessage, location: string | undefined, response: ServerResponse) {
  const headers = { ...passedOn(answer.headers), ...(location === undefined ? {} : { location }) };
  response.writeHead(answer.statusCode ?? 502, headers);
  return pipeline(answer, response);
}

/** HTTP requests that carry secrets, to GitHub, the API server and others. Redirects are not followed. */
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { parseJson } from "./json.ts";
import { messageOf } from "./program.ts";
import { cut, withoutControls } from "./text.ts";

export interface Request {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** File with the only trusted certificate authority; if absent, Node's own are trusted. */
  readonly authority?: string;
  /** The timeout of the whole exchange. */
  readonly seconds: number;
}

export interface Answer {
  /** The status code; 0 if there was no answer. */
  readonly code: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  /** The status code and message, or the error, in one short line. */
  readonly reason: string;
  /** Seconds from the header Retry-After; 0 if there is none. */
  readonly retryAfter: number;
}

/** Reads a secret from a file; empty if it cannot be read. Read each time, since it may change while a program runs. */
export function readSecret(file: string): string {
  try {
    return readFileSync(file, "utf8").trimEnd();
  } catch {
    console.error(`cannot read a token from ${file}: is its Secret mounted?`);
    return "";
  }
}

export async function ask(request: Request): Promise<Answer> {
  try {
    return await send(request);
  } catch (error) {
    return { code: 0, text: "", headers: {}, reason: `000 ${lineOf(messageOf(error))}`, retryAfter: 0 };
  }
}

/** The error for an answer other than success. */
export class Refusal extends Error {
  readonly answer: Answer;

  /** @param server the server's name in the message */
  constructor(answer: Answer, server: string) {
    super(`${server}: ${answer.reason}`);
    this.answer = answer;
  }
}

/**
 * @param server the server's name in the message
 * @throws Refusal if the answer is not 200
 */
export function requireOk(answer: Answer, server: string): Answer {
  if (answer.code === 200) return answer;
  throw new Refusal(answer, server);
}

/** The longest Retry-After that is waited for, in seconds. */
const maxWait = 5;

/**
 * Sends a request, and retries it once after a transient failure: after one second, or after the Retry-After of the
 * server.
 *
 * @param again the retry; by default the same request. A server that has not answered in time may already have carried
 * out the first
 */
export async function askTwice(request: Request, again = () => ask(request)): Promise<Answer> {
  const answer = await ask(request);
  const seconds = Math.max(1, answer.retryAfter);
  if (!isTransient(answer) || seconds > maxWait) return answer;
  await wait(seconds * 1000);
  return again();
}

/**
 * A closed connection is not retried, since the server may have carried out the request. Nor is 429 without
 * Retry-After: such a limit lasts longer than this program waits.
 */
function isTransient({ code, reason, retryAfter }: Answer): boolean {
  if (code === 0) return /^000 (Operation timed out|Failed to connect)/.test(reason);
  return [408, 500, 502, 503, 504].includes(code) || (code === 429 && retryAfter > 0);
}

function send({ method, url, headers, body, authority, seconds }: Request): Promise<Answer> {
  const address = new URL(url);
  const signal = AbortSignal.timeout(seconds * 1000);
  const options = {
    method,
    // GitHub requires a user agent. Connections are not reused, since the server may be closing them.
    headers: { "user-agent": "argo-cicd", connection: "close", ...lengthOf(body), ...headers },
    signal,
    ...(authority === undefined ? {} : { ca: readFileSync(authority) }),
  };
  return new Promise((done, fail) => {
    const failed = (error: unknown) =>
      fail(signal.aborted ? timedOut(seconds) : failure(error, address.host));
    const request = address.protocol === "https:" ? secureRequest : plainRequest;
    request(address, options, (response) => void read(response).then(done, failed))
      .on("error", failed)
      .end(body);
  });
}

/** Without Content-Length, Node sends the body of a DELETE in a form that servers ignore. */
function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { "content-length": Buffer.byteLength(body).toString() };
}

/** In bytes: far more than any expected answer, to protect the pod's memory. */
const maxAnswer = 2 ** 24;

/** The whole body of a message. @throws Error with the message `tooLong` if it exceeds `maxBytes` */
export async function bodyOf(message: IncomingMessage, maxBytes: number, tooLong: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > maxBytes) throw new Error(tooLong);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function read(response: IncomingMessage): Promise<Answer> {
  const tooLong = `the answer is longer than ${maxAnswer.toString()} bytes`;
  const text = (await bodyOf(response, maxAnswer, tooLong)).toString();
  const { statusCode: code = 0, headers } = response;
  return {
    code,
    text,
    headers,
    reason: `${code.toString()} ${lineOf(messageIn(text))}`.trimEnd(),
    retryAfter: secondsOf(headers["retry-after"] ?? ""),
  };
}

/** Parses Retry-After, a number of seconds or a date (RFC 9110, 10.2.3). */
function secondsOf(retryAfter: string): number {
  const seconds = /^[0-9]+$/.test(retryAfter)
    ? Number(retryAfter)
    : Math.ceil((Date.parse(retryAfter) - Date.now()) / 1000);
  return seconds > 0 ? seconds : 0;
}

export function timedOut(seconds: number): Error {
  return new Error(`Operation timed out after ${seconds.toString()} seconds`);
}

export function failure(error: unknown, host: string): Error {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/.test(code)
    ? new Error(`Failed to connect to ${host}: ${code}`)
    : new Error(messageOf(error).replace(nodesAdvice, "") || code);
}

/** Node's advice in errors about untrusted certificates. A stack has the option `network.ca` instead. */
const nodesAdvice = /; if the root CA is installed locally.*$/;

/**
 * The last field "message" of an answer from GitHub or Kubernetes: GitHub's inner messages follow the outer one and are
 * more specific. The answer need not be JSON, since it may come from a proxy.
 */
export function messageIn(text: string): string {
  const [, message = ""] = [...text.matchAll(/"message": *"((?:[^"\\]|\\.)*)"/gs)].at(-1) ?? [];
  const value = parseJson(`"${message}"`);
  return typeof value === "string" ? value : message.replace(/\\(.)/gs, "$1");
}

export function lineOf(text: string): string {
  return cut(withoutControls(text.replace(/[\t\n\r]+/g, " ")), 200);
}

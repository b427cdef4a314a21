/** Requests with a secret, to GitHub, the API server and the Image Updater. A redirect is not followed. */
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
  /** File with the only authority whose certificates are taken; those that Node knows where absent. */
  readonly authority?: string;
  /** Time limit of it all. */
  readonly seconds: number;
}

export interface Answer {
  /** 0 where there was no answer. */
  readonly code: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  /** One short line that says why it went wrong. */
  readonly reason: string;
  /** Seconds for which the server wants to be left alone; 0 where it does not say. */
  readonly retryAfter: number;
}

/** The secret in a file, read each time, since it may change while a program runs; empty where it cannot be read. */
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

/** That a server does not give or take what it was asked to. */
export class Refusal extends Error {
  readonly answer: Answer;

  /** @param server its name in messages */
  constructor(answer: Answer, server: string) {
    super(`${server}: ${answer.reason}`);
    this.answer = answer;
  }
}

/**
 * @param server its name in messages
 * @throws Refusal where the server did not give what it was asked for
 */
export function demanded(answer: Answer, server: string): Answer {
  if (answer.code === 200) return answer;
  throw new Refusal(answer, server);
}

/** Seconds: longer than that no server is waited for. */
const patience = 5;

/**
 * Asks once more, after a second or as long as the server wants, when nothing is wrong with the request itself.
 *
 * @param again what is asked then; the same where absent. A server that has not answered in time may have done what it was
 * asked for
 */
export async function askTwice(request: Request, again = () => ask(request)): Promise<Answer> {
  const answer = await ask(request);
  const seconds = Math.max(1, answer.retryAfter);
  if (!mayPass(answer) || seconds > patience) return answer;
  await wait(seconds * 1000);
  return again();
}

/**
 * A server that has hung up may have taken the request, and would take it twice. One that is asked too much, and does not say for how
 * long, means longer than it is waited for.
 */
function mayPass({ code, reason, retryAfter }: Answer): boolean {
  if (code === 0) return /^000 (Operation timed out|Failed to connect)/.test(reason);
  return [408, 500, 502, 503, 504].includes(code) || (code === 429 && retryAfter > 0);
}

function send({ method, url, headers, body, authority, seconds }: Request): Promise<Answer> {
  const address = new URL(url);
  const signal = AbortSignal.timeout(seconds * 1000);
  const options = {
    method,
    // GitHub refuses who does not say what it is. A connection is not used again: the server may just be closing it.
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

/** Of a request such as DELETE, Node sends a body that no server takes for one unless its length is given. */
function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { "content-length": Buffer.byteLength(body).toString() };
}

/** Bytes: no answer that is asked for comes near it, and the memory is the pod's. */
const longest = 2 ** 24;

/** All that a message brings. @throws Error with the text `tooLong` where it is more than so many bytes */
export async function bodyOf(message: IncomingMessage, most: number, tooLong: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > most) throw new Error(tooLong);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function read(response: IncomingMessage): Promise<Answer> {
  const tooLong = `the answer is longer than ${longest.toString()} bytes`;
  const text = (await bodyOf(response, longest, tooLong)).toString();
  const { statusCode: code = 0, headers } = response;
  return {
    code,
    text,
    headers,
    reason: `${code.toString()} ${lineOf(messageIn(text))}`.trimEnd(),
    retryAfter: secondsOf(headers["retry-after"] ?? ""),
  };
}

/** A number, or a date (RFC 9110, 10.2.3). */
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

/** What Node adds to a certificate that it does not trust: a pod has an option of its own for it, `network.ca`. */
const nodesAdvice = /; if the root CA is installed locally.*$/;

/**
 * GitHub and Kubernetes both say it in the field "message". GitHub's inner ones say more than the outer one, and stand after it. It
 * need not be JSON: what a proxy answers is shown too.
 */
export function messageIn(text: string): string {
  const [, message = ""] = [...text.matchAll(/"message": *"((?:[^"\\]|\\.)*)"/gs)].at(-1) ?? [];
  const value = parseJson(`"${message}"`);
  return typeof value === "string" ? value : message.replace(/\\(.)/gs, "$1");
}

export function lineOf(text: string): string {
  return cut(withoutControls(text.replace(/[\t\n\r]+/g, " ")), 200);
}

/** Asks servers, of which nothing is trusted: a redirect is not followed, and neither waiting nor the answer is endless. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { rootCertificates, TLSSocket } from "node:tls";
import { bodyOf, messageIn } from "../../components/builds/programs/http.ts";
import { messageOf } from "../../components/builds/programs/program.ts";
import { shown } from "../../components/watch/objects.ts";

export interface Question {
  readonly method?: "GET" | "HEAD" | "POST" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The socket of Unix at which the server is; by its name where absent. */
  readonly socket?: string;
  /** Speaks to a server whose certificate is not trusted too: only for a question without a secret. */
  readonly anyCertificate?: boolean;
}

export interface Answer {
  /** 0 where there was no answer. */
  readonly code: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  /** In a few words, what went wrong: the server's own where it has some. */
  readonly reason: string;
  /** Absent where there was no TLS. */
  readonly certificate?: Certificate;
}

export interface Certificate {
  /** Why it is not trusted; empty where it is. */
  readonly untrusted: string;
  readonly until: Date;
}

export type Ask = (question: Question) => Promise<Answer>;

/** Seconds that one question may take. */
const patience = 4;

/** Bytes: no answer that is asked for comes near it. */
const longest = 2 ** 24;

/**
 * @param until the time in milliseconds after which nothing is waited for
 * @param authority certificates that are trusted beside the public ones
 */
export function asking(until: number, authority?: string): Ask {
  const ca = authority === undefined ? undefined : [...rootCertificates, authority];
  return async (question) => {
    const left = Math.min(patience * 1000, until - Date.now());
    if (left <= 0) return silence("no time was left to ask");
    const signal = AbortSignal.timeout(left);
    try {
      return await send(question, signal, ca);
    } catch (error) {
      const timeout = `no answer within ${Math.ceil(left / 1000).toString()} s`;
      return silence(signal.aborted ? timeout : reasonOf(error));
    }
  };
}

function silence(reason: string): Answer {
  return { code: 0, text: "", headers: {}, reason };
}

function send(question: Question, signal: AbortSignal, ca: string[] | undefined): Promise<Answer> {
  const { method = "GET", url, headers = {}, body, socket, anyCertificate = false } = question;
  const address = new URL(url);
  const options = {
    method,
    // GitHub refuses who does not say what it is.
    headers: { "user-agent": "argo-cicd", connection: "close", ...headers },
    signal,
    // A session of TLS that is resumed shows no certificate.
    agent: false,
    rejectUnauthorized: !anyCertificate,
    // Whoever is asked without regard to its certificate is seen as the public sees it.
    ...(ca === undefined || anyCertificate ? {} : { ca }),
    ...(socket === undefined ? {} : { socketPath: socket }),
  };
  const request = address.protocol === "https:" ? secureRequest : plainRequest;
  return new Promise((done, fail) => {
    request(address, options, (response) => void read(response).then(done, fail))
      .on("error", fail)
      .end(body);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  const certificate = certificateOf(response);
  const tooLong = `an answer of more than ${longest.toString()} bytes`;
  const text = (await bodyOf(response, longest, tooLong)).toString();
  const { statusCode: code = 0, headers } = response;
  const reason = shown(`${code.toString()} ${messageIn(text)}`);
  return { code, text, headers, reason, ...(certificate === undefined ? {} : { certificate }) };
}

function certificateOf({ socket }: IncomingMessage): Certificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  // Typed as an error; Node sets OpenSSL's code.
  const untrusted = socket.authorized ? "" : shown(String(socket.authorizationError));
  return { untrusted, until: new Date(socket.getPeerCertificate().valid_to) };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was closed",
  ENOTFOUND: "its name does not resolve",
  EAI_AGAIN: "no answer from the name server",
  EHOSTUNREACH: "no route to it",
  ENETUNREACH: "no route to it",
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? shown(messageOf(error) || code);
}

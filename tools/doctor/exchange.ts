/** Sends requests to untrusted servers: does not follow redirects, and limits the time and the size of an answer. */
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
  /** The Unix socket that the server listens on; the URL's host if undefined. */
  readonly socket?: string;
  /** Accepts an untrusted certificate: only for requests without a secret. */
  readonly anyCertificate?: boolean;
}

export interface Answer {
  /** 0 if there was no answer. */
  readonly code: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  /** Briefly, what went wrong: the server's own message if it has one. */
  readonly reason: string;
  /** Undefined without TLS. */
  readonly certificate?: Certificate;
}

export interface Certificate {
  /** Why it is not trusted; empty if it is. */
  readonly untrusted: string;
  readonly until: Date;
}

export type Ask = (question: Question) => Promise<Answer>;

/** In seconds, for one request. */
const requestTimeout = 4;

/** In bytes. No expected answer comes near it. */
const maxBytes = 2 ** 24;

/**
 * @param until when to stop waiting, in milliseconds since 1970
 * @param authority certificates that are trusted in addition to the public ones
 */
export function asking(until: number, authority?: string): Ask {
  const ca = authority === undefined ? undefined : [...rootCertificates, authority];
  return async (question) => {
    const left = Math.min(requestTimeout * 1000, until - Date.now());
    if (left <= 0) return noAnswer("no time was left");
    const signal = AbortSignal.timeout(left);
    try {
      return await send(question, signal, ca);
    } catch (error) {
      const timeout = `no answer within ${Math.ceil(left / 1000).toString()} s`;
      return noAnswer(signal.aborted ? timeout : reasonOf(error));
    }
  };
}

function noAnswer(reason: string): Answer {
  return { code: 0, text: "", headers: {}, reason };
}

function send(question: Question, signal: AbortSignal, ca: string[] | undefined): Promise<Answer> {
  const { method = "GET", url, headers = {}, body, socket, anyCertificate = false } = question;
  const address = new URL(url);
  const options = {
    method,
    // GitHub rejects requests without a User-Agent.
    headers: { "user-agent": "argo-cicd", connection: "close", ...headers },
    signal,
    // A resumed TLS session has no certificate.
    agent: false,
    rejectUnauthorized: !anyCertificate,
    // With any certificate accepted, trust is reported as the public sees it: without `ca`.
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
  const tooLong = `the answer has more than ${maxBytes.toString()} bytes`;
  const text = (await bodyOf(response, maxBytes, tooLong)).toString();
  const { statusCode: code = 0, headers } = response;
  const reason = shown(`${code.toString()} ${messageIn(text) || plainText(headers, text)}`);
  return { code, text, headers, reason, ...(certificate === undefined ? {} : { certificate }) };
}

/** A proxy gives its reason as text. */
function plainText(headers: IncomingHttpHeaders, text: string): string {
  return headers["content-type"]?.startsWith("text/plain") === true ? text.trim() : "";
}

function certificateOf({ socket }: IncomingMessage): Certificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  // Typed as an Error, but Node sets OpenSSL's code.
  const untrusted = socket.authorized ? "" : shown(String(socket.authorizationError));
  return { untrusted, until: new Date(socket.getPeerCertificate().valid_to) };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was closed",
  ENOTFOUND: "its name does not resolve",
  EAI_AGAIN: "the DNS server does not answer",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? shown(messageOf(error) || code);
}

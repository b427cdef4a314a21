/** Hands a message to a mail server for submission (RFC 6409), by TLS alone: without it nothing is said but a greeting. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect, isIP } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { failure, lineOf, timedOut } from "./http.ts";
import { Refusal, Talk } from "./smtp-talk.ts";

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** Whether TLS begins with the connection (RFC 8314), and not by STARTTLS (RFC 3207). */
  readonly isImplicit: boolean;
  /** Absent where the server asks for none. */
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** Time limit of it all. */
  readonly seconds: number;
  /** Certificates of all authorities that are trusted; those that Node trusts where absent. */
  readonly authorities?: readonly string[];
}

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** What has become of a message. */
export interface Submission {
  /** Whether the server has it, for one recipient at least. */
  readonly isTaken: boolean;
  /** One short line of what was refused, or of why there was no answer; empty where all is well. */
  readonly reason: string;
  /** Whether the server wants it later, and cannot have taken it: to try again notifies nobody twice. */
  readonly isLater: boolean;
}

/** @param message header and text in ASCII, in lines that end with CRLF */
export async function submit(message: string, envelope: Envelope, server: MailServer): Promise<Submission> {
  return converse(server, async (signal, reasonOf) => {
    const lost = (error: unknown, isLater: boolean): Submission => {
      return { isTaken: false, reason: reasonOf(error), isLater };
    };
    try {
      const talk = await begin(server, signal);
      const refused = await address(talk, envelope);
      // From here on the server may have taken it, whatever it says.
      return await hand(talk, message, refused).catch((error: unknown) => lost(error, false));
    } catch (error) {
      return lost(error, error instanceof Refusal && error.code.startsWith("4"));
    }
  });
}

/** Hangs up after a conversation. @param use is given what ends it, and how its errors are reported in one short line */
async function converse<Outcome>(
  { host, seconds }: MailServer,
  use: (signal: AbortSignal, reasonOf: (error: unknown) => string) => Promise<Outcome>,
): Promise<Outcome> {
  const limit = AbortSignal.timeout(seconds * 1000);
  const end = new AbortController();
  const reasonOf = (error: unknown) =>
    lineOf((limit.aborted ? timedOut(seconds) : failure(error, host)).message);
  try {
    return await use(AbortSignal.any([limit, end.signal]), reasonOf);
  } finally {
    end.abort();
  }
}

/** What keeps the server from taking a message, as far as that can be found out without one. */
export interface Obstacle {
  /** In one short line; empty where there is none. */
  readonly reason: string;
  /** Whether it is the server's own, and not of the way to it. */
  readonly isServers: boolean;
}

/** Greets the server, begins TLS and logs in, and goes away again. */
export async function reach(server: MailServer): Promise<Obstacle> {
  return converse(server, async (signal, reasonOf) => {
    try {
      await begin(server, signal);
      return { reason: "", isServers: false };
    } catch (error) {
      return { reason: reasonOf(error), isServers: error instanceof Refusal || isOfTls(error) };
    }
  });
}

/** OpenSSL's words for certificates, and Node's for the rest. */
function isOfTls(error: unknown): boolean {
  return error instanceof Error && "code" in error && /CERT|SSL|TLS|UNABLE_TO/.test(String(error.code));
}

/** Up to where the server takes messages. */
async function begin(server: MailServer, signal: AbortSignal): Promise<Talk> {
  const { host, port, isImplicit, login, authorities } = server;
  const trusted = authorities === undefined ? {} : { ca: [...authorities] };
  const at = isImplicit ? { port } : { socket: await upgradable(server, signal) };
  const named = isIP(host) === 0 ? { host, servername: host } : { host };
  const talk = await opened(connectSecurely({ ...at, ...named, ...trusted }), "secureConnect", signal);
  if (isImplicit) await talk.hear("the connection", "220");
  await talk.greet();
  if (login === undefined) return talk;
  const words = Buffer.from(`\0${login.user}\0${login.password}`).toString("base64");
  // A reply might repeat what was said.
  await talk.ask(`AUTH PLAIN ${words}`, "the login", "235", { onlyCode: true });
  return talk;
}

/**
 * A connection on which TLS may begin. What was heard on it is forgotten, since somebody between may have said it. Whether the
 * server offers TLS is not looked at: it is asked for, and nothing follows a refusal.
 */
async function upgradable({ host, port }: MailServer, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port });
  const talk = await opened(socket, "connect", signal);
  await talk.hear("the connection", "220");
  await talk.greet();
  await talk.ask("STARTTLS", "TLS", "220");
  talk.forget();
  return socket;
}

async function opened(socket: Socket, event: string, signal: AbortSignal): Promise<Talk> {
  // Whoever waits for an answer gets the error.
  socket.on("error", () => undefined);
  signal.addEventListener("abort", () => socket.destroy());
  await once(socket, event, { signal });
  return new Talk(socket, signal);
}

/** @returns who does not get it, and why @throws Refusal where nobody does */
async function address(talk: Talk, { from, to }: Envelope): Promise<string> {
  await talk.ask(`MAIL FROM:<${from}>`, "the sender", "250");
  const refusals: Refusal[] = [];
  for (const one of to) {
    await talk.ask(`RCPT TO:<${one}>`, one, "25").catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      refusals.push(error);
    });
  }
  const [first] = refusals;
  if (first !== undefined && refusals.length === to.length) throw first;
  await talk.ask("DATA", "the message", "354");
  return refusals.map((one) => one.message).join("; ");
}

async function hand(talk: Talk, message: string, refused: string): Promise<Submission> {
  // A line of a dot alone ends the message (RFC 5321, 4.5.2).
  talk.say(`${message.replace(/^\./gm, "..")}\r\n.`);
  await talk.hear("the message", "250");
  await talk.ask("QUIT", "the end", "221").catch(() => undefined);
  return { isTaken: true, reason: lineOf(refused), isLater: false };
}

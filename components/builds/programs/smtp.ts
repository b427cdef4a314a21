/** Submits a message to a mail server (RFC 6409), over TLS only: without TLS, only the greeting is sent. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect, isIP } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { failure, lineOf, timedOut } from "./http.ts";
import { SmtpRefusal, Session } from "./smtp-session.ts";

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** Whether the connection starts with TLS (RFC 8314), and not with STARTTLS (RFC 3207). */
  readonly implicitTls: boolean;
  /** Undefined if the server requires none. */
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** The timeout of the whole session. */
  readonly seconds: number;
  /** Certificates of the trusted authorities; if absent, Node's own are trusted. */
  readonly authorities?: readonly string[];
}

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

export interface Submission {
  /** Whether the server has accepted the message for at least one recipient. */
  readonly isAccepted: boolean;
  /** The refusals or the error, in one short line; empty on success. */
  readonly reason: string;
  /** Whether the server refused it temporarily and cannot have accepted it: a retry notifies nobody twice. */
  readonly isTemporary: boolean;
}

/** @param message header and text in ASCII, in lines that end with CRLF */
export async function submit(message: string, envelope: Envelope, server: MailServer): Promise<Submission> {
  return withTimeLimit(server, async (signal, reasonOf) => {
    const failed = (error: unknown, isTemporary: boolean): Submission => {
      return { isAccepted: false, reason: reasonOf(error), isTemporary };
    };
    try {
      const session = await openSession(server, signal);
      const refused = await sendEnvelope(session, envelope);
      // From here on, the server may have accepted the message even if it reports an error.
      return await sendMessage(session, message, refused).catch((error: unknown) => failed(error, false));
    } catch (error) {
      return failed(error, error instanceof SmtpRefusal && error.code.startsWith("4"));
    }
  });
}

/** Limits the time of a session, and closes it. @param use gets the signal for both, and a formatter of errors */
async function withTimeLimit<Outcome>(
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

/** What prevents submission, as far as that can be found without sending a message. */
export interface Obstacle {
  /** In one short line; empty if nothing does. */
  readonly reason: string;
  /** Whether the server or its TLS is the cause, and not the network. */
  readonly isServerFault: boolean;
}

/** Connects, starts TLS and logs in, without sending a message. */
export async function reach(server: MailServer): Promise<Obstacle> {
  return withTimeLimit(server, async (signal, reasonOf) => {
    try {
      await openSession(server, signal);
      return { reason: "", isServerFault: false };
    } catch (error) {
      return { reason: reasonOf(error), isServerFault: error instanceof SmtpRefusal || isTlsError(error) };
    }
  });
}

/** Matches OpenSSL's codes for certificates, and Node's for other TLS errors. */
function isTlsError(error: unknown): boolean {
  return error instanceof Error && "code" in error && /CERT|SSL|TLS|UNABLE_TO/.test(String(error.code));
}

/** Opens a session that is ready for a message. */
async function openSession(server: MailServer, signal: AbortSignal): Promise<Session> {
  const { host, port, implicitTls, login, authorities } = server;
  const trusted = authorities === undefined ? {} : { ca: [...authorities] };
  const at = implicitTls ? { port } : { socket: await readyForTls(server, signal) };
  const named = isIP(host) === 0 ? { host, servername: host } : { host };
  const session = await sessionOn(connectSecurely({ ...at, ...named, ...trusted }), "secureConnect", signal);
  if (implicitTls) await session.expect("the connection", "220");
  await session.greet();
  if (login === undefined) return session;
  const credentials = Buffer.from(`\0${login.user}\0${login.password}`).toString("base64");
  // Only the code is reported, since the reply might quote the command.
  await session.command(`AUTH PLAIN ${credentials}`, "the login", "235", { onlyCode: true });
  return session;
}

/**
 * Opens a connection and requests STARTTLS. Data received before TLS is discarded, since an attacker may have injected
 * it. The server's list of extensions is not read: if it refuses STARTTLS, the session ends.
 */
async function readyForTls({ host, port }: MailServer, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port });
  const session = await sessionOn(socket, "connect", signal);
  await session.expect("the connection", "220");
  await session.greet();
  await session.command("STARTTLS", "TLS", "220");
  session.stopReading();
  return socket;
}

async function sessionOn(socket: Socket, event: string, signal: AbortSignal): Promise<Session> {
  // Errors are reported by the pending read.
  socket.on("error", () => undefined);
  signal.addEventListener("abort", () => socket.destroy());
  await once(socket, event, { signal });
  return new Session(socket, signal);
}

/** @returns the refused recipients, with reasons. @throws SmtpRefusal if all are refused */
async function sendEnvelope(session: Session, { from, to }: Envelope): Promise<string> {
  await session.command(`MAIL FROM:<${from}>`, "the sender", "250");
  const refusals: SmtpRefusal[] = [];
  for (const one of to) {
    await session.command(`RCPT TO:<${one}>`, one, "25").catch((error: unknown) => {
      if (!(error instanceof SmtpRefusal)) throw error;
      refusals.push(error);
    });
  }
  const [first] = refusals;
  if (first !== undefined && refusals.length === to.length) throw first;
  await session.command("DATA", "the message", "354");
  return refusals.map((one) => one.message).join("; ");
}

async function sendMessage(session: Session, message: string, refused: string): Promise<Submission> {
  // A line with only a dot ends the message (RFC 5321, 4.5.2).
  session.send(`${message.replace(/^\./gm, "..")}\r\n.`);
  await session.expect("the message", "250");
  await session.command("QUIT", "the end", "221").catch(() => undefined);
  return { isAccepted: true, reason: lineOf(refused), isTemporary: false };
}

/** A mail server that refuses what a test chooses, and one that replies from a script. */
import { readFileSync } from "node:fs";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import type { SMTPServerOptions } from "smtp-server";
import { SMTPServer } from "smtp-server";

/** A mail that was accepted. */
export interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  /** Who has logged in; empty if nobody has. */
  readonly user: string;
  readonly isSecure: boolean;
  /** With header and text as received, without the dots that SMTP adds. */
  readonly message: string;
}

export interface MailServer {
  readonly port: number;
  readonly taken: Taken[];
  /** Replies to the next MAIL, RCPT (by its address) or DATA; without one, it succeeds. */
  readonly refusals: Map<string, Refusal[]>;
  readonly close: () => void;
}

export interface Refusal {
  readonly code: number;
  readonly text: string;
}

interface Files {
  readonly certificate: string;
  readonly key: string;
}

export const login = { user: "builder", password: "pässword of mail" };

/** @param options of smtp-server, beside the certificate and the required login */
export async function startMailServer(
  { certificate, key }: Files,
  options: SMTPServerOptions = {},
): Promise<MailServer> {
  const taken: Taken[] = [];
  const refusals: MailServer["refusals"] = new Map();
  const refused = (what: string) => errorOf(refusals.get(what)?.shift());
  const server = new SMTPServer({
    cert: readFileSync(certificate),
    key: readFileSync(key),
    disableReverseLookup: true,
    authMethods: ["PLAIN"],
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, done) => {
      const isKnown = username === login.user && password === login.password;
      done(isKnown ? null : errorOf({ code: 535, text: `who is ${String(password)}?` }), { user: username });
    },
    onMailFrom: (_address, _session, done) => done(refused("MAIL")),
    onRcptTo: ({ address }, _session, done) => done(refused(address)),
    onData: (stream, { envelope, user, secure }, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        const message = Buffer.concat(chunks).toString();
        taken.push({ from, to, user: typeof user === "string" ? user : "", isSecure: secure, message });
        done(refused("DATA"));
      });
    },
    ...options,
  });
  // A client that does not trust the certificate closes the connection.
  server.on("error", () => undefined);
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  return { port: portOf(server.server), taken, refusals, close: () => server.close() };
}

function errorOf(refusal: Refusal | undefined): Error | null {
  return refusal === undefined
    ? null
    : Object.assign(new Error(refusal.text), { responseCode: refusal.code });
}

export interface Script {
  readonly port: number;
  /** Everything that it has received without TLS. */
  readonly heard: () => string;
  readonly close: () => void;
}

/** Greets, and answers each line from the script. */
export async function startScript(
  greeting: string,
  answer: (line: string, socket: Socket) => string,
): Promise<Script> {
  let heard = "";
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.write(greeting);
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1");
      socket.write(answer(chunk.toString("latin1").trimEnd(), socket));
    });
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: portOf(server), heard: () => heard, close };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Lists a git server's branches and tags by HTTP (git's `gitprotocol-http` and `gitprotocol-v2`). */
import type { Answer } from "./http.ts";
import { askTwice, requireOk } from "./http.ts";

export interface Repository {
  /** The URL for cloning. */
  readonly url: string;
  /** A token that reads it; empty if it is public. */
  readonly token: string;
}

/** Commits by the full name of the branch or tag. */
export type Refs = ReadonlyMap<string, string>;

/** The timeout of each of two attempts, in seconds. */
const timeLimit = 10;

/**
 * @param prefixes names of refs, or prefixes of names; a server with the old protocol lists others too
 * @throws Error with the reason if the server does not answer
 */
export async function askRefs(repository: Repository, prefixes: readonly string[]): Promise<Refs> {
  const first = await get(repository);
  const lines = packetLines(first.text);
  if (!lines.includes("version 2")) return oldRefs(lines);
  const listed = await post(repository, lsRefs(prefixes));
  return newRefs(packetLines(listed.text));
}

function get({ url, token }: Repository): Promise<Answer> {
  const address = `${url}/info/refs?service=git-upload-pack`;
  return answered(askTwice({ method: "GET", url: address, headers: headers(token), seconds: timeLimit }));
}

function post({ url, token }: Repository, body: string): Promise<Answer> {
  const type = { "content-type": "application/x-git-upload-pack-request" };
  const address = `${url}/git-upload-pack`;
  return answered(
    askTwice({
      method: "POST",
      url: address,
      headers: { ...headers(token), ...type },
      body,
      seconds: timeLimit,
    }),
  );
}

/** The token is sent with the first request: without it, GitHub answers that the repository does not exist. */
function headers(token: string): Record<string, string> {
  const login = Buffer.from(`x-access-token:${token}`).toString("base64");
  return { "git-protocol": "version=2", ...(token === "" ? {} : { authorization: `Basic ${login}` }) };
}

async function answered(request: Promise<Answer>): Promise<Answer> {
  const answer = await request;
  const { location } = answer.headers;
  const moved = location === undefined ? "" : `, moved to ${location}`;
  return requireOk({ ...answer, reason: `${answer.reason}${moved}` }, "git server");
}

/** The lines of git's protocol, each after its length in four hexadecimal digits. Skips packets such as flush. */
function packetLines(text: string): string[] {
  const bytes = Buffer.from(text);
  const lines: string[] = [];
  if (bytes.length === 0) throw notGit();
  for (let start = 0; start < bytes.length;) {
    const length = Number.parseInt(bytes.subarray(start, start + 4).toString(), 16);
    if (Number.isNaN(length)) throw notGit();
    if (length > 4) {
      lines.push(
        bytes
          .subarray(start + 4, start + length)
          .toString()
          .replace(/\n$/, ""),
      );
    }
    start += Math.max(4, length);
  }
  return lines;
}

function notGit(): Error {
  return new Error("git server: it does not speak git's protocol");
}

function packetLine(text: string): string {
  return `${(text.length + 5).toString(16).padStart(4, "0")}${text}\n`;
}

/** A request for refs, and for the commits of annotated tags. */
function lsRefs(prefixes: readonly string[]): string {
  const args = ["peel", ...prefixes.map((prefix) => `ref-prefix ${prefix}`)].map(packetLine).join("");
  return `${packetLine("command=ls-refs")}0001${args}0000`;
}

/** Parses `<object> <name>[ <attribute>:<value>]…`. The commit of an annotated tag is the attribute `peeled`. */
function newRefs(lines: readonly string[]): Refs {
  return new Map(
    lines.flatMap((line) => {
      const [object = "", name = "", ...attributes] = line.split(" ");
      const peeled = attributes.find((one) => one.startsWith("peeled:"))?.slice("peeled:".length);
      return isCommit(object) ? [[name, peeled ?? object] as const] : [];
    }),
  );
}

/** Parses `<object> <name>`; capabilities follow the first. An annotated tag's commit follows as `<name>^{}`. */
function oldRefs(lines: readonly string[]): Refs {
  return new Map(
    lines.flatMap((line) => {
      const [object = "", name = ""] = (line.split("\0")[0] ?? "").split(" ");
      return isCommit(object) && name.startsWith("refs/")
        ? [[name.replace(/\^\{\}$/, ""), object] as const]
        : [];
    }),
  );
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

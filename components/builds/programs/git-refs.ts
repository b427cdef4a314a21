/**
 * Asks a git server by HTTP where a branch and the tags are, as git itself does (its `gitprotocol-http` and `gitprotocol-v2`).
 */
import type { Answer } from "./http.ts";
import { askTwice, demanded } from "./http.ts";

export interface Repository {
  /** As it is cloned. */
  readonly url: string;
  /** Reads it; empty where everybody may. */
  readonly token: string;
}

/** Commits by the full name of their branch or tag. */
export type Refs = ReadonlyMap<string, string>;

/** Seconds of each of the two tries. */
const timeLimit = 10;

/**
 * @param wanted names of refs, or what these begin with; a server of the old protocol lists others too
 * @throws Error that says why the server did not answer
 */
export async function askRefs(repository: Repository, wanted: readonly string[]): Promise<Refs> {
  const first = await get(repository);
  const lines = packetLines(first.text);
  if (!lines.includes("version 2")) return oldRefs(lines);
  const listed = await post(repository, listing(wanted));
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

/** The token goes along at once: without it GitHub says that there is no such repository. */
function headers(token: string): Record<string, string> {
  const login = Buffer.from(`x-access-token:${token}`).toString("base64");
  return { "git-protocol": "version=2", ...(token === "" ? {} : { authorization: `Basic ${login}` }) };
}

async function answered(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  const { location } = answer.headers;
  const moved = location === undefined ? "" : `, moved to ${location}`;
  return demanded({ ...answer, reason: `${answer.reason}${moved}` }, "git server");
}

/** The lines of git's protocol, each after its length in four digits; a flush and the like are left out. */
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

/** Asks for refs, and for the commits under tags that are objects of their own. */
function listing(wanted: readonly string[]): string {
  const asked = ["peel", ...wanted.map((prefix) => `ref-prefix ${prefix}`)].map(packetLine).join("");
  return `${packetLine("command=ls-refs")}0001${asked}0000`;
}

/** `<object> <name>[ <attribute>:<value>]…`: the last one counts. */
function newRefs(lines: readonly string[]): Refs {
  return new Map(
    lines.flatMap((line) => {
      const [object = "", name = "", ...attributes] = line.split(" ");
      const peeled = attributes.find((one) => one.startsWith("peeled:"))?.slice("peeled:".length);
      return isCommit(object) ? [[name, peeled ?? object] as const] : [];
    }),
  );
}

/** `<object> <name>`, after the first of them what the server can; a tag's commit follows the tag as `<name>^{}`. */
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

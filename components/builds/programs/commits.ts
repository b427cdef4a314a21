/** What GitHub knows of commits. Each function throws an Error that says why GitHub did not answer. */
import type { Answer } from "./http.ts";
import { githubHeaders } from "./github.ts";
import { askTwice, demanded } from "./http.ts";
import { listAt, parseJson, textAt } from "./json.ts";

export interface Reader {
  /** Address of GitHub's API. */
  readonly api: string;
  /** `owner/name`. */
  readonly slug: string;
  /** May read it; empty where everybody may. */
  readonly token: string;
}

/** Seconds of each of the two tries. */
const timeLimit = 10;

/** The most files that a comparison names. */
const mostFiles = 300;

export async function commitMessage(reader: Reader, commit: string): Promise<string> {
  return textAt(parseJson(found(await get(reader, `git/commits/${commit}`)).text), "message");
}

/** The name in the commit, which is not always one of GitHub's. */
export async function commitAuthor(reader: Reader, commit: string): Promise<string> {
  return textAt(parseJson(found(await get(reader, `git/commits/${commit}`)).text), "author", "name");
}

/** The state of a commit's status, which GitHub names by its context; empty where it has none of this context. */
export async function stateOf(reader: Reader, commit: string, context: string): Promise<string> {
  return textAt(await statusOf(reader, commit, context), "state");
}

/** When it was set last; empty where there is none. */
export async function statusTime(reader: Reader, commit: string, context: string): Promise<string> {
  return textAt(await statusOf(reader, commit, context), "updated_at");
}

async function statusOf(reader: Reader, commit: string, context: string): Promise<unknown> {
  const { text } = found(await get(reader, `commits/${commit}/status?per_page=100`));
  return listAt(parseJson(text), "statuses").find((one) => textAt(one, "context") === context);
}

export interface Comparison {
  /** Where the second commit is, seen from the first: `identical`, `ahead`, `behind`, or `diverged`. */
  readonly status: string;
  /** The files that differ; undefined where GitHub does not name them all. */
  readonly files: readonly string[] | undefined;
}

/** From one commit to another; undefined where GitHub does not have both. */
export async function compare(reader: Reader, from: string, to: string): Promise<Comparison | undefined> {
  const answer = await get(reader, `compare/${from}...${to}?per_page=1`);
  if (answer.code === 404) return undefined;
  const comparison = parseJson(found(answer).text);
  const files = listAt(comparison, "files");
  const names = files.flatMap((one) => [textAt(one, "filename"), textAt(one, "previous_filename")]);
  return { status: textAt(comparison, "status"), files: files.length < mostFiles ? names : undefined };
}

export function get({ api, slug, token }: Reader, path: string): Promise<Answer> {
  return askTwice({
    method: "GET",
    url: `${api}/repos/${slug}/${path}`,
    headers: {
      ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      ...githubHeaders,
    },
    seconds: timeLimit,
  });
}

/** A private repository is not found either, where the token may not read it. */
export function found(answer: Answer): Answer {
  return demanded(answer, "GitHub");
}

/** Reads commits from GitHub's API. Each function throws an Error with the reason if GitHub does not answer. */
import type { Answer } from "./http.ts";
import { githubHeaders } from "./github.ts";
import { askTwice, requireOk } from "./http.ts";
import { listAt, parseJson, textAt } from "./json.ts";

export interface Reader {
  /** URL of GitHub's API. */
  readonly api: string;
  /** `owner/name`. */
  readonly slug: string;
  /** A token that may read the repository; empty if it is public. */
  readonly token: string;
}

/** The timeout of each of two attempts, in seconds. */
const timeLimit = 10;

/** The most files that GitHub lists in a comparison. */
const maxFiles = 300;

export async function commitMessage(reader: Reader, commit: string): Promise<string> {
  return textAt(parseJson(requireFound(await get(reader, `git/commits/${commit}`)).text), "message");
}

/** The author's name in the commit, which need not be a GitHub user. */
export async function commitAuthor(reader: Reader, commit: string): Promise<string> {
  return textAt(parseJson(requireFound(await get(reader, `git/commits/${commit}`)).text), "author", "name");
}

/** The state of a commit's status; empty if it has none of this context. */
export async function stateOf(reader: Reader, commit: string, context: string): Promise<string> {
  return textAt(await statusOf(reader, commit, context), "state");
}

/** When the status was last set; empty if there is none. */
export async function statusTime(reader: Reader, commit: string, context: string): Promise<string> {
  return textAt(await statusOf(reader, commit, context), "updated_at");
}

async function statusOf(reader: Reader, commit: string, context: string): Promise<unknown> {
  const { text } = requireFound(await get(reader, `commits/${commit}/status?per_page=100`));
  return listAt(parseJson(text), "statuses").find((one) => textAt(one, "context") === context);
}

export interface Comparison {
  /** The second commit's position relative to the first: `identical`, `ahead`, `behind`, or `diverged`. */
  readonly status: string;
  /** The files that differ; undefined if GitHub does not list them all. */
  readonly files: readonly string[] | undefined;
}

/** Compares one commit to another; undefined if GitHub does not have both. */
export async function compare(reader: Reader, from: string, to: string): Promise<Comparison | undefined> {
  const answer = await get(reader, `compare/${from}...${to}?per_page=1`);
  if (answer.code === 404) return undefined;
  const comparison = parseJson(requireFound(answer).text);
  const files = listAt(comparison, "files");
  const names = files.flatMap((one) => [textAt(one, "filename"), textAt(one, "previous_filename")]);
  return { status: textAt(comparison, "status"), files: files.length < maxFiles ? names : undefined };
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

/** @throws Refusal if the answer is not 200. GitHub answers 404 for a private repository that the token may not read */
export function requireFound(answer: Answer): Answer {
  return requireOk(answer, "GitHub");
}

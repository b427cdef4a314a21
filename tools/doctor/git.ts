/** Reads public repositories with git: without an account, a credential helper or a prompt. */
import { join } from "node:path";
import { temporaryFolder } from "../system/files.ts";
import { run } from "../system/run.ts";

/** In milliseconds, for one git command. */
const timeLimit = 8_000;
/** How many git commands run at once. */
const atOnce = 16;

/** The state of a repository. */
export type Remote =
  | { readonly state: "there"; readonly branches: readonly string[]; readonly movedTo: string | undefined }
  /** Missing or private: a host that asks for an account does not tell which. */
  | { readonly state: "hidden" }
  | { readonly state: "silent"; readonly because: string };

/** The files of a commit. */
export interface Tree {
  readonly paths: readonly string[];
  readonly read: (path: string) => Promise<string>;
}

export interface Repositories {
  readonly remote: (url: string) => Promise<Remote>;
  /**
   * @param what to fetch at once: with the names alone, a text is fetched when it is read
   * @throws Error with git's message
   */
  readonly tree: (url: string, branch: string, what: "names" | "texts") => Promise<Tree>;
}

/**
 * What is fetched is deleted when the process ends.
 * @param until when to stop waiting, in milliseconds since 1970
 */
export function openRepositories(until: number): Repositories {
  const folder = temporaryFolder("doctor-");
  const git = limited(atOnce, (...args) => runGit(Math.min(timeLimit, until - Date.now()), args));
  let trees = 0;
  return {
    remote: remembered((url: string) => readRemote(git, url)),
    tree: remembered((...wanted: Wanted) => {
      trees += 1;
      return readTree(git, join(folder.path, trees.toString()), wanted);
    }),
  };
}

/** Caches answers: several services may be in one repository. */
function remembered<Words extends string[], Answer>(ask: (...words: Words) => Promise<Answer>) {
  const answers = new Map<string, Promise<Answer>>();
  return (...words: Words): Promise<Answer> => {
    const key = words.join("\n");
    const answer = answers.get(key) ?? ask(...words);
    answers.set(key, answer);
    return answer;
  };
}

interface Result {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

type Git = (...args: string[]) => Promise<Result>;

const environment = {
  ...process.env,
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "true",
  LC_ALL: "C",
};

async function runGit(timeout: number, args: readonly string[]): Promise<Result> {
  if (timeout <= 0) return { ok: false, stdout: "", stderr: "no time was left" };
  const all = ["-c", "credential.helper=", ...args];
  const { stdout, stderr, status, failure } = await run("git", all, { env: environment, timeout });
  const because = status === undefined ? `\n${failure ?? ""}` : "";
  return { ok: failure === undefined, stdout, stderr: `${stderr.trim()}${because}`.trim() };
}

/** Runs at most `count` commands at once. */
function limited(count: number, ask: Git): Git {
  const waiting: (() => void)[] = [];
  let active = 0;
  return async (...args) => {
    if (active >= count) await new Promise<void>((turn) => waiting.push(turn));
    active += 1;
    try {
      return await ask(...args);
    } finally {
      active -= 1;
      waiting.shift()?.();
    }
  };
}

async function readRemote(git: Git, url: string): Promise<Remote> {
  const { ok, stdout, stderr } = await git("ls-remote", "--heads", "--", url);
  if (ok) {
    const branches = [...stdout.matchAll(/\trefs\/heads\/(.+)$/gm)].map(([, name = ""]) => name);
    return { state: "there", branches, movedTo: /redirecting to (\S+)/.exec(stderr)?.[1] };
  }
  const isHidden = /not found|could not read (Username|Password)|Authentication failed|error: 40[14]/.test(
    stderr,
  );
  return isHidden ? { state: "hidden" } : { state: "silent", because: lastLine(stderr) };
}

type Wanted = Parameters<Repositories["tree"]>;

/** A server without support for filters sends the texts too. */
async function readTree(git: Git, folder: string, [url, branch, what]: Wanted): Promise<Tree> {
  const filter = what === "names" ? ["--filter=blob:none"] : [];
  const only = ["--depth=1", "--single-branch", "--no-tags", ...filter, "--branch", branch];
  await outputOf(git("clone", "--quiet", "--bare", ...only, "--", url, folder));
  const listed = await outputOf(git("-C", folder, "ls-tree", "-r", "-z", "--name-only", "HEAD"));
  return {
    paths: listed.split("\0").filter((path) => path !== ""),
    read: remembered((path: string) => outputOf(git("-C", folder, "cat-file", "blob", `HEAD:${path}`))),
  };
}

async function outputOf(result: Promise<Result>): Promise<string> {
  const { ok, stdout, stderr } = await result;
  if (!ok) throw new Error(lastLine(stderr));
  return stdout;
}

function lastLine(output: string): string {
  return (
    output
      .split("\n")
      .at(-1)
      ?.replace(/^(fatal|error): /, "") ?? ""
  );
}

/** Asks git what everybody may read of a repository: no account, no credential helper, no question at the terminal. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** How long one question may take, in milliseconds. */
const timeLimit = 8_000;
/** How many questions are asked at once. */
const atOnce = 16;

/** What is known of a repository. */
export type Remote =
  | { readonly state: "there"; readonly branches: readonly string[]; readonly movedTo: string | undefined }
  /** Or it is private: a host that asks for an account says no more. */
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
   * @param what is fetched at once; with the names alone, a text is when it is read
   * @throws Error in git's words
   */
  readonly tree: (url: string, branch: string, what: "names" | "texts") => Promise<Tree>;
  /** Ends what runs, and removes what was fetched. */
  readonly close: () => void;
}

/** @param until the time in milliseconds after which nothing is waited for */
export function openRepositories(until: number): Repositories {
  const folder = mkdtempSync(join(tmpdir(), "doctor-"));
  const git = limited(atOnce, (...args) => runGit(Math.min(timeLimit, until - Date.now()), args));
  let trees = 0;
  return {
    remote: remembered((url: string) => readRemote(git, url)),
    tree: remembered((...wanted: Wanted) => {
      trees += 1;
      return readTree(git, join(folder, trees.toString()), wanted);
    }),
    close: () => {
      for (const pid of running) end(pid);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Several services may be in one repository. */
function remembered<Words extends string[], Result>(ask: (...words: Words) => Promise<Result>) {
  const answers = new Map<string, Promise<Result>>();
  return (...words: Words): Promise<Result> => {
    const key = words.join("\n");
    const answer = answers.get(key) ?? ask(...words);
    answers.set(key, answer);
    return answer;
  };
}

interface Said {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

type Git = (...args: string[]) => Promise<Said>;

const environment = {
  ...process.env,
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "true",
  LC_ALL: "C",
};

/** The process of each question, which has helpers that outlive it where only itself is ended. */
const running = new Set<number>();

function end(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended since.
  }
}

async function runGit(time: number, args: readonly string[]): Promise<Said> {
  if (time <= 0) return { ok: false, stdout: "", stderr: "no time was left to ask" };
  const child = spawn("git", ["-c", "credential.helper=", ...args], {
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  let timeout = "";
  const timer = setTimeout(() => {
    timeout = `\nno answer within ${Math.ceil(time / 1000).toString()} s`;
    if (pid !== undefined) end(pid);
  }, time);
  if (pid !== undefined) running.add(pid);
  const ended = new Promise<string | undefined>((done) => {
    child.on("error", ({ message }) => done(message));
    child.on("close", (code) => done(code === 0 ? undefined : ""));
  });
  const [stdout, stderr, failure] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  clearTimeout(timer);
  if (pid !== undefined) running.delete(pid);
  return { ok: failure === undefined, stdout, stderr: `${stderr.trim()}${timeout}${failure ?? ""}`.trim() };
}

/** So many at once; the others wait for their turn. */
function limited(count: number, ask: Git): Git {
  const waiting: (() => void)[] = [];
  let asked = 0;
  return async (...args) => {
    if (asked >= count) await new Promise<void>((turn) => waiting.push(turn));
    asked += 1;
    try {
      return await ask(...args);
    } finally {
      asked -= 1;
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

/** A server that takes no filter sends the texts too. */
async function readTree(git: Git, folder: string, [url, branch, what]: Wanted): Promise<Tree> {
  const filter = what === "names" ? ["--filter=blob:none"] : [];
  const only = ["--depth=1", "--single-branch", "--no-tags", ...filter, "--branch", branch];
  await demanded(git("clone", "--quiet", "--bare", ...only, "--", url, folder));
  const listed = await demanded(git("-C", folder, "ls-tree", "-r", "-z", "--name-only", "HEAD"));
  return {
    paths: listed.split("\0").filter((path) => path !== ""),
    read: remembered((path: string) => demanded(git("-C", folder, "cat-file", "blob", `HEAD:${path}`))),
  };
}

async function demanded(asked: Promise<Said>): Promise<string> {
  const { ok, stdout, stderr } = await asked;
  if (!ok) throw new Error(lastLine(stderr));
  return stdout;
}

function lastLine(said: string): string {
  return (
    said
      .split("\n")
      .at(-1)
      ?.replace(/^(fatal|error): /, "") ?? ""
  );
}

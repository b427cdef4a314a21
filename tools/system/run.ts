/** Runs other programs. Each leads a process group, so that its children end with it. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { atEnd } from "./at-end.ts";

export interface Options {
  /** The working directory; this process's by default. */
  readonly cwd?: string;
  /** The whole environment; this process's by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** For its standard input, which is empty by default. */
  readonly input?: string;
  /** In milliseconds; no limit by default. */
  readonly timeout?: number;
  /** The most that it may print, in bytes; 256 MiB by default. */
  readonly maxBytes?: number;
}

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined if it did not exit by itself. */
  readonly status: number | undefined;
  /** Why it failed, apart from what it printed; undefined if it exited with 0. */
  readonly failure: string | undefined;
}

/** Ends a program and everything that it has started. */
export function kill({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has exited already.
  }
}

/** Starts a program that ends with this process at the latest. */
export function start(program: string, args: readonly string[], { cwd, env }: Options = {}): ChildProcess {
  const child = spawn(program, args, { cwd, env, detached: true, stdio: "pipe" });
  const done = atEnd(() => kill(child));
  return child.once("exit", done).once("error", done);
}

/** What is wrong if a program cannot be started. */
export function startFailure(program: string, { message }: Error): string {
  return message.endsWith("ENOENT")
    ? `${program} cannot be started: it is not installed, or not in PATH`
    : `${program} cannot be started: ${message}`;
}

/** Runs a program until it exits, and kills it after the timeout or if it prints too much. Never throws. */
export function run(program: string, args: readonly string[], options: Options = {}): Promise<Result> {
  const { input = "", timeout, maxBytes = 2 ** 28 } = options;
  const child = start(program, args, options);
  let killed: string | undefined;
  const stop = (because: string) => {
    killed ??= because;
    kill(child);
  };
  const timer =
    timeout === undefined
      ? undefined
      : setTimeout(() => stop(`no answer within ${Math.ceil(timeout / 1000).toString()} s`), timeout);
  const tooMuch = () => stop(`${program} printed more than ${maxBytes.toString()} bytes`);
  const [stdout, stderr] = [
    collected(child.stdout, maxBytes, tooMuch),
    collected(child.stderr, maxBytes, tooMuch),
  ];
  // It may exit before it has read its input.
  child.stdin?.on("error", () => undefined).end(input);
  return new Promise((done) => {
    const ended = (status: number | undefined, failure: string | undefined) => {
      clearTimeout(timer);
      done({ stdout: stdout(), stderr: stderr(), status, failure });
    };
    child.once("error", (error) => ended(undefined, startFailure(program, error)));
    child.once("close", (code, signal) => {
      if (code === 0) ended(0, undefined);
      else ended(code ?? undefined, killed ?? reason(program, code, signal));
    });
  });
}

function reason(program: string, code: number | null, signal: string | null): string {
  return code === null
    ? `${program} was ended by ${signal ?? "a signal"}`
    : `${program} exited with ${code.toString()}`;
}

function collected(
  stream: NodeJS.ReadableStream | null,
  maxBytes: number,
  tooMuch: () => void,
): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  stream?.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > maxBytes) tooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString();
}

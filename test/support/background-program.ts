/** Programs that run beside the tests of a file, such as an API server. They end with its process at the latest. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { until } from "./cluster-wait.ts";

export interface BackgroundProgram {
  readonly pid: number;
  readonly stop: () => void;
}

interface Options {
  /** Its environment; by default that of the tests. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it answers; by default it is not waited for. */
  readonly answers?: (() => boolean | Promise<boolean>) | undefined;
  readonly stopSignal?: NodeJS.Signals;
}

/** How much of its output an error shows. */
const shownLines = 20;

/**
 * Resolves once the program answers.
 *
 * @param file of the program
 * @throws Error with the end of its output if it ends before it answers, or does not answer in time
 */
export async function startInBackground(
  file: string,
  args: readonly string[],
  { env, answers, stopSignal = "SIGKILL" }: Options = {},
): Promise<BackgroundProgram> {
  // The kernel kills it when the process of the tests ends, however that ends.
  const child = spawn("/usr/bin/setpriv", ["--pdeathsig", "KILL", file, ...args], {
    env: env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = lastLines(child);
  const stop = () => void child.kill(stopSignal);
  // Tests that forget it, or that fail before they know it, end all the same.
  child.unref();
  const { pid } = await spawned(child);
  if (answers !== undefined) {
    try {
      await answered(child, file, answers);
    } catch (error) {
      stop();
      throw new Error(`${String(error)}\n${output()}`, { cause: error });
    }
  }
  return { pid, stop };
}

async function answered(child: ChildProcess, file: string, answers: () => boolean | Promise<boolean>) {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await until(`${file} answers`, async () => hasEnded() || (await answers()));
  if (hasEnded()) throw new Error(`${file} ended before it answered`);
}

function spawned(child: ChildProcess): Promise<{ readonly pid: number }> {
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("spawn", () => done({ pid: child.pid ?? 0 }));
  });
}

function lastLines({ stdout, stderr }: ChildProcess): () => string {
  let output = "";
  for (const stream of [stdout, stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output = `${output}${chunk.toString()}`.split("\n").slice(-shownLines).join("\n");
    });
    (stream as { unref?: () => void } | null)?.unref?.();
  }
  return () => output;
}

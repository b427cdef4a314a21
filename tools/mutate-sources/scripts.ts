/** Makes one mutation after the other in the shell scripts of the cluster, and runs the tests of each. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mutant } from "./shell.ts";
import { mutants, mutated } from "./shell.ts";

/** The tests that run a script: its own, and of what others source those that see most of it. */
const tests: Readonly<Record<string, readonly string[]>> = {
  "build.sh": ["build"],
  "checkout.sh": ["checkout"],
  "credential.sh": ["credential", "checkout"],
  "git-access.sh": ["retry", "checkout", "tip"],
  "scan.sh": ["scan"],
  "tip.sh": ["tip"],
};

/** Those that only a real registry can test: `test/parts`. */
export const elsewhere = ["find.sh", "registry.sh", "tag.sh"];

const root = join(import.meta.dirname, "../..");
/** More than there are cores, since the scripts' tests wait most of the time. */
const atOnce = 4;
/** Milliseconds; a script that a mutation makes wait for ever is detected by that. */
const patience = 60_000;

interface Mutation extends Mutant {
  readonly script: string;
}

export interface Score {
  readonly mutations: number;
  readonly survivors: readonly string[];
}

/** @param wanted the scripts to take; all where there are none */
export async function mutateScripts(wanted: readonly string[]): Promise<Score> {
  const scripts = Object.keys(tests).filter((script) => wanted.length === 0 || wanted.includes(script));
  const first = makeSandbox();
  await requirePassing(first, [...new Set(scripts.flatMap((script) => tests[script] ?? []))]);
  const queue = scripts.flatMap(mutationsOf);
  const mutations = queue.length;
  const survivors: string[] = [];
  const work = async (_: unknown, index: number) => {
    const sandbox = index === 0 ? first : makeSandbox();
    for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
      if (await isDetected(sandbox, mutation)) continue;
      survivors.push(describe(mutation));
      console.log(describe(mutation));
    }
    rmSync(sandbox, { recursive: true, force: true });
  };
  await Promise.all(Array.from({ length: atOnce }).map(work));
  return { mutations, survivors };
}

function read(script: string): string {
  return readFileSync(join(root, "components/builds/programs", script), "utf8");
}

/** Those that a shell takes at all. */
function mutationsOf(script: string): Mutation[] {
  const text = read(script);
  return mutants(text)
    .map((mutant) => ({ ...mutant, script }))
    .filter((mutation) => spawnSync("sh", ["-n"], { input: mutated(text, mutation) }).status === 0);
}

/** A copy of the program, in which a mutation does no harm. */
function makeSandbox(): string {
  const sandbox = mkdtempSync(join(tmpdir(), "mutate-sources-"));
  for (const part of ["components", "test", "tools", "package.json"]) {
    cpSync(join(root, part), join(sandbox, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(sandbox, "node_modules"));
  mkdirSync(join(sandbox, "tmp"));
  return sandbox;
}

/** Without a mutation every test passes; otherwise every mutation would seem to be detected. */
async function requirePassing(sandbox: string, all: readonly string[]): Promise<void> {
  const outcomes = await Promise.all(all.map((test) => passes(sandbox, test)));
  const failed = all.filter((_, index) => outcomes[index] === false);
  if (failed.length > 0) throw new Error(`without a mutation these fail: ${failed.join(", ")}`);
}

async function isDetected(sandbox: string, mutation: Mutation): Promise<boolean> {
  const file = join(sandbox, "components/builds/programs", mutation.script);
  const text = read(mutation.script);
  writeFileSync(file, mutated(text, mutation));
  try {
    for (const test of tests[mutation.script] ?? []) {
      if (!(await passes(sandbox, test))) return true;
    }
    return false;
  } finally {
    writeFileSync(file, text);
  }
}

/** Ends with the first test that fails. */
function passes(sandbox: string, test: string): Promise<boolean> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ["--test-reporter=tap", `test/builds/programs/${test}.test.ts`], {
      cwd: sandbox,
      env: { ...process.env, TMPDIR: join(sandbox, "tmp") },
      stdio: ["ignore", "pipe", "ignore"],
      // A group of its own, so that what the script has started ends with it.
      detached: true,
    });
    const end = () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL");
    const timer = setTimeout(end, patience);
    child.stdout.on("data", (chunk: Buffer) => {
      if (child.exitCode === null && /^\s*not ok /m.test(chunk.toString())) end();
    });
    child.on("error", fail);
    child.on("close", (code) => {
      clearTimeout(timer);
      done(code === 0);
    });
  });
}

function describe({ script, line, was, is }: Mutation): string {
  const at = `components/builds/programs/${script}:${(line + 1).toString()}`;
  return `${at}\n  - ${was}${is === undefined ? "" : `\n  + ${is}`}`;
}

/** Makes one mutation at a time in the shell scripts of the cluster, and runs their tests. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mutant } from "./shell.ts";
import { mutants, mutated } from "./shell.ts";

/** The tests of a script. A script that others source is tested by those that cover most of it. */
const tests: Readonly<Record<string, readonly string[]>> = {
  "build.sh": ["build"],
  "checkout.sh": ["checkout"],
  "credential.sh": ["credential", "checkout"],
  "git-access.sh": ["retry", "checkout", "tip"],
  "scan.sh": ["scan"],
  "tip.sh": ["tip"],
};

/** Scripts that need a real registry: `test/parts` tests them. */
export const elsewhere = ["find.sh", "registry.sh", "tag.sh"];

const root = join(import.meta.dirname, "../..");
/** More than there are cores, because the scripts' tests wait most of the time. */
const concurrency = 4;
/** In milliseconds. A mutation that makes a script hang counts as detected. */
const timeout = 60_000;

interface Mutation extends Mutant {
  readonly script: string;
}

export interface Score {
  readonly mutations: number;
  readonly survivors: readonly string[];
}

/** @param wanted the scripts to mutate; all if empty */
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
  await Promise.all(Array.from({ length: concurrency }).map(work));
  return { mutations, survivors };
}

function read(script: string): string {
  return readFileSync(join(root, "components/builds/programs", script), "utf8");
}

/** The mutations that are valid shell scripts. */
function mutationsOf(script: string): Mutation[] {
  const text = read(script);
  return mutants(text)
    .map((mutant) => ({ ...mutant, script }))
    .filter((mutation) => spawnSync("sh", ["-n"], { input: mutated(text, mutation) }).status === 0);
}

/** A copy of the sources, so that mutations do not affect the working tree. */
function makeSandbox(): string {
  const sandbox = mkdtempSync(join(tmpdir(), "mutate-sources-"));
  for (const part of ["components", "test", "tools", "package.json"]) {
    cpSync(join(root, part), join(sandbox, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(sandbox, "node_modules"));
  mkdirSync(join(sandbox, "tmp"));
  return sandbox;
}

/** A test that fails without a mutation would seem to detect every mutation. */
async function requirePassing(sandbox: string, all: readonly string[]): Promise<void> {
  const outcomes = await Promise.all(all.map((test) => passes(sandbox, test)));
  const failed = all.filter((_, index) => outcomes[index] === false);
  if (failed.length > 0) throw new Error(`tests fail without a mutation: ${failed.join(", ")}`);
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

/** Stops at the first test that fails. */
function passes(sandbox: string, test: string): Promise<boolean> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ["--test-reporter=tap", `test/builds/programs/${test}.test.ts`], {
      cwd: sandbox,
      env: { ...process.env, TMPDIR: join(sandbox, "tmp") },
      stdio: ["ignore", "pipe", "ignore"],
      // A process group of its own, so that processes of the script are killed with it.
      detached: true,
    });
    const end = () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL");
    const timer = setTimeout(end, timeout);
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

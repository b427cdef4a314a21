/** The checks of sources that run as commands. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/**
 * Caches of Node, TypeScript and Prettier, each of which compares the content of sources. ESLint's own cache is of no
 * use: its rules also read the types of other files. ESLint runs again when anything that it reads has changed.
 */
export const cache = join(root, "node_modules/.cache");

/** Checks that are commands; each counts as one. */
const commands: Readonly<Record<string, readonly string[]>> = {
  types: ["tsc", "--incremental", "--tsBuildInfoFile", join(cache, "types.tsbuildinfo")],
  imports: ["depcruise", "--output-type", "err", "index.ts", "components", "tools"],
  format: [
    ...["prettier", "--check", "--log-level", "warn", "."],
    ...["--cache", "--cache-strategy", "content", "--cache-location", join(cache, "format")],
  ],
  docs: ["npm", "run", "--silent", "docs", "--", "--check"],
};

export interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs one command. Prints its output if it fails. */
function check(name: string, [command = "", ...args]: readonly string[]): Promise<boolean> {
  return new Promise((done) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
    child.on("error", (error) => output.push(Buffer.from(error.message)));
    child.on("close", (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? "✔" : "✖"} ${name} (${seconds} s)`);
      if (code !== 0) console.log(Buffer.concat(output).toString());
      done(code === 0);
    });
  });
}

/** The file with the checksum of what a check read when it last passed. */
const passedFile = (name: string): string => join(cache, `${name}.passed`);

/** A checksum of all that the linter reads: the sources, its settings, and the versions of its packages. */
function lintChecksum(): string {
  const files = globSync(["**/*.{ts,js}", "package-lock.json", "tsconfig.json"], {
    cwd: root,
    exclude: ["node_modules/**", ".git/**"],
  });
  const sum = createHash("sha256");
  for (const file of files.toSorted()) sum.update(`${file}\0`).update(readFileSync(join(root, file)));
  return sum.digest("hex");
}

function passedBefore(name: string, sum: string): boolean {
  const file = passedFile(name);
  return existsSync(file) && readFileSync(file, "utf8") === sum;
}

/** Runs the linter, if anything has changed since it last passed. */
async function lint(): Promise<boolean> {
  const sum = lintChecksum();
  if (passedBefore("lint", sum)) {
    console.log("✔ lint (unchanged since it last passed)");
    return true;
  }
  const passed = await check("lint", ["eslint", "."]);
  mkdirSync(cache, { recursive: true });
  if (passed) writeFileSync(passedFile("lint"), sum);
  return passed;
}

/** The names of the checks, in order. */
export const checks: readonly string[] = [...Object.keys(commands), "lint"];

export async function commandChecks(): Promise<Count> {
  let count: Count = { passed: 0, failed: 0, skipped: 0 };
  // One after the other, in parallel with the tests: two of them at once would be slower on two cores.
  const all = Object.entries(commands).map(
    ([name, command]) =>
      () =>
        check(name, command),
  );
  for (const run of [...all, lint]) {
    const passed = await run();
    count = { ...count, passed: count.passed + (passed ? 1 : 0), failed: count.failed + (passed ? 0 : 1) };
  }
  return count;
}

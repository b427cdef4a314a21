/** Runs the scripts of build steps, in each shell that there is. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { root } from "./declare.ts";

export interface Shell {
  readonly name: string;
  /** The PATH of the scripts; their shell is its `sh`. */
  readonly path: string;
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * This machine's own shell, and that of the images, with all its tools, where busybox is installed.
 *
 * @param programs that the scripts call and that are no tools of a shell: name -> file
 */
export function shells(programs: Readonly<Record<string, string>> = {}): Shell[] {
  const folder = temporaryFolder("shells");
  const own = join(folder, "own");
  link(programs, own);
  const found = [{ name: "sh", path: `${own}:/usr/local/bin:/usr/bin:/bin` }];
  const busybox = which("busybox");
  if (busybox === undefined) return found;
  const path = join(folder, "busybox");
  const tools = spawnSync(busybox, ["--list"], { encoding: "utf8" }).stdout.trim().split("\n");
  const files = ["git", "curl"].flatMap((name) => {
    const file = which(name);
    return file === undefined ? [] : [[name, file] as const];
  });
  const all = [...tools.map((name) => [name, busybox] as const), ...files, ...Object.entries(programs)];
  link(Object.fromEntries(all), path);
  return [...found, { name: "busybox sh", path }];
}

function link(programs: Readonly<Record<string, string>>, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of Object.entries(programs)) symlinkSync(file, join(folder, name));
}

function which(program: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(":")
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));
}

/** Runs a script of `components/builds/programs` with these variables and no others. */
export function runScript(
  { path }: Shell,
  script: string,
  variables: Readonly<Record<string, string>>,
  folder: string = tmpdir(),
): Promise<Outcome> {
  return new Promise((done, fail) => {
    const file = join(root, "components/builds/programs", script);
    const child = spawn("/usr/bin/env", ["sh", file], {
      cwd: folder,
      env: { PATH: path, HOME: "/nowhere", ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.on("error", fail);
    child.on("close", (status) => done({ status, ...output }));
  });
}

/** The outputs of a script: the files of its RESULTS. */
export function result(folder: string, name: string): string | undefined {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

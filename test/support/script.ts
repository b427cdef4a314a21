/** Runs the programs of build steps: scripts in the shell of the images, the others with Node. */
import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
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
 * The shell of the images, with all its tools, if busybox is installed; otherwise this machine's own.
 *
 * @param programs that the scripts call beside the tools of the shell: name -> file
 */
export function imageShell(programs: Readonly<Record<string, string>> = {}): Shell {
  const folder = temporaryFolder("shell");
  const busybox = which("busybox");
  if (busybox === undefined) {
    link(programs, folder);
    return { name: "sh", path: `${folder}:/usr/local/bin:/usr/bin:/bin` };
  }
  const names = spawnSync(busybox, ["--list"], { encoding: "utf8" }).stdout.trim().split("\n");
  const git = which("git");
  const own = {
    ...Object.fromEntries(names.map((name) => [name, busybox])),
    ...(git === undefined ? {} : { git }),
  };
  link({ ...own, ...programs }, folder);
  return { name: "busybox sh", path: folder };
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
  const file = join(programsFolder, script);
  return outcome(start("/usr/bin/env", ["sh", file], { PATH: path, ...variables }, folder));
}

export const programsFolder = join(root, "components/builds/programs");
/** Node at the version of the image. */
export const node = join(root, "node_modules/node/bin/node");

/** The programs as the kubelet mounts a ConfigMap: links to files in a folder that is a link, below no package.json. */
export function mountedPrograms(): string {
  const folder = temporaryFolder("programs");
  const data = join(folder, "..2026_03_01");
  mkdirSync(data);
  symlinkSync("..2026_03_01", join(folder, "..data"));
  for (const name of readdirSync(programsFolder)) {
    copyFileSync(join(programsFolder, name), join(data, name));
    symlinkSync(join("..data", name), join(folder, name));
  }
  return folder;
}

/** Starts a program in TypeScript with these variables and no others. */
export function startProgram(folder: string, program: string, variables: Variables): ChildProcess {
  return start(node, [join(folder, program)], variables, tmpdir());
}

export function runProgram(folder: string, program: string, variables: Variables): Promise<Outcome> {
  return outcome(startProgram(folder, program, variables));
}

/** Runs a few lines that import modules of the programs by "./name.ts". */
export function runLines(folder: string, lines: string, variables: Variables): Promise<Outcome> {
  return outcome(start(node, ["--input-type=module", "--eval", lines], variables, folder));
}

type Variables = Readonly<Record<string, string>>;

/**
 * Variables that are passed on from the tests' own process: Node's compile cache, because compiling takes longer than
 * most programs run, and the error that the mutation tests have activated.
 */
export const handedOn = Object.fromEntries(
  ["NODE_COMPILE_CACHE", "__STRYKER_ACTIVE_MUTANT__"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  }),
);

function start(program: string, args: readonly string[], variables: Variables, cwd: string): ChildProcess {
  return spawn(program, args, {
    cwd,
    env: { HOME: "/nowhere", ...handedOn, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export function outcome(child: ChildProcess): Promise<Outcome> {
  return new Promise((done, fail) => {
    const output = { stdout: "", stderr: "" };
    child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.on("error", fail);
    child.on("close", (status) => done({ status, ...output }));
  });
}

/** The outputs of a script: the files of its RESULTS. */
export function result(folder: string, name: string): string | undefined {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

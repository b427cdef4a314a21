/**
 * Builds programs for tests from Go modules: once, into a cache outside the checkout.
 *
 * The cache is $ARGO_CICD_CACHE, or argo-cicd in the user's cache folder. A tool is built again if its recipe changes.
 */
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** How a program is built. */
export interface Recipe {
  /** The module that holds the program, and its version. */
  readonly module: string;
  readonly version: string;
  /** The program's package, relative to the module; by default the module itself. */
  readonly package?: string;
  /** Sets variables of the program when it is linked. */
  readonly ldflags?: string;
  readonly tags?: string;
  /** Replacements of modules that the go.mod replaces by folders: module -> module and version, or a folder. */
  readonly folderReplacements?: (module: string) => string | undefined;
  /** In place of replacements in the module's go.mod that are unavailable: module -> module and version. */
  readonly otherReplacements?: Readonly<Record<string, string>>;
  /** Files that the published module lacks: path -> contents. It is then built from a copy that has them. */
  readonly addedFiles?: Readonly<Record<string, string>>;
  /** Edits of such a copy: path -> texts and their replacements. */
  readonly edits?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Removals from such a copy: path -> regular expressions. */
  readonly removals?: Readonly<Record<string, readonly string[]>>;
}

export const cacheFolder =
  process.env["ARGO_CICD_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "argo-cicd");

/** The path of a recipe's program, once it is built. */
function placeOf(name: string, recipe: Recipe): string {
  const key = createHash("sha256")
    .update(JSON.stringify({ ...recipe, folderReplacements: undefined }))
    .digest("hex")
    .slice(0, 12);
  return join(cacheFolder, "tools", `${name}-${recipe.version}-${key}`, name);
}

/** Whether it exists, and need not be built. */
export function isBuilt(name: string, recipe: Recipe): boolean {
  return existsSync(placeOf(name, recipe));
}

/** The program's file; built first if it does not exist. */
export async function goTool(name: string, recipe: Recipe): Promise<string> {
  const program = placeOf(name, recipe);
  if (existsSync(program)) return program;
  const folder = dirname(program);
  mkdirSync(folder, { recursive: true });
  await locked(join(folder, "lock"), async () => {
    // Another test file may have built it in the meantime.
    if (!existsSync(program)) await build(name, recipe, folder, program);
  });
  return program;
}

/** Test files run side by side and may want the same tool: one builds it, the others wait. */
async function locked(lock: string, work: () => Promise<void>): Promise<void> {
  while (!taken(lock)) await new Promise((done) => setTimeout(done, 500));
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Takes the lock, also from a process that died while it held the lock. */
function taken(lock: string): boolean {
  try {
    writeFileSync(lock, process.pid.toString(), { flag: "wx" });
    return true;
  } catch {
    if (!alive(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function alive(lock: string): boolean {
  try {
    // Signal 0 only asks whether the process is there.
    return process.kill(Number(readFileSync(lock, "utf8")), 0);
  } catch {
    return false;
  }
}

async function build(name: string, recipe: Recipe, folder: string, program: string): Promise<void> {
  requireGo();
  const started = performance.now();
  const report = (text: string) => process.stderr.write(`building ${name} ${recipe.version}: ${text}\n`);
  report("once, then it is cached");
  writeModule(recipe, folder);
  const flags = [
    ...(recipe.ldflags === undefined ? [] : ["-ldflags", recipe.ldflags]),
    ...(recipe.tags === undefined ? [] : ["-tags", recipe.tags]),
  ];
  const target = [recipe.module, recipe.package].filter((part) => part !== undefined).join("/");
  const timer = setInterval(() => {
    report(`${Math.round((performance.now() - started) / 1000).toString()} s`);
  }, 30_000);
  try {
    await go(["build", "-mod=mod", "-trimpath", ...flags, "-o", `${program}.part`, target], folder, {
      // Without libc: images contain nothing else, and the standard library is compiled once for all programs.
      CGO_ENABLED: "0",
    });
  } finally {
    clearInterval(timer);
  }
  // Atomically: the next run must not find an interrupted build.
  renameSync(`${program}.part`, program);
  report(`done in ${Math.round((performance.now() - started) / 1000).toString()} s`);
}

/** @throws Error that names what is missing */
export function requireGo(): void {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
  } catch {
    throw new Error(
      "Go is required to build the tests' programs, and there is no `go` in the PATH: see https://go.dev/dl.",
    );
  }
}

/** Writes a module that requires the tool's, with the replacements that only a main module can make. */
function writeModule(recipe: Recipe, folder: string): void {
  const {
    module,
    version,
    folderReplacements,
    otherReplacements = {},
    addedFiles = {},
    edits = {},
    removals = {},
  } = recipe;
  const downloaded = JSON.parse(
    execFileSync("go", ["mod", "download", "-json", `${module}@${version}`], { encoding: "utf8" }),
  ) as { GoMod: string; Dir: string };
  const { Replace, Go } = JSON.parse(
    execFileSync("go", ["mod", "edit", "-json", downloaded.GoMod], { encoding: "utf8" }),
  ) as { Go?: string; Replace?: { Old: Replaced; New: Replaced }[] | null };
  const replacements = (Replace ?? []).flatMap(({ Old, New }) => {
    const isFolder = /^\.{0,2}\//.test(New.Path);
    const own = isFolder ? folderReplacements?.(Old.Path) : `${New.Path} ${New.Version ?? ""}`;
    const target = otherReplacements[Old.Path] ?? own;
    return target === undefined ? [] : [`replace ${Old.Path} ${Old.Version ?? ""} => ${target}`];
  });
  if (Object.keys({ ...addedFiles, ...edits, ...removals }).length > 0) {
    const copy = join(folder, "module");
    copyWithFiles(downloaded.Dir, copy, addedFiles);
    for (const [path, texts] of Object.entries(edits)) editFile(join(copy, path), texts);
    for (const [path, patterns] of Object.entries(removals)) removeFrom(join(copy, path), patterns);
    replacements.push(`replace ${module} => ./module`);
  }
  const lines = [`module tool`, `go ${Go ?? "1.24"}`, `require ${module} ${version}`, ...replacements];
  writeFileSync(join(folder, "go.mod"), `${lines.join("\n")}\n`);
}

function copyWithFiles(source: string, copy: string, files: Readonly<Record<string, string>>): void {
  rmSync(copy, { recursive: true, force: true });
  // The module cache is read-only; its copy must take new files.
  execFileSync("cp", ["-r", "--no-preserve=mode", source, copy]);
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), contents);
  }
}

/** @throws Error if one of the texts is missing */
function editFile(file: string, texts: Readonly<Record<string, string>>): void {
  let edited = readFileSync(file, "utf8");
  for (const [text, other] of Object.entries(texts)) {
    if (!edited.includes(text)) throw new Error(`${file} has no ${text}`);
    edited = edited.replaceAll(text, other);
  }
  writeFileSync(file, edited);
}

/** @throws Error if one of the expressions matches nothing */
function removeFrom(file: string, patterns: readonly string[]): void {
  let edited = readFileSync(file, "utf8");
  for (const pattern of patterns) {
    const rest = edited.replaceAll(new RegExp(pattern, "g"), "");
    if (rest === edited) throw new Error(`${file} has nothing that matches ${pattern}`);
    edited = rest;
  }
  writeFileSync(file, edited);
}

interface Replaced {
  readonly Path: string;
  readonly Version?: string;
}

function go(args: readonly string[], folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn("go", args, {
      cwd: folder,
      env: { ...process.env, GOFLAGS: "", GOWORK: "off", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => output.push(chunk.toString()));
    }
    child.on("error", fail);
    child.on("close", (code) => {
      if (code === 0) done();
      else fail(new Error(`go ${args.join(" ")}\n${output.join("").split("\n").slice(-30).join("\n")}`));
    });
  });
}

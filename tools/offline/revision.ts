/** Previews a commit: its stack file, with its own program. The working tree stays unchanged. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { text } from "node:stream/consumers";
import type { Files } from "./folder.ts";
import { readFolder } from "./folder.ts";
import { UserError } from "./user-error.ts";

const root = join(import.meta.dirname, "../..");
const lightSdk = import.meta.resolve("./light-sdk.ts");

/**
 * Reads an earlier preview. A folder takes precedence over a commit of that name: `refs/heads/docs` is the branch `docs`.
 * @param against a folder that `--out` wrote, or a commit
 * @param file the stack file in the working tree
 */
export function readBefore(against: string, file: string): Files | Promise<Files> {
  return existsSync(against) ? readFolder(against) : readRevision(against, file);
}

/**
 * @param revision a branch, a tag or a commit
 * @param file the stack file in the working tree
 * @throws UserError if there is no such commit, or it has no such file, or the file has errors
 */
async function readRevision(revision: string, file: string): Promise<Files> {
  const commit = commitOf(revision);
  const path = pathInRepository(file);
  if (git(root, ["cat-file", "-e", `${commit}:./${path}`]).status !== 0) {
    throw new UserError(`${revision} has no ${path}.`);
  }
  const folder = mkdtempSync(join(tmpdir(), "preview-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stop = () => process.exit(130);
  process.once("exit", remove).once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const tree = checkOut(commit, folder);
    await linkDependencies(revision, tree);
    const out = join(folder, "out");
    await preview(revision, tree, ["--config", join(tree, path), "--out", out]);
    return readFolder(out);
  } finally {
    process.off("exit", remove).off("SIGINT", stop).off("SIGTERM", stop);
    remove();
  }
}

function commitOf(revision: string): string {
  const result = git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]);
  if (result.status === 0) return result.stdout.trim();
  const reason = result.stderr.trim() === "" ? "" : `\n${result.stderr.trim()}`;
  throw new UserError(
    `${revision} is neither a folder that --out has written nor a commit of this repository.${reason}`,
  );
}

function pathInRepository(file: string): string {
  const path = relative(realpathSync(root), realpathSync(file));
  if (!path.startsWith("..")) return path;
  throw new UserError(
    `${file} is not in this repository, so no commit has it. Compare it with a folder that --out has written.`,
  );
}

/** @returns the path of this folder in the copy. A git worktree would have to be cleaned up after a kill. */
function checkOut(commit: string, folder: string): string {
  const top = successful(git(root, ["rev-parse", "--show-toplevel"])).trim();
  const here = successful(git(root, ["rev-parse", "--show-prefix"])).trim();
  const index = { GIT_INDEX_FILE: join(folder, "index") };
  successful(git(top, ["read-tree", commit], index));
  successful(git(top, ["checkout-index", "--all", `--prefix=${join(folder, "tree")}/`], index));
  return join(folder, "tree", here);
}

/** Links the dependencies of the working tree, or installs them if the commit's differ. */
async function linkDependencies(revision: string, tree: string): Promise<void> {
  const lock = "package-lock.json";
  const lockOf = (folder: string) =>
    existsSync(join(folder, lock)) ? readFileSync(join(folder, lock), "utf8") : "";
  if (lockOf(tree) === lockOf(root)) {
    symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
    return;
  }
  console.error(`Installing the dependencies of ${revision}, which differ.`);
  const { code, output } = await run("npm", ["ci", "--prefer-offline", "--ignore-scripts"], tree);
  if (code !== 0) throw new UserError(`The dependencies of ${revision} cannot be installed: ${output}`);
}

async function preview(revision: string, tree: string, args: readonly string[]): Promise<void> {
  const tool = join(tree, "tools/preview.ts");
  if (!existsSync(tool)) throw new UserError(`${revision} has no tools/preview.ts.`);
  const { code, output } = await run(process.execPath, ["--import", lightSdk, tool, ...args], tree);
  if (code !== 0) throw new UserError(`${revision} cannot be previewed: ${output}`);
}

async function run(program: string, args: readonly string[], cwd: string) {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<number | string | null>((done) => {
    child.on("error", ({ message }) => done(message));
    child.on("close", done);
  });
  const [stderr, code] = await Promise.all([text(child.stderr), ended]);
  return { code, output: stderr.trim() === "" ? String(code) : stderr.trim() };
}

function git(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { error, status, stdout, stderr } = spawnSync("git", args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw new UserError(`Cannot run git: ${error.message}`);
  return { status, stdout, stderr };
}

function successful({ status, stdout, stderr }: ReturnType<typeof git>): string {
  if (status !== 0) throw new UserError(`git failed: ${stderr.trim()}`);
  return stdout;
}

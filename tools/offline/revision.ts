/** Previews a commit: its stack file, with its own program. The working tree stays unchanged. */
import { existsSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { temporaryFolder } from "../system/files.ts";
import type { Result } from "../system/run.ts";
import { run } from "../system/run.ts";
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
  const commit = await commitOf(revision);
  const path = pathInRepository(file);
  const stored = await git(root, ["cat-file", "-e", `${commit}:./${path}`]);
  if (stored.failure !== undefined) throw new UserError(`${revision} has no ${path}.`);
  const folder = temporaryFolder("preview-");
  try {
    const tree = await checkOut(commit, folder.path);
    requireInside(folder.path, join(tree, path), `${path} of ${revision}`);
    await linkDependencies(revision, tree);
    const out = join(folder.path, "out");
    await preview(revision, tree, ["--config", join(tree, path), "--out", out]);
    return readFolder(out);
  } finally {
    folder.remove();
  }
}

async function commitOf(revision: string): Promise<string> {
  const parse = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const { failure, stdout, stderr } = await git(root, parse);
  if (failure === undefined) return stdout.trim();
  const reason = stderr.trim() === "" ? await shallowHint() : `\n${stderr.trim()}`;
  throw new UserError(
    `${revision} is neither a folder that --out has written nor a commit of this repository.${reason}`,
  );
}

/** A shallow clone, the default of GitHub Actions, has only the newest commit and no other branch. */
async function shallowHint(): Promise<string> {
  const { stdout } = await git(root, ["rev-parse", "--is-shallow-repository"]);
  return stdout.trim() === "true"
    ? "\nThis clone is shallow. Fetch the other commits with git fetch --unshallow, or with fetch-depth: 0 in GitHub Actions."
    : "";
}

/** A link to a stack file is compared by its own path: the commit's link may have another target. */
function pathInRepository(file: string): string {
  const own = join(realpathSync(dirname(resolve(file))), basename(file));
  const path = [own, realpathSync(file)]
    .map((one) => relative(realpathSync(root), one))
    .find((one) => !one.startsWith(".."));
  if (path !== undefined) return path;
  throw new UserError(
    `${file} is not in this repository, so no commit has it. Compare it with a folder that --out has written.`,
  );
}

/** A commit's link may lead to a file outside the commit. */
function requireInside(folder: string, file: string, named: string): void {
  const target = existsSync(file) ? relative(realpathSync(folder), realpathSync(file)) : "..";
  if (target.startsWith("..")) {
    throw new UserError(`${named} is a link to a file outside the commit, so its content then is unknown.`);
  }
}

/** @returns the path of this folder in the copy. A git worktree would have to be cleaned up after a kill. */
async function checkOut(commit: string, folder: string): Promise<string> {
  const top = outputOf(await git(root, ["rev-parse", "--show-toplevel"])).trim();
  const here = outputOf(await git(root, ["rev-parse", "--show-prefix"])).trim();
  const index = { GIT_INDEX_FILE: join(folder, "index") };
  outputOf(await git(top, ["read-tree", commit], index));
  const all = ["checkout-index", "--all", `--prefix=${join(folder, "tree")}/`];
  // With line ends of Windows, the programs in the cluster would differ.
  outputOf(await git(top, ["-c", "core.autocrlf=false", ...all], index));
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
  const result = await run("npm", ["ci", "--prefer-offline", "--ignore-scripts"], { cwd: tree });
  if (result.failure !== undefined)
    throw new UserError(`The dependencies of ${revision} cannot be installed: ${errorOf(result)}`);
}

async function preview(revision: string, tree: string, args: readonly string[]): Promise<void> {
  const tool = join(tree, "tools/preview.ts");
  if (!existsSync(tool)) throw new UserError(`${revision} has no tools/preview.ts.`);
  const result = await run(process.execPath, ["--import", lightSdk, tool, ...args], { cwd: tree });
  if (result.failure !== undefined)
    throw new UserError(`${revision} cannot be previewed: ${errorOf(result)}`);
}

/** @throws UserError if git cannot be started */
async function git(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const result = await run("git", args, { cwd, env: { ...process.env, ...env } });
  if (result.status === undefined) throw new UserError(`${result.failure ?? ""}.`);
  return result;
}

function errorOf({ stderr, failure = "" }: Result): string {
  return stderr.trim() === "" ? failure : stderr.trim();
}

function outputOf(result: Result): string {
  if (result.failure !== undefined) throw new UserError(`git failed: ${errorOf(result)}`);
  return result.stdout;
}

/** Files and folders that a command writes. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../offline/user-error.ts";
import { atEnd } from "./at-end.ts";

export interface TemporaryFolder {
  readonly path: string;
  /** Removes it; otherwise it is removed when the process ends. */
  readonly remove: () => void;
}

/** @throws UserError if none can be created */
export function temporaryFolder(prefix: string): TemporaryFolder {
  const path = created(prefix);
  return { path, remove: atEnd(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 })) };
}

function created(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (error) {
    throw new UserError(
      `No temporary folder can be created in ${tmpdir()}: ${reasonOf(error)}. Set TMPDIR to a folder that can be written to.`,
    );
  }
}

/** Creates a folder and those above it. Node's own recursive way never ends in file systems such as /proc. */
export function makeFolder(folder: string): void {
  const path = resolve(folder);
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/**
 * Writes a file in one step: an existing file stays until the new one is complete. A link stays, and its target is
 * replaced; what is no file, such as a pipe or `/dev/stdout`, is written to.
 * @param mode of a new file; an existing one keeps its own
 * @throws UserError if it cannot be written
 */
export function writeWhole(file: string, text: string): void {
  try {
    write(file, text);
  } catch (error) {
    throw new UserError(`${file} cannot be written: ${reasonOf(error)}.`);
  }
}

function write(file: string, text: string): void {
  const existing = statSync(file, { throwIfNoEntry: false });
  if (existing !== undefined && !existing.isFile()) {
    writeFileSync(file, text);
    return;
  }
  const target = existing === undefined ? file : realpathSync(file);
  const unfinished = `${target}.${process.pid.toString()}.part`;
  const remove = atEnd(() => removeIfThere(unfinished));
  try {
    writeFileSync(unfinished, text, existing === undefined ? {} : { mode: existing.mode });
    renameSync(unfinished, target);
  } finally {
    remove();
  }
}

/** The error that kept the file from being written is the one to report. */
function removeIfThere(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It cannot be there either.
  }
}

/** Node's reason without its code, call and path: `no space left on device`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isSystemError(error)
    ? (error.message.replace(/^[A-Z0-9]+: /, "").split(", ")[0] ?? "")
    : error.message;
}

/** Whether the operating system refused something, as for a file that does not exist or a full disk. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error;
}

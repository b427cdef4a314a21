/**
 * Sets secrets in a stack file with the pulumi command: all of them or none.
 *
 * The command reads one value from its standard input. It takes several only as arguments, which every user of the
 * machine can read. So the values are set one by one in a copy, which then replaces the file.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { UserError } from "../offline/user-error.ts";

export interface Target {
  readonly stack: string;
  readonly file: string;
}

/**
 * @param values by their paths in the configuration
 * @throws UserError with the command's message; the file is then unchanged
 */
export async function setSecrets(target: Target, values: ReadonlyMap<string, string>): Promise<void> {
  const file = realpathSync(target.file);
  const before = readFileSync(file, "utf8");
  const folder = mkdtempSync(join(tmpdir(), "secrets-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const interruption = new AbortController();
  const stop = () => {
    interruption.abort();
    remove();
    console.error(`Interrupted; ${basename(file)} is unchanged.`);
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const copy = join(folder, basename(file));
    cpSync(file, copy);
    const command = { ...target, file, copy, signal: interruption.signal };
    for (const [path, value] of values) await setOne(command, path, value);
    if (readFileSync(file, "utf8") !== before) {
      throw new UserError(
        `${basename(file)} was changed in the meantime, so nothing was set. Run this again.`,
      );
    }
    replace(file, copy);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    remove();
  }
}

/** Atomically: nobody sees an incomplete file. */
function replace(file: string, copy: string): void {
  const next = join(dirname(file), `.${basename(file)}.new`);
  cpSync(copy, next);
  renameSync(next, file);
}

interface Command extends Target {
  readonly copy: string;
  /** Aborts it. */
  readonly signal: AbortSignal;
}

async function setOne({ stack, file, copy, signal }: Command, path: string, value: string): Promise<void> {
  const args = ["config", "set", "--secret", "--raw", "--path", path];
  const child = spawn("pulumi", [...args, "--stack", stack, "--config-file", copy, "--non-interactive"], {
    cwd: dirname(file),
    signal,
    stdio: ["pipe", "ignore", "pipe"],
  });
  // It may exit before it has read its input.
  child.stdin.on("error", () => undefined).end(value);
  const ended = new Promise<string | undefined>((done) => {
    child.on("error", ({ message }) => done(`pulumi cannot be started: ${message}`));
    child.on("close", (code, by) => done(code === 0 ? undefined : `pulumi ended with ${by ?? "an error"}`));
  });
  const [errors, failure] = await Promise.all([text(child.stderr), ended]);
  if (failure === undefined) return;
  const because = errors.trim() === "" ? "" : `\n${errors.trim()}`.replaceAll("\n", "\n  ");
  throw new UserError(`${failure}, so nothing was set.${because}`);
}

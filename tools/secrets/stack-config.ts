/**
 * Sets secrets in a stack file with the pulumi command: all of them or none.
 *
 * The command reads one value from its standard input. It takes several only as arguments, which every user of the
 * machine can read. So the values are set one by one in a copy, which then replaces the file.
 */
import { cpSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../offline/user-error.ts";
import { atEnd } from "../system/at-end.ts";
import { temporaryFolder, writeWhole } from "../system/files.ts";
import { run } from "../system/run.ts";

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
  const folder = temporaryFolder("secrets-");
  let isDone = false;
  const report = atEnd(() => {
    if (!isDone) console.error(`Interrupted; ${basename(file)} is unchanged.`);
  });
  try {
    const copy = join(folder.path, basename(file));
    cpSync(file, copy);
    for (const [path, value] of values) await setOne({ ...target, file, copy }, path, value);
    if (readFileSync(file, "utf8") !== before) {
      throw new UserError(
        `${basename(file)} was changed in the meantime, so nothing was set. Run this again.`,
      );
    }
    writeWhole(file, readFileSync(copy, "utf8"));
  } finally {
    isDone = true;
    report();
    folder.remove();
  }
}

interface Command extends Target {
  readonly copy: string;
}

async function setOne({ stack, file, copy }: Command, path: string, value: string): Promise<void> {
  const args = ["config", "set", "--secret", "--raw", "--path", path];
  const all = [...args, "--stack", stack, "--config-file", copy, "--non-interactive"];
  const { stderr, failure } = await run("pulumi", all, { cwd: dirname(file), input: value });
  if (failure === undefined) return;
  const because = stderr.trim() === "" ? "" : `\n${stderr.trim()}`.replaceAll("\n", "\n  ");
  throw new UserError(`${failure}, so nothing was set.${because}`);
}

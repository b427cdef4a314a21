/** Writes a page to a file. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../offline/user-error.ts";

/**
 * Writes to a file beside it first, so that an existing page stays until the new one is complete.
 * @throws UserError if the file cannot be written
 */
export function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.${process.pid.toString()}.part`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    const [because] = (error instanceof Error ? error.message : String(error)).split(",");
    throw new UserError(`The page cannot be written to ${file}: ${because ?? ""}`);
  }
}

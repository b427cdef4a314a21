/** Writes the Dockerfile and the build context of a case to a folder. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Archive, Case, ContextFile } from "../conformance/case.ts";

export function writeContext(
  { dockerfile, context = {} }: Pick<Case, "dockerfile" | "context">,
  folder: string,
): void {
  for (const [path, file] of Object.entries({ ...context, Dockerfile: dockerfile })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeContextFile(join(folder, path), file);
  }
}

function writeContextFile(path: string, file: ContextFile): void {
  if (typeof file === "string") writeFileSync(path, file);
  else if ("link" in file) symlinkSync(file.link, path);
  else if ("archive" in file) writeArchive(path, file);
  else {
    writeFileSync(path, file.text);
    chmodSync(path, file.mode);
  }
}

function writeArchive(path: string, { archive, mode, compressed }: Archive): void {
  const folder = `${path}.folder`;
  for (const [name, text] of Object.entries(archive)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const rights = ["--owner=:7", "--group=:8", `--mode=${mode.toString(8)}`];
  const options = compressed === undefined ? [] : [`--${compressed}`];
  execFileSync("tar", ["-C", folder, "--numeric-owner", ...rights, ...options, "-cf", path, "."]);
  rmSync(folder, { recursive: true });
}

/** The contents of an image: its files with their owners and modes, and its configuration. */
import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";

export interface BuiltImage {
  /** `0644 0:0 text`, `dir 0755 0:0`, `-> target`, or `absent`. */
  readonly at: (path: string) => string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The document that contains the configuration. */
  readonly whole: Readonly<Record<string, unknown>>;
}

/** @param folder for its files, which is created */
export function pullImage(crane: string, reference: string, folder: string): BuiltImage {
  mkdirSync(folder);
  const archive = `${folder}.tar`;
  const run = (...args: string[]) => execFileSync(crane, args, { encoding: "utf8", stdio: "pipe" });
  run("export", reference, archive);
  const { status, stderr } = spawnSync("tar", ["-xpf", archive, "-C", folder, "--numeric-owner"]);
  if (status !== 0) throw new Error(stderr.toString());
  const whole = JSON.parse(run("config", reference)) as { config: Record<string, unknown> };
  return { at: (path) => describe(join(folder, path)), config: whole.config, whole };
}

function describe(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return "absent";
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  if (stats.isDirectory()) return `dir ${rights(stats)}`;
  return stats.isFile() ? `${rights(stats)} ${readFileSync(path, "utf8")}` : `other ${rights(stats)}`;
}

function rights({ mode, uid, gid }: Stats): string {
  return `${(mode & 0o7777).toString(8).padStart(4, "0")} ${uid.toString()}:${gid.toString()}`;
}

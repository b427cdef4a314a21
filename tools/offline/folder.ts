/** Writes previews to folders, reads them back, and shows how two differ. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { createTwoFilesPatch } from "diff";
import { makeFolder, reasonOf } from "../system/files.ts";
import { UserError } from "./user-error.ts";

/** The text of each file by its path in the folder. */
export type Files = ReadonlyMap<string, string>;

/** Lists what a preview wrote, so that the next one removes only files that are no longer declared. */
const listing = "_files.txt";

/** The first line of the list while the folder is written. */
const incomplete = "# incomplete";

/** @throws UserError if the folder cannot be written */
export function writeFolder(folder: string, files: Files): void {
  try {
    write(folder, files);
  } catch (error) {
    throw new UserError(`The preview cannot be written to ${folder}: ${reasonOf(error)}.`);
  }
}

function write(folder: string, files: Files): void {
  const before = listed(folder);
  const list = (paths: Iterable<string>) => {
    writeFileSync(join(folder, listing), [...paths].map((path) => `${path}\n`).join(""));
  };
  makeFolder(folder);
  list([incomplete, ...new Set([...before, ...files.keys()])]);
  for (const path of before) if (!files.has(path)) rmSync(join(folder, path), { force: true });
  for (const [path, text] of files) {
    makeFolder(dirname(join(folder, path)));
    writeFileSync(join(folder, path), text);
  }
  list(files.keys());
}

/** @throws UserError if the folder contains no complete preview */
export function readFolder(folder: string): Files {
  const again = `npm run preview -- <stack> --out ${folder}`;
  if (!existsSync(join(folder, listing))) {
    throw new UserError(`${folder} contains no preview. Create one first: ${again}`);
  }
  try {
    if (textOf(folder, listing).startsWith(incomplete)) throw new Error("writing it was interrupted");
    return new Map(listed(folder).map((path) => [path, textOf(folder, path)]));
  } catch (error) {
    throw new UserError(
      `${folder} contains no complete preview: ${reasonOf(error)}. Create it again: ${again}`,
    );
  }
}

/** @throws Error that names the file */
function textOf(folder: string, path: string): string {
  try {
    return readFileSync(join(folder, path), "utf8");
  } catch (error) {
    throw new Error(`${path} cannot be read: ${reasonOf(error)}`);
  }
}

function listed(folder: string): string[] {
  if (!existsSync(join(folder, listing))) return [];
  return textOf(folder, listing)
    .split("\n")
    .filter((path) => path !== "" && !path.startsWith("#") && isInside(path));
}

/** The list may come from elsewhere, so nothing outside the folder may be read or removed. */
function isInside(path: string): boolean {
  const first = normalize(path).split(sep)[0];
  return first !== ".." && first !== "";
}

/** A file that differs between two previews. */
export interface Change {
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  /** Its text in the earlier preview; undefined if it is new. */
  readonly before: string | undefined;
  /** A unified diff. */
  readonly patch: string;
}

/** What was added, removed and changed between two previews, as a unified diff of each file. */
export function difference(before: Files, after: Files): string[] {
  return changesBetween(before, after).map(described);
}

export function described({ path, kind, patch }: Change): string {
  return `${kind}: ${path}\n${patch}`;
}

export function changesBetween(before: Files, after: Files): Change[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [from, to] = [before.get(path), after.get(path)];
    if (from === to) return [];
    const kind = from === undefined ? "added" : to === undefined ? "removed" : "changed";
    return [{ path, kind, before: from, patch: patch(path, from ?? "", to ?? "") }];
  });
}

function patch(path: string, from: string, to: string): string {
  const text = createTwoFilesPatch(path, path, from, to, undefined, undefined, { context: 3 });
  return text.split("\n").slice(1).join("\n");
}

/** Writes previews to folders, reads them back, and shows how two differ. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { createTwoFilesPatch } from "diff";
import { UserError } from "./user-error.ts";

/** The text of each file by its path in the folder. */
export type Files = ReadonlyMap<string, string>;

/** Lists what a preview wrote, so that the next one removes only files that are no longer declared. */
const listing = "_files.txt";

/** @throws UserError if the folder cannot be written */
export function writeFolder(folder: string, files: Files): void {
  try {
    write(folder, files);
  } catch (error) {
    throw new UserError(
      `The preview cannot be written to ${folder}: ${String(error).replace(/^Error: /, "")}`,
    );
  }
}

function write(folder: string, files: Files): void {
  if (existsSync(folder)) {
    for (const path of listed(folder)) if (!files.has(path)) rmSync(join(folder, path), { force: true });
  }
  for (const [path, text] of [
    ...files,
    [listing, [...files.keys()].map((path) => `${path}\n`).join("")] as const,
  ]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** @throws UserError if the folder contains no preview */
export function readFolder(folder: string): Files {
  if (!existsSync(join(folder, listing))) {
    throw new UserError(
      `${folder} contains no preview. Create one first: npm run preview -- <stack> --out ${folder}`,
    );
  }
  return new Map(listed(folder).map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

function listed(folder: string): string[] {
  const file = join(folder, listing);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((path) => path !== "" && isInside(path));
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

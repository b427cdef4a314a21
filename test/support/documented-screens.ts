/** The screens of docs/looks.md, and whether a program still shows them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./declare.ts";

export const looks = "docs/looks.md";

/** The content below a heading of the page. */
export interface DocumentedScreens {
  /** The blocks of text, in their order. */
  readonly texts: readonly string[];
  /** The edit of the stack file before they are shown; undefined if there is none. */
  readonly diff: string | undefined;
}

/** By their headings, in the order of the page. */
export function documentedScreens(): ReadonlyMap<string, DocumentedScreens> {
  const [, ...sections] = readFileSync(join(root, looks), "utf8").split(/^## /m);
  const blocks = (section: string, language: string) =>
    [...section.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(
      ([, text = ""]) => text,
    );
  return new Map(
    sections.map((section) => [
      section.slice(0, section.indexOf("\n")),
      { texts: blocks(section, "text"), diff: blocks(section, "diff")[0] },
    ]),
  );
}

/** @param output of the program. In place of whole lines or ends of lines, the screen may have `…`. */
export function assertShows(screen: string, output: string): void {
  // On a mismatch, the error shows all of it.
  if (!patternOf(screen).test(`${output.trimEnd()}\n`)) assert.equal(screen, output);
}

function patternOf(screen: string): RegExp {
  const lines = screen.trimEnd().split("\n");
  const patterns = lines.map((line) => (line.trim() === "…" ? "(?:.*\\n)+?" : `${linePattern(line)}\\n`));
  return new RegExp(`^${patterns.join("")}$`);
}

function linePattern(line: string): string {
  const isCut = line.endsWith(" …");
  const escaped = (isCut ? line.slice(0, -1) : line).replace(/[^\w\s]/g, "\\$&");
  return isCut ? `${escaped}.+` : escaped;
}

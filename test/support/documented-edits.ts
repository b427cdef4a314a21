/** The edits of docs/edits.md, and the preview that the page shows of each. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "../../tools/offline/folder.ts";
import { root } from "./declare.ts";

/** A diff of the page with the blocks of output that follow it. */
export interface DocumentedEdit {
  /** The heading above it. */
  readonly title: string;
  readonly diff: string;
  /** `added: <path>` and the like, where `…` stands for any text -> runs of lines of those files' differences. */
  readonly shown: ReadonlyMap<string, readonly string[]>;
  /** The rest of the preview's output: warnings, and secrets without a value. `…` stands for any text. */
  readonly reported: readonly string[];
}

/** In page order. Edits below one heading build on each other; each heading starts from the committed file. */
export function documentedEdits(): DocumentedEdit[] {
  const [, ...sections] = readFileSync(join(root, "docs/edits.md"), "utf8").split(/^## /m);
  return sections.flatMap((section) => {
    const [title = ""] = section.split("\n");
    return section
      .split(/^```diff\n/m)
      .slice(1)
      .map((rest) => editOf(title, rest));
  });
}

function editOf(title: string, rest: string): DocumentedEdit {
  const [diff = ""] = rest.split(/^```$/m);
  const outputs = [...rest.matchAll(/^```text\n(.*?)^```$/gms)].map(([, output = ""]) => output);
  const isOfFiles = (output: string) => /^(added|changed|removed): /.test(output);
  return {
    title,
    diff,
    shown: new Map(outputs.filter(isOfFiles).flatMap(filesOf)),
    reported: outputs
      .filter((output) => !isOfFiles(output))
      .flatMap((output) => output.trimEnd().split("\n")),
  };
}

function filesOf(output: string): [string, string[]][] {
  return output.split(/^(?=(?:added|changed|removed): )/m).map((file) => {
    const [head = "", ...lines] = file.trimEnd().split("\n");
    return [head, lines.length === 0 ? [] : lines.join("\n").split("\n…\n")];
  });
}

/** Applies a diff to a text, in which its lines must occur exactly once. */
export function edited(text: string, diff: string): string {
  const side = (sign: string) =>
    diff
      .split("\n")
      .filter((line) => line.startsWith(" ") || line.startsWith(sign))
      .map((line) => `${line.slice(1)}\n`)
      .join("");
  const [before, after, ...others] = text.split(side("-"));
  assert.ok(
    before !== undefined && after !== undefined && others.length === 0,
    `must occur exactly once:\n${diff}`,
  );
  return [before, after].join(side("+"));
}

/** Asserts that the page lists the files that differ and no others, with lines of their differences. */
export function assertShown({ title, shown }: DocumentedEdit, changes: readonly Change[]): void {
  const heads = [...shown.keys()];
  const seen = changes.map((change) => {
    const head = `${change.kind}: ${change.path}`;
    return { change, head: heads.find((one) => fits(head, one)) ?? head };
  });
  assert.deepEqual([...new Set(seen.map(({ head }) => head))], heads, title);
  for (const { change, head } of seen) {
    for (const lines of shown.get(head) ?? []) {
      assert.ok(
        change.patch.includes(`\n${lines}\n`),
        `${title}: ${change.path} has\n${lines}\nin\n${change.patch}`,
      );
    }
  }
}

export function assertPrinted({ title, reported }: DocumentedEdit, lines: readonly string[]): void {
  assert.deepEqual(
    lines.map((line) => reported.find((one) => fits(line, one)) ?? line),
    reported,
    title,
  );
}

function fits(text: string, pattern: string): boolean {
  const parts = pattern.split("…").map((part) => part.replace(/[^\w\s]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`).test(text);
}

/** The commands of the documentation, as they are written. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./declare.ts";
import { translations, withoutComment } from "./markdown.ts";

export const documents = [
  ...translations.flat(),
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "docs/builds.md",
  "docs/edits.md",
  "docs/looks.md",
  "docs/monitoring.md",
  "docs/notifications.md",
  "docs/registries.md",
  "docs/decisions.md",
] as const;

/** The text of each fenced block of shell commands. */
export function blocks(document: string): string[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/^```(?:sh|bash|shell|console)\n(.*?)^```/gms)].map(([, code = ""]) => code);
}

/** The block of a document that contains a text. */
export function block(document: string, text: string): string {
  const found = blocks(document).filter((code) => code.includes(text));
  assert.equal(found.length, 1, `${document} has ${found.length.toString()} blocks with ${text}`);
  return found.join("");
}

/** The commands of a block, without comments. A here-document is part of its command. */
export function commandsOf(code: string): string[] {
  const commands: string[] = [];
  let rest = code;
  while (rest !== "") {
    const [line = "", ...others] = rest.split("\n");
    const end = /<<'?(\w+)'?$/.exec(line)?.[1];
    const length = end === undefined ? 0 : others.indexOf(end) + 1;
    const first = withoutComment(line).trim();
    commands.push([first, ...others.slice(0, length)].join("\n"));
    rest = others.slice(length).join("\n");
  }
  return commands
    .filter((command) => command !== "")
    .flatMap((command) => (command.includes("\n") ? [command] : command.split(" && ")));
}

export interface Documented {
  readonly document: string;
  readonly command: string;
}

export function documented(): Documented[] {
  return documents.flatMap((document) =>
    blocks(document).flatMap((code) => commandsOf(code).map((command) => ({ document, command }))),
  );
}

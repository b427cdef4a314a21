/** The commands of package.json, as npm starts them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./declare.ts";

/** @returns the arguments of Node for a script, with its files in `folder` */
export function nodeArguments(script: string, folder = root): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const [, ...words] = (scripts[script] ?? "").split(" ");
  return words.map((word) => (word.endsWith(".ts") ? join(folder, word) : word));
}

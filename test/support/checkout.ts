/** A copy of this repository's program and commands, for tests that change a stack file or commit something. */
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { root } from "./declare.ts";

const parts = ["components", "tools", "index.ts", "package.json", "package-lock.json", "tsconfig.json"];
const stackFiles = ["Pulumi.yaml", "Pulumi.develop.yaml", "Pulumi.publish.yaml"];

/** @param folder does not exist yet */
export function checkout(folder: string): string {
  for (const part of [...parts, ...stackFiles]) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

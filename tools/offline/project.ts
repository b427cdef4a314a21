/** The project of this repository, and its stacks. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "./user-error.ts";

const root = join(import.meta.dirname, "../..");

/** The stacks whose files are in the repository. */
export function stacks(): string[] {
  return readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

/** @throws UserError if there is no such stack */
export function stackFileOf(stack: string): string {
  if (!stacks().includes(stack)) {
    throw new UserError(
      `There is no stack ${stack}: no Pulumi.${stack}.yaml. The stacks are ${stacks().join(", ")}.`,
    );
  }
  return join(root, `Pulumi.${stack}.yaml`);
}

export function projectName(): string {
  const project: unknown = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
  return String(Reflect.get(Object(project), "name"));
}

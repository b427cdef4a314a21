/** The inputs of a program: environment variables, and files that earlier containers have written. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The values of variables by name. */
export type Variables<Name extends string> = Readonly<Record<Name, string>>;

/** The values of these variables. Each must be set, but may be empty. */
export function readVariables<Name extends string>(
  names: readonly Name[],
  environment: Environment = process.env,
): Variables<Name> {
  if (areSet(names, environment)) return environment;
  const missing = names.filter((name) => environment[name] === undefined);
  throw new Error(`these variables are missing: ${missing.join(", ")}`);
}

function areSet<Name extends string>(
  names: readonly Name[],
  environment: Environment,
): environment is Environment & Variables<Name> {
  return names.every((name) => environment[name] !== undefined);
}

/** The value of an optional variable. */
export function readOptional(
  name: string,
  otherwise: string,
  environment: Environment = process.env,
): string {
  return environment[name] ?? otherwise;
}

/** A result of an earlier container: a file in the folder RESULTS. */
export function readResult(folder: string, name: string): string {
  const file = join(folder, name);
  if (!existsSync(file))
    throw new Error(`the result ${name} is missing: no earlier container has written ${file}`);
  return readFileSync(file, "utf8").trimEnd();
}

/** Writes a result, which Argo reads once the container has ended. */
export function writeResult(folder: string, name: string, value: string): void {
  writeFileSync(join(folder, name), value);
}

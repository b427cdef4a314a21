/** What a program is given: the variables of its environment, and the files that the containers before it have written. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The values of variables, by their names. */
export type Variables<Name extends string> = Readonly<Record<Name, string>>;

/** The values of these variables, each of which must be set; it may be empty. */
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

/** The value of a variable that need not be set. */
export function readOptional(
  name: string,
  otherwise: string,
  environment: Environment = process.env,
): string {
  return environment[name] ?? otherwise;
}

/** A result of a container before this one: a file of the folder RESULTS. */
export function readResult(folder: string, name: string): string {
  const file = join(folder, name);
  if (!existsSync(file))
    throw new Error(`the result ${name} is missing: no container before has written ${file}`);
  return readFileSync(file, "utf8").trimEnd();
}

/** A result that Argo reads when the container has ended. */
export function writeResult(folder: string, name: string, value: string): void {
  writeFileSync(join(folder, name), value);
}

/** Selects the values of an `.env` file that a project of a stack needs. */
import { unknownKeyFix } from "../../components/checks.ts";
import { pathSteps } from "../../components/settings/errors.ts";

export interface Selection {
  /** The values to set, by their keys. */
  readonly taken: ReadonlyMap<string, string>;
  /** The keys that are not set, each with the reason. */
  readonly skipped: readonly (readonly [key: string, reason: string])[];
}

/** @param wanted the paths of all secrets that the stack needs */
export function select(
  values: ReadonlyMap<string, string>,
  wanted: readonly string[],
  project: string,
): Selection {
  const keys = keysOf(wanted, project);
  const isTaken = ([key, value]: readonly [string, string]) => keys.includes(key) && value !== "";
  const all = [...values];
  return {
    taken: new Map(all.filter(isTaken)),
    skipped: all.filter((one) => !isTaken(one)).map(([key]) => [key, reason(key, keys, project)]),
  };
}

/** The keys of a project: each is `secrets.projects.<project>.<key>`. */
export function keysOf(wanted: readonly string[], project: string): string[] {
  return wanted.flatMap((path) => {
    const [, group, of, key] = pathSteps(path);
    return group === "projects" && of === project && key !== undefined ? [key] : [];
  });
}

function reason(key: string, keys: readonly string[], project: string): string {
  if (keys.includes(key)) return "it has no value in the file";
  const fix = unknownKeyFix(key, keys);
  const hint = fix.startsWith("did you mean") ? `; ${fix}` : "";
  return `no key of projects.${project}.secret and no build has this name${hint}`;
}

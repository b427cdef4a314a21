/** Parses the configuration of a stack and collects all errors. Needs no Pulumi engine, so tools can use it too. */
import { z } from "zod";
import { dnsLabel } from "../names.ts";
import type { DnsLabel } from "../names.ts";
import { name, unknownKeyFix } from "../checks.ts";
import { entries } from "../entries.ts";
import type { SettingError } from "./errors.ts";
import { errorsOf, joinPath, pathSteps, valueAt } from "./errors.ts";
import { project as projectSchema } from "./project-schema.ts";
import type { Project } from "./project-schema.ts";
import type { RawConfig, Readable } from "./readable.ts";
import type { ProjectSettings } from "./resolve.ts";
import { resolveProject } from "./resolve.ts";
import { brokenRules } from "./rules.ts";
import { topLevel } from "./schema.ts";
import type { TopLevel } from "./schema.ts";
import { secrets as secretSchema } from "./secret-schema.ts";
import type { Secrets } from "./secret-schema.ts";
import { missingSecrets } from "./secrets.ts";

/** A configuration without errors. */
export interface Parsed extends TopLevel {
  readonly projects: readonly ProjectSettings[];
  readonly secrets: Secrets;
}

/** Either the settings or all errors, never both. */
export type Outcome =
  | { readonly settings: Parsed; readonly errors: readonly [] }
  | { readonly settings: undefined; readonly errors: readonly SettingError[] };

export function parseConfig(raw: RawConfig): Outcome {
  const errors: SettingError[] = [...unknownKeys(raw)];
  const collect = <Schema extends z.ZodType>(path: string, one: Schema, value: unknown) => {
    const result = one.safeParse(value);
    if (result.success) return result.data;
    errors.push(...errorsOf(path, value, result.error.issues));
    return undefined;
  };
  const stack = Object.fromEntries(
    Object.entries(topLevel).map(([key, one]) => [key, collect(key, one, raw[key])]),
  ) as Partial<TopLevel>;
  const readable: Readable = {
    stack,
    projects: readProjects(raw["projects"], collect),
    secrets: collect("secrets", secretSchema, raw["secrets"] ?? {}),
    raw,
  };
  errors.push(...ignoredKeys(raw, errors));
  errors.push(...brokenRules(readable).map((error) => asWritten(raw, error)), ...missingSecrets(readable));
  return errors.length > 0 ? { settings: undefined, errors } : { settings: complete(readable), errors: [] };
}

/** Rules also check defaults, but an error only shows values that are in the file. */
function asWritten(raw: RawConfig, error: SettingError): SettingError {
  if (valueAt(raw, pathSteps(error.path)) !== undefined) return error;
  const { path, rule, fix } = error;
  return { path, rule, fix };
}

type Collect = <Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  value: unknown,
) => z.output<Schema> | undefined;

/** Parses project by project, so that an error in one does not hide errors between the others. */
function readProjects(raw: unknown, collect: Collect): Record<string, Project> {
  const entries = collect("projects", z.record(name(dnsLabel), z.unknown()), raw) ?? {};
  return Object.fromEntries(
    Object.entries(entries).flatMap(([key, value]) => {
      const project = collect(joinPath("projects", [key]), projectSchema, value);
      return project === undefined ? [] : [[key, project]];
    }),
  );
}

/** The keys of a stack file, without their prefix. */
export const topLevelKeys: readonly string[] = [...Object.keys(topLevel), "projects", "secrets"];

function unknownKeys(raw: RawConfig): SettingError[] {
  const known = topLevelKeys;
  return Object.keys(raw)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      path: joinPath("", [key]),
      rule: `unknown key; known keys are ${known.join(", ")}`,
      fix: unknownKeyFix(key, known),
    }));
}

/** Keys that zod silently ignores, since they have another meaning in JavaScript. */
function ignoredKeys(raw: RawConfig, reported: readonly SettingError[]): SettingError[] {
  const found = (value: unknown, path: string): SettingError[] =>
    Array.isArray(value)
      ? value.flatMap((one, index) => found(one, joinPath(path, [index])))
      : entries(value).flatMap(([key, one]) => {
          const at = joinPath(path, [key]);
          const rule = "cannot be used as a key, since it has another meaning in JavaScript";
          return key === "__proto__" ? [{ path: at, rule, fix: "rename it, or remove it" }] : found(one, at);
        });
  return found(raw, "").filter(({ path }) => !reported.some((error) => error.path === path));
}

/** Only called if no part has an error, so every part is there. */
function complete({ stack, projects, secrets }: Readable): Parsed {
  const whole = stack as TopLevel;
  return {
    ...whole,
    registries: Object.fromEntries(sorted(whole.registries)),
    projects: sorted(projects).map(([key, project]) => resolveProject(key as DnsLabel, project, whole)),
    secrets: secrets ?? secretSchema.parse({}),
  };
}

/** Sorted, because the engine does not pass keys in the order of the file. */
function sorted<Value>(record: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

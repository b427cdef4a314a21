/** Reads a stack file as the engine would, without the passphrase: secrets are replaced by their paths. */
import { basename } from "node:path";
import { entries } from "../../components/entries.ts";
import { encryptedError } from "../../components/settings/encrypted.ts";
import type { SettingError } from "../../components/settings/errors.ts";
import { describeErrors, joinPath, pathSteps, setSecret } from "../../components/settings/errors.ts";
import type { Parsed } from "../../components/settings/parse.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import { placeholder } from "./placeholders.ts";
import { isObject, readStackYaml } from "./stack-yaml.ts";
import { UserError } from "./user-error.ts";
import {
  engineConfig,
  fullKey,
  isOwnKey,
  ownKeys,
  prefixed,
  shortKey,
} from "../../components/settings/config-keys.ts";

export interface StackFile {
  readonly stack: string;
  /** The configuration as the engine passes it to the program: strings, objects as JSON, keys with their prefix. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  /** The secrets without a value. They are also replaced by their paths. */
  readonly missingSecrets: readonly SettingError[];
  /** The paths of all secrets that the stack needs, with or without a value. */
  readonly neededSecrets: () => readonly string[];
  /** The settings, with the paths of secrets in place of their values. */
  readonly settings: () => Parsed;
}

/**
 * @param project the name in Pulumi.yaml, which prefixes the program's keys
 * @throws UserError that lists every error of the file
 */
export function readStackFile(file: string, project: string): StackFile {
  const read = readStackYaml(file, project);
  const config = withPlaceholders(project, read.config);
  const own = ownKeys(project, config);
  const plain = plainSecrets(read.config[fullKey(project, "secrets")]);
  const { errors } = parseConfig(own);
  const missing = errors.filter((error) => error.missingSecret === true);
  const stray = straySecrets(ownKeys(project, read.config));
  const wrong = [...read.errors, ...stray, ...others(errors, [...read.errors, ...stray]), ...plain];
  if (wrong.length > 0) throw new UserError(describeErrors(basename(file), project, wrong));
  for (const { path } of missing) setAt(own, pathSteps(path), placeholder(path));
  return {
    stack: stackName(file),
    config: engineConfig({
      ...Object.fromEntries(Object.entries(config).filter(([key]) => !isOwnKey(project, key))),
      ...prefixed(project, own),
    }),
    secretKeys: [fullKey(project, "secrets")],
    missingSecrets: missing,
    neededSecrets: () => missingOf({ ...own, secrets: {} }).map(({ path }) => path),
    settings: () => settingsOf(own),
  };
}

/** A value that the engine reads differently is reported already, so its other errors are left out. */
function others(errors: readonly SettingError[], reported: readonly SettingError[]): SettingError[] {
  const paths = reported.map(({ path }) => path);
  return errors.filter(({ missingSecret, path }) => missingSecret !== true && !paths.includes(path));
}

function missingOf(config: Record<string, unknown>): SettingError[] {
  return parseConfig(config).errors.filter((error) => error.missingSecret === true);
}

/** Only called if each missing secret has a placeholder, and there are no other errors. */
function settingsOf(config: Record<string, unknown>): Parsed {
  const { settings } = parseConfig(config);
  if (settings === undefined) throw new Error("a stack file without errors has no settings");
  return settings;
}

/** `Pulumi.develop.yaml` is the stack develop; for any other file, its name is the stack's. */
function stackName(file: string): string {
  return basename(file)
    .replace(/^Pulumi\./, "")
    .replace(/\.ya?ml$/, "");
}

/** Replaces every `secure:` leaf. */
function withPlaceholders(project: string, config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([key, child]) => [key, replaceSecure(child, shortKey(project, key))]),
  );
}

function replaceSecure(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((child, index) => replaceSecure(child, joinPath(path, [index])));
  if (!isObject(value)) return value;
  if (isSecure(value)) return placeholder(path);
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, replaceSecure(child, joinPath(path, [key]))]),
  );
}

function isSecure(value: Record<string, unknown>): boolean {
  return Object.keys(value).length === 1 && typeof value["secure"] === "string";
}

/** Values below `secrets` that are in plain text. */
function plainSecrets(value: unknown, path = "secrets"): SettingError[] {
  if (isObject(value)) {
    if (isSecure(value)) return [];
    return Object.entries(value).flatMap(([key, child]) => plainSecrets(child, joinPath(path, [key])));
  }
  if (value === undefined) return [];
  return [
    {
      path,
      rule: "a secret must be encrypted in the stack file, and this one is in plain text",
      fix: `replace the value, which others may have read, and set the new one: ${setSecret(path)}`,
    },
  ];
}

/** Encrypted values outside of `secrets`. */
function straySecrets(own: Readonly<Record<string, unknown>>): SettingError[] {
  return securePaths({ ...own, secrets: undefined }, "").map(encryptedError);
}

function securePaths(value: unknown, path: string): string[] {
  if (isObject(value) && isSecure(value)) return [path];
  return entries(value).flatMap(([key, child]) =>
    securePaths(child, joinPath(path, [Array.isArray(value) ? Number(key) : key])),
  );
}

function setAt(
  target: Record<string, unknown>,
  [step = "", ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    target[step] = value;
    return;
  }
  const child = target[step];
  const next = isObject(child) ? child : {};
  target[step] = next;
  setAt(next, rest, value);
}

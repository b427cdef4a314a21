/** Reads a stack file as the engine does, whose parser (go-yaml) reads some values differently from YAML 1.2. */
import { readFileSync } from "node:fs";
import type { Document } from "yaml";
import { isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { nearest } from "../../components/checks.ts";
import type { SettingError } from "../../components/settings/errors.ts";
import { joinPath } from "../../components/settings/errors.ts";
import { topLevelKeys } from "../../components/settings/parse.ts";
import { UserError } from "./user-error.ts";
import { fullKey, isOwnKey, shortKey } from "../../components/settings/config-keys.ts";

export interface StackYaml {
  /** The keys below `config:`; as in the engine, a key without a prefix gets the project's. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly errors: readonly SettingError[];
}

/** @throws UserError if it is not a stack file */
export function readStackYaml(file: string, project: string): StackYaml {
  const document = parsed(file);
  const all: unknown = plain(file, document);
  const config = isObject(all) ? all["config"] : undefined;
  if (!isObject(config)) {
    throw new UserError(
      `${file} has no settings: there is nothing below 'config:'. docs/configuration.md lists them.`,
    );
  }
  const own = Object.entries(config).map(([key, value]) => [withPrefix(project, key), value] as const);
  return {
    config: Object.fromEntries(own),
    errors: [
      ...duplicateKeys(own.map(([key]) => key)),
      ...strayKeys(Object.keys(all as object), project),
      ...strayPrefixes(Object.keys(config), project),
      ...readDifferently(document, project),
    ],
  };
}

function parsed(file: string): Document {
  const document = parseDocument(textOf(file), { merge: true, logLevel: "error" });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem === undefined) return document;
  if (problem.code === "MULTIPLE_DOCS")
    throw new UserError(
      `${file} has several documents, and Pulumi reads only the first: remove the --- between them.`,
    );
  throw new UserError(`${file} is not YAML: ${problem.message}`);
}

function textOf(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const code = isObject(error) ? error["code"] : undefined;
    if (code === "ENOENT") {
      throw new UserError(
        `There is no ${file}. Name a stack that has a Pulumi.<stack>.yaml, or a file by --config.`,
      );
    }
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      throw new UserError(
        `${file} is not encoded in UTF-8, the only encoding that Pulumi reads: save it as UTF-8.`,
      );
    throw new UserError(`${file} cannot be read: ${String(code)}.`);
  }
}

/** The values, with aliases resolved. An alias may have no anchor, be inside its own anchor, or expand to too much. */
function plain(file: string, document: Document): unknown {
  try {
    const value: unknown = document.toJS();
    JSON.stringify(value);
    return value;
  } catch (error) {
    if (error instanceof ReferenceError) throw new UserError(`${file} is not YAML: ${error.message}`);
    if (error instanceof TypeError)
      throw new UserError(`${file} is not YAML: an anchor (&) contains an alias (*) of itself`);
    // For `<<`, the library throws a plain Error.
    if (error instanceof Error && error.message.startsWith("Merge sources"))
      throw new UserError(
        `${file} is not YAML: <<: must merge an anchor (&) with keys, and one here is missing or has something else`,
      );
    throw error;
  }
}

function withPrefix(project: string, key: string): string {
  return key.includes(":") ? key : fullKey(project, key);
}

function duplicateKeys(keys: readonly string[]): SettingError[] {
  return keys
    .filter((key, index) => keys.indexOf(key) !== index)
    .map((key) => ({
      path: key.slice(key.indexOf(":") + 1),
      rule: "appears twice, with its prefix and without",
      fix: "remove one of the two",
    }));
}

/** Keys that are outside `config:` by mistake. */
function strayKeys(keys: readonly string[], project: string): SettingError[] {
  return keys
    .filter((key) => isOwnKey(project, key) || topLevelKeys.includes(key))
    .map((key) => ({
      path: shortKey(project, key),
      rule: "is outside `config:`, where nothing reads it",
      fix: "indent it, so that it is below `config:`",
    }));
}

/** Other prefixes belong to Pulumi and its providers, except those that are close to our own. */
function strayPrefixes(keys: readonly string[], project: string): SettingError[] {
  return keys.flatMap((key) => {
    const prefix = key.slice(0, Math.max(0, key.indexOf(":")));
    if (prefix === "" || prefix === project || nearest(prefix, [project]) === undefined) return [];
    const name = key.slice(prefix.length + 1);
    return [
      {
        path: name,
        rule: `is written as ${key} in the file, and nothing reads the prefix ${prefix}`,
        fix: `write ${fullKey(project, name)}`,
      },
    ];
  });
}

/** Unquoted strings and numbers that go-yaml reads as a date, or as another number. */
const dates = /^\d{4}-\d\d?-\d\d?([Tt\s]|$)/;
const numbers = /^[-+]?(0[\d_]+|0[bB][01_]+|0[xXoO][\da-fA-F]*_[\da-fA-F_]*|\d[\d_]*_[\d_.]*)$/;

function readDifferently(document: Document, project: string): SettingError[] {
  const config = document.get("config");
  if (!isMap(config)) return [];
  return config.items.flatMap(({ key, value }) => {
    const name = withPrefix(project, String(key));
    return isOwnKey(project, name) && name !== fullKey(project, "secrets")
      ? readDifferentlyIn(value, joinPath("", [shortKey(project, name)]))
      : [];
  });
}

function readDifferentlyIn(node: unknown, path: string): SettingError[] {
  if (isAlias(node)) return [];
  if (isMap(node))
    return node.items.flatMap(({ key, value }) => readDifferentlyIn(value, joinPath(path, [String(key)])));
  if (isSeq(node)) return node.items.flatMap((one, index) => readDifferentlyIn(one, joinPath(path, [index])));
  if (!isScalar(node) || node.type !== "PLAIN") return [];
  const { source = "" } = node;
  if (dates.test(source)) return [differs(path, source, "a date, and changes its format")];
  return numbers.test(source) ? [differs(path, source, "another number")] : [];
}

function differs(path: string, value: string, what: string): SettingError {
  return {
    path,
    value,
    rule: `without quotes, Pulumi reads it as ${what}`,
    fix: "put it in quotes, or write a number without leading zeros and _",
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

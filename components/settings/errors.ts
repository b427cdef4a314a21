/** Errors in a stack file, reported all at once with their path, value, rule and fix. */
import type { z } from "zod";
import { empty } from "../checks.ts";
import { entries } from "../entries.ts";

export interface SettingError {
  /** In the notation of `pulumi config set --path`: `projects.alog.repositories[2].name`. */
  readonly path: string;
  /** The value at the path; undefined if there is none, or if it is a secret. */
  readonly value?: unknown;
  readonly rule: string;
  readonly fix: string;
  /** Set if the error is a secret that has no value yet. */
  readonly missingSecret?: true;
}

/** All errors as one text. The values of secrets are never part of it. */
export function describeErrors(file: string, project: string, errors: readonly SettingError[]): string {
  const count = errors.length === 1 ? "1 error" : `${errors.length.toString()} errors`;
  const texts = errors.map((error) =>
    [
      `  ${project}:${inOneLine(error.path)}${error.value === undefined ? "" : ` = ${show(error.value)}`}`,
      `      rule: ${inOneLine(error.rule)}`,
      `      fix:  ${inOneLine(error.fix)}`,
    ].join("\n"),
  );
  return `${file} has ${count}; nothing was declared.\n\n${texts.join("\n\n")}\n`;
}

/** The errors that zod found in the value at `prefix`. */
export function errorsOf(prefix: string, root: unknown, issues: readonly z.core.$ZodIssue[]): SettingError[] {
  const errors = issues.flatMap((issue) => errorsOfIssue(prefix, root, issue));
  // Only the first broken rule of a value is reported, such as its pattern but not its length.
  const paths = errors.map(({ path }) => path);
  return errors.filter(({ path }, index) => paths.indexOf(path) === index);
}

function errorsOfIssue(prefix: string, root: unknown, issue: z.core.$ZodIssue): SettingError[] {
  const at = writtenPart(root, issue.path);
  const [rule = "", ...fixes] = issue.message.split("\n");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key, index) =>
      withoutSecret(
        key,
        error(prefix, root, [...at, key], `unknown key; ${rule}`, fixes[index] ?? "remove it"),
      ),
    );
  }
  if (issue.code === "invalid_key") {
    const [keyRule = "", keyFix = ""] = issue.issues[0]?.message.split("\n") ?? [];
    return [{ path: joinPath(prefix, at), rule: `the key must be ${keyRule}`, fix: keyFix }];
  }
  const value = valueAt(root, at);
  const [ownRule, ownFix] = builtIn(issue, joinPath(prefix, at), value);
  const fix = quoted(issue, value) ?? ownFix ?? fixes[0] ?? "correct the value";
  return [error(prefix, root, at, ownRule ?? rule, fix)];
}

/** The part of a path that is in the file: a repository that is written as its name alone has no key `name`. */
function writtenPart(root: unknown, path: readonly PropertyKey[]): (string | number)[] {
  const steps = path.map((step) => (typeof step === "symbol" ? step.toString() : step));
  const end = steps.findIndex((_, index) => typeof valueAt(root, steps.slice(0, index)) === "string");
  return end < 0 ? steps : steps.slice(0, end);
}

/** Rule and fix of issues for which the schema has no message. */
function builtIn(issue: z.core.$ZodIssue, path: string, value: unknown): [string?, string?] {
  if (issue.message.includes("\n")) return [];
  // No fix suggests writing what may be a secret into the file in plain text.
  const isSecret = isSecretPath(path) && path !== "secrets";
  if (issue.code === "invalid_type") {
    const expected = article(issue.expected);
    const fix = isSecret && issue.expected === "string" ? setSecret(path) : undefined;
    return value === undefined
      ? ["required, but missing", fix ?? `add it (${expected})`]
      : [`must be ${expected}`, fix ?? unquoted(issue.expected, path, value) ?? `write ${expected} here`];
  }
  if (issue.code === "invalid_value") {
    const allowed = issue.values.map(String).join(", ");
    return [`must be one of ${allowed}`, "choose one of these"];
  }
  if (issue.code === "too_small" || issue.message === empty)
    return [empty, isSecret ? setSecret(path) : "write a value, or remove the key"];
  return [];
}

/** The fix for a text that lacks quotes. */
function unquoted(expected: string, path: string, value: unknown): string | undefined {
  const isOther = typeof value === "number" || typeof value === "boolean";
  return expected === "string" && isOther && !isSecretPath(path) ? "write it in quotes" : undefined;
}

/** The fix for a number or a boolean in quotes. */
function quoted(issue: z.core.$ZodIssue, value: unknown): string | undefined {
  if (issue.code !== "invalid_type" || typeof value !== "string") return undefined;
  const patterns: Record<string, RegExp> = { number: /^\d+$/, int: /^\d+$/, boolean: /^(true|false)$/ };
  return patterns[issue.expected]?.test(value) === true ? "write it without quotes" : undefined;
}

function article(type: string): string {
  const words: Record<string, string> = {
    object: "an object of keys",
    record: "an object of keys",
    array: "a list",
    string: "a text",
    boolean: "true or false",
    number: "a number",
    int: "a whole number",
  };
  return words[type] ?? type;
}

function error(
  prefix: string,
  root: unknown,
  at: readonly (string | number)[],
  rule: string,
  fix: string,
): SettingError {
  const path = joinPath(prefix, at);
  const found = valueAt(root, at);
  const value = isSecretPath(path) || holdsSecret(found) ? undefined : found;
  return value === undefined ? { path, rule, fix } : { path, value, rule, fix };
}

/** The command that sets a secret. */
export function setSecret(path: string): string {
  return `pulumi config set --secret --path '${path.replaceAll("'", String.raw`'\''`)}'`;
}

/** `secrets` and everything below it. */
function isSecretPath(path: string): boolean {
  return /^secrets(\.|\[|$)/.test(path);
}

/** Whether a value looks like a key, a login, a token or an incoming webhook, so that its error must not show it. */
function holdsSecret(value: unknown): boolean {
  const secrets = /PRIVATE KEY|:\S*@|\bgh[a-z]_|\bgithub_pat_|\bhooks\.slack\.com|\/api\/webhooks\//;
  if (typeof value === "string") return secrets.test(value);
  return entries(value).some(([key, child]) => secretKey.test(key) || holdsSecret(child));
}

/** Matches keys that somebody may have invented for a secret. */
const secretKey = /passw|secret|token|credential|(private|api|access).?key/i;

function withoutSecret(key: string, { value, ...error }: SettingError): SettingError {
  return value === undefined || secretKey.test(key) ? error : { ...error, value };
}

/** A key that needs no quotes in a path: without characters that the notation, a shell or a terminal interprets. */
const plainKey = /^[^\s.[\]"'\\\p{C}]+$/u;

/** A path with its steps appended, in the notation of `pulumi config set --path`. */
export function joinPath(prefix: string, steps: readonly (string | number)[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === "number") return `${path}[${step.toString()}]`;
    if (!plainKey.test(step)) return `${path}[${visible(step)}]`;
    return path === "" ? step : `${path}.${step}`;
  }, prefix);
}

/** The steps of such a path. */
export function pathSteps(path: string): string[] {
  return [...path.matchAll(/\[("(?:[^"\\]|\\.)*")\]|[^.[\]]+/g)].map(([step, quoted]) =>
    quoted === undefined ? step : String(JSON.parse(quoted)),
  );
}

export function valueAt(root: unknown, steps: readonly (string | number)[]): unknown {
  return steps.reduce<unknown>(
    (value, step) => (typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined),
    root,
  );
}

/** A value short enough for one line. */
function show(value: unknown): string {
  return shortened(visible(value), 80);
}

/** As JSON, with escapes for what a terminal interprets: control codes and changes of text direction. */
export function visible(value: unknown): string {
  return escaped(JSON.stringify(value));
}

/** Text from the stack file cannot change the layout of a message. */
function inOneLine(text: string): string {
  return shortened(escaped(text), 1000);
}

function escaped(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (one) => String.raw`\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}

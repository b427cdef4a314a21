/** Checks the result of a stack file: its objects, or a message in the agreed form. */
import { strict as assert } from "node:assert";
import { RunError } from "@pulumi/pulumi/errors.js";
import { entries } from "../../components/entries.ts";
import { pathSteps, visible } from "../../components/settings/errors.ts";
import { at } from "../../components/builds/programs/json.ts";
import { objectsOf } from "../declared/objects.ts";
import type { Evaluation, Stack } from "../offline/evaluate.ts";
import { evaluate } from "../offline/evaluate.ts";
import { render } from "../offline/render.ts";
import { describeViolation, violations } from "../policies/policies.ts";

export interface ReportedError {
  readonly path: string;
  /** As shown: JSON, truncated if it is long. */
  readonly value: string | undefined;
  readonly rule: string;
  readonly fix: string;
}

const block =
  /^ {2}argo-cicd:(?<path>.+?)(?: = (?<value>.+))?\n {6}rule: (?<rule>.+)\n {6}fix: {2}(?<fix>.+)$/;

/**
 * The errors of a message.
 * @throws AssertionError if it does not have the form of describeErrors
 */
export function reportedErrors(message: string): ReportedError[] {
  const [head = "", ...blocks] = message.replace(/\n$/, "").split("\n\n");
  const count = blocks.length === 1 ? "1 error" : `${blocks.length.toString()} errors`;
  assert.match(head, /^[\w.-]+ has \d+ errors?; nothing was declared\.$/);
  assert.ok(head.includes(` has ${count};`), `${head} It reports ${count}.`);
  return blocks.map((one) => {
    const { path, value, rule, fix } = block.exec(one)?.groups ?? {};
    assert.ok(path !== undefined && rule !== undefined && fix !== undefined, `no path, rule and fix: ${one}`);
    return { path, value, rule, fix };
  });
}

/**
 * @param keys the keys that the message is about, if they come from a file
 * @throws AssertionError if the message does not have the agreed form
 */
export function checkMessage(
  message: string,
  secret: string,
  keys?: Readonly<Record<string, unknown>>,
): void {
  const errors = reportedErrors(message);
  // No terminal codes, and no characters that change the direction of text.
  assert.doesNotMatch(message.replaceAll("\n", ""), /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
  assert.doesNotMatch(message, /^\s+at .*:\d+|\[object |node_modules/m);
  assert.ok(!message.includes(secret), "a secret is shown");
  const lines = errors.map(({ path, rule }) => `${path}\n${rule}`);
  assert.equal(new Set(lines).size, lines.length, `reported twice: ${lines.toSorted().join("\n")}`);
  for (const error of errors) judgeError(error, keys);
}

function judgeError(
  { path, value, rule, fix }: ReportedError,
  keys?: Readonly<Record<string, unknown>>,
): void {
  for (const text of [path, rule, fix])
    assert.ok(text.length <= 1000, `a line of ${text.length.toString()} characters`);
  const [, quoted] = /--path '(.*)'$/.exec(fix) ?? [];
  const rest = quoted?.replaceAll(String.raw`'\''`, "") ?? "";
  assert.ok(!rest.includes("'"), `not quoted for a shell: ${fix}`);
  // A truncated path cannot be followed.
  if (value === undefined || keys === undefined || path.endsWith("...")) return;
  const shown = value.replace(/\.\.\.$/, "");
  assert.ok(
    shownFor(keys, path).some((one) => one.startsWith(shown)),
    `${path} is not ${value}`,
  );
}

/** What may be shown for a path: its value, its key, or a name in the value. */
function shownFor(keys: unknown, path: string): string[] {
  const steps = pathSteps(path);
  const value = steps.reduce((outer, step) => Reflect.get(Object(outer), step) as unknown, keys);
  return [value, steps.at(-1), ...entries(value).map(([, inner]) => inner)]
    .filter((one) => one !== undefined)
    .map(visible);
}

/** The names that the API server accepts for any object. */
const apiName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** Violations that the preview warns of, and that a stack file may request: plain HTTP, for a host that has only an IP. */
const allowed = ["webhook-by-tls", "ingress-tls"];

/**
 * @param plainHttp whether the stack file has an address with `http://`
 * @throws AssertionError if an object is not valid
 */
export function checkObjects({ declared }: Evaluation, plainHttp: boolean): void {
  const objects = objectsOf(declared);
  const broken = violations(objects).filter(({ policy }) => !plainHttp || !allowed.includes(policy.name));
  assert.deepEqual(broken.map(describeViolation), []);
  for (const { path } of render(declared)) {
    assert.match(path, /^[\w.-]+\/[\w.@:-]+\.yaml$/);
  }
  for (const { content, name } of objects) {
    if (content["apiVersion"] === undefined) continue;
    assert.ok(apiName.test(name) && name.length <= 253, `the name ${name}`);
    judgeLabels(at(content, "metadata", "labels"));
  }
}

function judgeLabels(labels: unknown): void {
  for (const [key, value] of entries(labels)) {
    assert.match(String(value), /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/, `the label ${key}`);
  }
}

/** @returns what the program declares, or the message of its RunError */
export async function declaredBy(stack: Stack, program: () => Promise<object>): Promise<Evaluation | string> {
  try {
    return await evaluate(stack, program);
  } catch (error) {
    if (RunError.isInstance(error)) return error.message;
    throw error;
  }
}

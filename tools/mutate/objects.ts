/** Checks whether every single change of what a stack declares changes a file of test/expected. */
import type { Declared, Evaluation } from "../offline/evaluate.ts";
import { evaluateStackFile, filesOf, readExpected, scripts as knownFiles } from "../offline/expected.ts";
import { difference } from "../offline/folder.ts";
import { renderOne } from "../offline/render.ts";
import { mutations } from "./mutations.ts";

export interface Outcome {
  readonly changes: number;
  /** The changes that no file shows. */
  readonly survivors: readonly string[];
}

/** @throws Error if the files differ from what the stack declares */
export async function mutateObjects(stack: string, file: string): Promise<Outcome> {
  const evaluation = await evaluateStackFile(file);
  if (difference(readExpected(stack), filesOf(evaluation)).length > 0) {
    throw new Error(`test/expected/${stack} differs from what the stack declares. Run: npm run expected`);
  }
  const secrets = placeholdersOf(evaluation);
  let changes = 0;
  const survivors: string[] = [];
  for (const one of evaluation.declared.filter(({ type }) => type !== "pulumi:pulumi:Stack")) {
    for (const { title, before, after } of mutationsOf(one, secrets)) {
      changes += 1;
      if (shown(before) === shown(after)) survivors.push(`${one.type} ${one.name}: ${title}`);
    }
  }
  return { changes, survivors };
}

interface Pair {
  readonly title: string;
  readonly before: Declared;
  readonly after: Declared;
}

function* mutationsOf(one: Declared, secrets: readonly string[]): Generator<Pair> {
  for (const { title, before, after } of mutations(one.inputs, identity, secrets)) {
    const withInputs = (inputs: object) => ({ ...one, inputs: { ...inputs } });
    yield { title, before: withInputs(before), after: withInputs(after) };
  }
  for (const { title, before, after } of mutations(one.options, [], [])) {
    const withOptions = (options: object) => ({ ...one, options: { ...options } });
    yield { title: `option ${title}`, before: withOptions(before), after: withOptions(after) };
  }
  yield { title: "another name", before: one, after: { ...one, name: `${one.name}x` } };
  yield { title: "another type", before: one, after: { ...one, type: `${one.type}Patch` } };
  if (one.provider !== "") yield { title: "no provider", before: one, after: { ...one, provider: "" } };
}

/** The inputs that a file's path depends on. */
const identity = ["apiVersion", "kind", "metadata", "name"];

/** A resource that cannot be rendered counts as detected. */
function shown(one: Declared): string {
  try {
    const { path, text } = renderOne(one, knownFiles);
    return `${path}\n${text()}`;
  } catch (error) {
    return String(error);
  }
}

function placeholdersOf({ declared }: Evaluation): string[] {
  const text = JSON.stringify(declared.map(({ inputs }) => inputs));
  return [...new Set(text.match(/<(secrets\.|RandomPassword )[^<>\\"]+>/g))];
}

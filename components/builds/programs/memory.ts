/**
 * The memory of catch-up.ts between runs, as an output of its Workflow: what was found and needs no build, so that
 * GitHub and the registry are not queried for it again.
 */
import { listAt, parseJson, textAt, valuesAt } from "./json.ts";
import { isDone, read } from "./kubernetes.ts";
import type { Runs } from "./runs.ts";

export const memoryOutput = "settled";

/** An output is part of the Workflow, which must fit into 1 MiB. */
const maxCharacters = 200_000;

/** The notes of the last run; empty if they cannot be read, so that everything is checked again. */
export async function recall(namespace: string, { all }: Runs): Promise<ReadonlySet<string>> {
  const [last] = all
    .filter(({ isCatchUp }) => isCatchUp)
    .toSorted((a, b) => (a.created < b.created ? 1 : -1));
  if (last === undefined) return new Set();
  const answer = await read([namespace, "workflows", last.name]);
  const nodes = isDone(answer) ? valuesAt(parseJson(answer.text), "status", "nodes") : [];
  const outputs = nodes.flatMap((node) => listAt(node, "outputs", "parameters"));
  const text = textAt(
    outputs.find((one) => textAt(one, "name") === memoryOutput),
    "value",
  );
  return new Set(listAt({ notes: parseJson(text) }, "notes").map(String));
}

/** Writes as many notes as fit. */
export function remember(notes: readonly string[]): string {
  let length = 0;
  return JSON.stringify(notes.filter((note) => (length += note.length + 3) < maxCharacters));
}

/**
 * What one look leaves to the next, as an output of its Workflow: what was found and is not to be built, so that GitHub and the
 * registry are not asked for the same again and again.
 */
import { listAt, parseJson, textAt, valuesAt } from "./json.ts";
import { isDone, read } from "./kubernetes.ts";
import type { Runs } from "./runs.ts";

export const memoryOutput = "settled";

/** Characters: an output is part of the Workflow, which has to fit into 1 MiB. */
const longest = 200_000;

/** The notes of the last look. Nothing where they cannot be read: then all is asked anew. */
export async function recall(namespace: string, { all }: Runs): Promise<ReadonlySet<string>> {
  const [last] = all.filter(({ isLook }) => isLook).toSorted((a, b) => (a.created < b.created ? 1 : -1));
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

/** Those that fit. */
export function remember(notes: readonly string[]): string {
  let length = 0;
  return JSON.stringify(notes.filter((note) => (length += note.length + 3) < longest));
}

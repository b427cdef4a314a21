/** Texts that the page shows on demand: packed, since a stack of 1,000 repositories has 30 MB of YAML. */
import { gzipSync } from "node:zlib";

export interface Archive {
  /** What finds a text: JSON of the number of its chunk, by its name. */
  readonly index: string;
  /** JSON of texts by their names, gzipped, in base64: nothing in it can end the element that holds it. */
  readonly chunks: readonly string[];
}

/** Characters of a chunk: large enough to find what objects have in common, small enough to open at once. */
const chunkSize = 1_000_000;

export function archive(texts: ReadonlyMap<string, string>): Archive {
  const chunks: [string, string][][] = [[]];
  let size = 0;
  for (const entry of texts) {
    if (size > chunkSize) {
      chunks.push([]);
      size = 0;
    }
    chunks.at(-1)?.push(entry);
    size += entry[1].length;
  }
  const index = chunks.flatMap((chunk, number) => chunk.map(([name]) => [name, number] as const));
  return {
    index: packed(Object.fromEntries(index)),
    chunks: chunks.map((chunk) => packed(Object.fromEntries(chunk))),
  };
}

function packed(value: object): string {
  return gzipSync(JSON.stringify(value), { level: 9 }).toString("base64");
}

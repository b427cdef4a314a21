/** Compresses the texts that the page shows on demand: a stack of 1,000 repositories has 30 MB of YAML. */
import { gzipSync } from "node:zlib";

export interface Archive {
  /** JSON with the number of each text's chunk, by the text's name. */
  readonly index: string;
  /** JSON of a Chunk, gzipped, in base64: nothing in it can close the element that contains it. */
  readonly chunks: readonly string[];
}

/** In characters: large enough to compress what objects have in common, small enough to open without delay. */
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
    chunks: chunks.map((chunk) => packed(byLines(chunk))),
  };
}

/** Contains each line once: gzip looks back no more than 32 KiB, and a WorkflowTemplate is longer. */
interface Chunk {
  readonly lines: readonly string[];
  /** The line numbers of each text, by its name. */
  readonly texts: Readonly<Record<string, readonly number[]>>;
}

function byLines(entries: readonly (readonly [string, string])[]): Chunk {
  const numbers = new Map<string, number>();
  const numberOf = (line: string) => {
    const number = numbers.get(line) ?? numbers.size;
    numbers.set(line, number);
    return number;
  };
  const texts = entries.map(([name, text]) => [name, text.split("\n").map(numberOf)] as const);
  return { lines: [...numbers.keys()], texts: Object.fromEntries(texts) };
}

function packed(value: object): string {
  return gzipSync(JSON.stringify(value), { level: 9 }).toString("base64");
}

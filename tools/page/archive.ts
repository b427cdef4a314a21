/** Texts that the page shows on demand: packed, since a stack of 1,000 repositories has 30 MB of YAML. */
import { gzipSync } from "node:zlib";

export interface Archive {
  /** What finds a text: JSON of the number of its chunk, by its name. */
  readonly index: string;
  /** JSON of a Chunk, gzipped, in base64: nothing in it can end the element that holds it. */
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
    chunks: chunks.map((chunk) => packed(byLines(chunk))),
  };
}

/** Each line stands once, since gzip looks back for no more than 32 KiB, and one WorkflowTemplate is longer. */
interface Chunk {
  readonly lines: readonly string[];
  /** By their names: the numbers of their lines. */
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

/** Tests many stack files in one process, and shrinks the first one that fails. */
import fc from "fast-check";
import { fileOf, tryStack } from "./run.ts";
import { stackKeys } from "./stacks.ts";
import { watched } from "./watchdog.ts";

export interface Fuzz {
  readonly runs: number;
  readonly seed: number;
  /** The path that each stack file is written to. */
  readonly file: string;
}

export interface Result {
  readonly valid: number;
  readonly refused: number;
  /** The stack file that failed, and its error. */
  readonly failure: string | undefined;
}

export async function fuzz({ runs, seed, file }: Fuzz): Promise<Result> {
  const counts = { valid: 0, refused: 0 };
  const details = await watched(file, (beat) => {
    const property = fc.asyncProperty(stackKeys, async (keys) => {
      beat();
      counts[await tryStack(keys, file)] += 1;
    });
    return fc.check(property, { numRuns: runs, seed });
  });
  if (!details.failed) return { ...counts, failure: undefined };
  const [keys = {}] = details.counterexample ?? [];
  const { errorInstance: error, counterexamplePath: path } = details;
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ...counts, failure: `${fileOf(keys)}\n${trace}\n(seed ${seed.toString()}, path ${String(path)})` };
}

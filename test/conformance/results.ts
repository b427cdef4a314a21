/** The recorded results of `npm run conformance`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuilderName } from "../../components/builds/builders/builders.ts";
import type { Comparison } from "../support/conformance.ts";

export type Results = Readonly<Partial<Record<BuilderName, Recorded>>>;

export interface Recorded {
  /** The version of the builder. */
  readonly version: string;
  readonly results: Readonly<Record<string, Comparison>>;
}

export function readResults(): Results {
  return JSON.parse(readFileSync(join(import.meta.dirname, "results.json"), "utf8")) as Results;
}

/** The version of a builder's image, without the variant. */
export function versionOf(image: string): string {
  return /:(v[0-9.]+)/.exec(image)?.[1] ?? image;
}

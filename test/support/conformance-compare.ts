/** Compares a builder's result of a case with Docker's. */
import { isDeepStrictEqual } from "node:util";
import type { Case } from "../conformance/case.ts";
import type { BuiltImage } from "./built-image.ts";

/** The differences from Docker's result; empty if there are none. */
export type Differences = readonly string[];

/**
 * @param status the builder's exit code
 * @param image called only if the build succeeded
 */
export function differences(given: Case, status: number | null, image: () => BuiltImage): Differences {
  if (given.fails === true) return status === 0 ? ["the build succeeds"] : [];
  if (status !== 0) return ["the build fails"];
  const { at, config, whole } = image();
  return [
    ...differentFiles(given, at),
    ...differentFields(given.config, config),
    ...differentFields(given.image, whole),
  ];
}

function differentFiles({ files = {} }: Case, at: BuiltImage["at"]): Differences {
  return Object.entries(files).flatMap(([path, expected]) => {
    const actual = at(path);
    const same = actual === expected || actual.startsWith(`${expected} `);
    return same ? [] : [`${path} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`];
  });
}

function differentFields(
  wanted: Readonly<Record<string, unknown>> = {},
  actual: Readonly<Record<string, unknown>>,
): Differences {
  return Object.entries(wanted).flatMap(([field, expected]) => {
    const found = own(field, actual[field]) ?? null;
    const text = (value: unknown) => JSON.stringify(value);
    return isDeepStrictEqual(found, expected)
      ? []
      : [`${field} is ${text(found)} instead of ${text(expected)}`];
  });
}

/** Without the variables and labels that every image has. */
function own(field: string, value: unknown): unknown {
  if (field === "Env" && Array.isArray(value))
    return value.filter((one) => typeof one === "string" && !one.startsWith("PATH="));
  if (field === "Labels" && typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).filter(([key]) => !key.startsWith("org.opencontainers.")),
    );
  return value;
}

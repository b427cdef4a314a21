/** Committed stack files, and their schema. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { JsonSchema } from "../../tools/docs/schema.ts";
import { stackSchema } from "../../tools/docs/schema.ts";
import type { Config } from "./declare.ts";
import { project } from "./declare.ts";
import { ownKeys } from "../../components/settings/config-keys.ts";

/** The program's own keys of a stack file, without their prefix. */
export function keysOf(file: string): Config {
  const { config } = parse(readFileSync(file, "utf8")) as { config: Config };
  return ownKeys(project, config);
}

/** The schema of these keys. */
export function ownSchema(): JsonSchema {
  const properties = stackSchema(project).properties?.["config"]?.properties ?? {};
  return { type: "object", properties: ownKeys(project, properties) };
}

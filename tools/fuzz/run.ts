/** Tests one stack file: as the preview reads it, and as the engine passes it to the program. */
import { writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { isFields } from "../declared/fields.ts";
import { projectName } from "../offline/project.ts";
import type { StackFile } from "../offline/stack-file.ts";
import { readStackFile } from "../offline/stack-file.ts";
import { UserError } from "../offline/user-error.ts";
import type { Keys } from "./edits.ts";
import { declaredBy, checkMessage, checkObjects } from "./judge.ts";
import { engineConfig, fullKey, ownKeys, prefixed } from "../../components/settings/config-keys.ts";

const project = projectName();

/** The prefix of values that must never be shown. */
const secret = "hunter2-";

export type Outcome = "valid" | "refused";

let evaluations = 0;

function program(): Promise<object> {
  evaluations += 1;
  // A module is evaluated once for each specifier.
  return import(`../../index.ts?run=${evaluations.toString()}`) as Promise<object>;
}

/** @param file the path that it is written to and read from */
export async function tryStack(keys: Keys, file: string): Promise<Outcome> {
  writeFileSync(file, fileOf(keys));
  // What YAML holds: it has values that JSON lacks, and its writer leaves some out.
  const read = ownOf(parse(fileOf(keys)));
  const stackFile = readFile(file, read);
  if (stackFile === undefined) {
    await tryEngine(read);
    return "refused";
  }
  const evaluation = await declaredBy({ project, ...stackFile }, program);
  if (typeof evaluation === "string")
    throw new Error(`the program refuses what the preview accepts: ${evaluation}`);
  checkObjects(evaluation, fileOf(keys).includes("http://"));
  return "valid";
}

function readFile(file: string, read: Keys): StackFile | undefined {
  try {
    return readStackFile(file, project);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    checkMessage(error.message, secret, read);
    return undefined;
  }
}

/** The engine passes strings, objects as JSON, and decrypted secrets. */
async function tryEngine(keys: Keys): Promise<void> {
  const config = engineConfig(prefixed(project, decrypted(keys)));
  const outcome = await declaredBy(
    { project, stack: "fuzz", config, secretKeys: [fullKey(project, "secrets")] },
    program,
  );
  if (typeof outcome === "string") checkMessage(outcome, secret);
}

export function fileOf(keys: Keys): string {
  return stringify({ config: prefixed(project, keys) });
}

function ownOf(document: unknown): Keys {
  return ownKeys(project, Reflect.get(Object(document), "config") as Keys);
}

function decrypted(value: Keys): Keys;
function decrypted(value: unknown): unknown;
function decrypted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decrypted);
  if (!isFields(value)) return value;
  if (typeof value["secure"] === "string" && Object.keys(value).length === 1)
    return `${secret}${value["secure"]}`;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decrypted(one)]));
}

/**
 * Imports the values of a project's secrets from an `.env` file into a stack file, encrypted. Never shows a value.
 *
 * npm run secrets -- import <stack> <project> <file>
 */
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { joinPath, setSecret } from "../components/settings/errors.ts";
import { command, print, readArguments } from "./command.ts";
import { projectName, stackFileOf, stacks } from "./offline/project.ts";
import { readStackFile } from "./offline/stack-file.ts";
import { UserError } from "./offline/user-error.ts";
import type { EnvError } from "./secrets/env-file.ts";
import { parseEnvFile } from "./secrets/env-file.ts";
import type { Selection } from "./secrets/selection.ts";
import { keysOf, select } from "./secrets/selection.ts";
import { setSecrets } from "./secrets/stack-config.ts";
import { isSystemError, reasonOf } from "./system/files.ts";

const usage = `npm run secrets -- import <stack> <project> <file>

  <stack>    the stack of Pulumi.<stack>.yaml: ${stacks().join(", ")}
  <project>  the project whose keys the file holds
  <file>     an .env file, or - for the standard input

Sets the keys that the stack file declares for the project: all of them or none. Shows no value.`;

/** In bytes: the most that Kubernetes stores in a Secret. */
const maxBytes = 2 ** 20;

const options = { help: { type: "boolean", short: "h", default: false } } as const;

interface Import {
  readonly stack: string;
  readonly project: string;
  readonly source: string;
}

await command(async () => {
  const { values, positionals } = readArguments(options, usage);
  const [action, stack, project, source, ...more] = positionals;
  if (values.help) await print(usage);
  else if (
    action !== "import" ||
    stack === undefined ||
    project === undefined ||
    source === undefined ||
    more.length > 0 ||
    positionals.includes("")
  ) {
    throw new UserError(`Name a stack, a project and a file.\n\n${usage}`);
  } else await importFrom({ stack, project, source });
});

async function importFrom(one: Import): Promise<void> {
  const file = stackFileOf(one.stack);
  const { neededSecrets, missingSecrets } = readStackFile(file, projectName());
  const wanted = neededSecrets();
  const selection = select(await readEnv(one.source), wanted, checked(one, wanted));
  const paths = [...selection.taken].map(([key, value]) => [pathOf(one, key), value] as const);
  if (paths.length > 0) await setSecrets({ stack: one.stack, file }, new Map(paths));
  const had = (key: string) => !missingSecrets.some(({ path }) => path === pathOf(one, key));
  const missing = keysOf(
    readStackFile(file, projectName()).missingSecrets.map(({ path }) => path),
    one.project,
  );
  await print(summary(one, selection, had, missing));
  if (paths.length === 0) process.exitCode = 1;
}

/** @throws UserError if the project declares no key */
function checked({ stack, project }: Import, wanted: readonly string[]): string {
  if (keysOf(wanted, project).length > 0) return project;
  throw new UserError(
    `Pulumi.${stack}.yaml declares no keys for a project ${project}: no projects.${project}.secret, and no build that names one.`,
  );
}

function pathOf({ project }: Import, key: string): string {
  return joinPath("secrets.projects", [project, key]);
}

/** @throws UserError with every error of the file */
async function readEnv(source: string): Promise<ReadonlyMap<string, string>> {
  const { values, errors } = parseEnvFile(await decoded(source));
  if (errors.length === 0) return values;
  const count = errors.length === 1 ? "1 error" : `${errors.length.toString()} errors`;
  throw new UserError(
    `${nameOf(source)} has ${count}; nothing was set.\n\n${errors.map(describeError).join("\n\n")}\n`,
  );
}

async function decoded(source: string): Promise<string> {
  try {
    const content = await contentOf(source);
    if (content.length > maxBytes)
      throw new UserError(
        `${nameOf(source)} has more than 1 MiB, which no Secret can hold; nothing was set.`,
      );
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (error) {
    if (error instanceof TypeError)
      throw new UserError(`${nameOf(source)} is not text in UTF-8; nothing was set.`);
    if (!isSystemError(error)) throw error;
    throw new UserError(`${nameOf(source)} cannot be read: ${reasonOf(error)}.`);
  }
}

/** Read as a stream, because a pipe may be set not to block. No more is read than is needed to know that it is too much. */
async function contentOf(source: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source === "-" ? process.stdin : createReadStream(source)) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

function nameOf(source: string): string {
  return source === "-" ? "The standard input" : basename(source);
}

function describeError({ line, key, rule, fix }: EnvError): string {
  const at = `  line ${line.toString()}${key === undefined ? "" : `, ${key}`}`;
  return `${at}\n      rule: ${rule}\n      fix:  ${fix}`;
}

function summary(
  one: Import,
  { taken, skipped }: Selection,
  had: (key: string) => boolean,
  missing: readonly string[],
): string {
  const keys = [...taken.keys()];
  const rows: [string, readonly string[]][] = [
    ["set", keys.filter((key) => !had(key))],
    ["replaced", keys.filter(had)],
    ["skipped", skipped.map(([key, reason]) => `${key}: ${reason}`)],
    ["still without a value", missing.map((key) => `${setSecret(pathOf(one, key))} --stack ${one.stack}`)],
  ];
  const count = keys.length === 1 ? "1 value was" : `${keys.length.toString()} values were`;
  return [
    `${count} set for the project ${one.project} of the stack ${one.stack}.`,
    ...rows
      .filter(([, lines]) => lines.length > 0)
      .map(([title, lines]) => `${title}:\n  ${lines.join("\n  ")}`),
  ].join("\n");
}

/** The command line of the report. */
import { readArguments } from "../command.ts";
import { stacks } from "../offline/project.ts";
import { UserError } from "../offline/user-error.ts";

export const usage = `npm run report -- <stack>... [--last N] [--context NAME] [--html FILE] [--json]

  <stack>         a stack of Pulumi.<stack>.yaml: ${stacks().join(", ")}. Several are shown side by side
  --last N        how many builds of each, 10 if not given
  --context NAME  another context of the kubeconfig than the stack's; for one stack
  --html FILE     write it as a page, too. It is one file, which needs no network
  --json          for programs

Deployments of the last 30 days are read from GitHub where STATUS_TOKEN or GITHUB_TOKEN has a token, or the stack file and
PULUMI_CONFIG_PASSPHRASE; without one, from the Workflows that are kept.

The status is 0 if each stack is shown, 3 if one is and the cluster of another does not answer, and 1 after an error.`;

const options = {
  last: { type: "string", default: "10" },
  context: { type: "string" },
  html: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export interface Arguments {
  readonly named: readonly string[];
  readonly last: number;
  readonly context: string | undefined;
  readonly html: string | undefined;
  readonly json: boolean;
}

/**
 * @param words of the command line; those that the process was started with where absent
 * @returns undefined where only the usage is asked for
 * @throws UserError where they are wrong
 */
export function chosen(words?: readonly string[]): Arguments | undefined {
  const { values, positionals } = readArguments(options, usage, words);
  const { context, html, json, help } = values;
  if (help) return undefined;
  const named = [...new Set(positionals)];
  const last = Number(values.last);
  if (named.length === 0) throw new UserError(`Name a stack.\n\n${usage}`);
  if (!Number.isInteger(last) || last < 1) throw new UserError("--last takes a whole number from 1.");
  if (context !== undefined && named.length > 1) throw new UserError("--context is for one stack.");
  if (html === "") throw new UserError(`--html needs the name of a file.\n\n${usage}`);
  return { named, last, context, html, json };
}

/** The command line of the report. */
import { readArguments } from "../command.ts";
import { stacks } from "../offline/project.ts";
import { UserError } from "../offline/user-error.ts";

export const usage = `npm run report -- <stack>... [--last N] [--context NAME] [--html FILE] [--json]

  <stack>         a stack of Pulumi.<stack>.yaml: ${stacks().join(", ")}. Several are shown side by side
  --last N        show the last N builds of each stack; 10 by default
  --context NAME  use this context of the kubeconfig instead of the stack's; for one stack
  --html FILE     also write an HTML page: one file, which needs no network
  --json          print JSON

Deployments of the last 30 days are read from GitHub if a token is available: in STATUS_TOKEN or GITHUB_TOKEN, or in
the stack file if PULUMI_CONFIG_PASSPHRASE is set. Without a token, they are read from the cluster's Workflows.

Exit status: 0 if each stack is shown, 3 if the cluster of one does not answer and another is shown, 1 after an error.`;

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
 * @param words of the command line; this process's if undefined
 * @returns undefined for `--help`
 * @throws UserError if they are wrong
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
  if (context === "") throw new UserError(`--context needs the name of a context.\n\n${usage}`);
  if (html === "") throw new UserError(`--html needs the name of a file.\n\n${usage}`);
  return { named, last, context, html, json };
}

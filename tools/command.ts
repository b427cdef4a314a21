/** What the commands of package.json have in common: how they read their options, and how they print an error. */
import type { ParseArgsConfig } from "node:util";
import { parseArgs } from "node:util";
import { RunError } from "@pulumi/pulumi/errors.js";
import { stackFileOf } from "./offline/project.ts";
import { UserError } from "./offline/user-error.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

interface Config<Given extends Options> {
  readonly args: readonly string[];
  readonly options: Given;
  readonly allowPositionals: true;
}

/**
 * The options and the other words of the command line.
 * @param args the words of it; those that the process was started with where absent
 * @throws UserError with the usage
 */
export function readArguments<Given extends Options>(
  options: Given,
  usage: string,
  args: readonly string[] = process.argv.slice(2),
): ReturnType<typeof parseArgs<Config<Given>>> {
  try {
    return parseArgs<Config<Given>>({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

/**
 * The stack file that a command is to read: that of the one stack which is named, or the one that `--config` names.
 * @returns its path, and the words that name it on a command line
 * @throws UserError with the usage
 */
export function readStackName(
  [stack, ...more]: readonly string[],
  config: string | undefined,
  usage: string,
): { readonly file: string; readonly named: string } {
  if (more.length === 0 && stack === undefined && config !== undefined)
    return { file: config, named: `--config ${config}` };
  if (more.length === 0 && stack !== undefined && config === undefined)
    return { file: stackFileOf(stack), named: stack };
  throw new UserError(`Name one stack, or one file by --config.\n\n${usage}`);
}

/** Runs a command. An error of the user's is printed without a stack trace, and the exit status is then 1. */
export async function command(main: () => void | Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UserError) && !RunError.isInstance(error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

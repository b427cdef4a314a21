/** What the commands of package.json have in common: how they read their options, and how they tell an error. */
import type { ParseArgsConfig } from "node:util";
import { parseArgs } from "node:util";
import { RunError } from "@pulumi/pulumi/errors.js";
import { UserError } from "./offline/stack-file.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

interface Config<Given extends Options> {
  readonly options: Given;
  readonly allowPositionals: true;
}

/**
 * The options and the other words of the command line.
 * @throws UserError with the usage
 */
export function readArguments<Given extends Options>(
  options: Given,
  usage: string,
): ReturnType<typeof parseArgs<Config<Given>>> {
  try {
    return parseArgs<Config<Given>>({ options, allowPositionals: true });
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

/** Runs a command. An error of the user's is told without a stack trace, and the exit status is then 1. */
export async function command(main: () => void | Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UserError) && !RunError.isInstance(error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

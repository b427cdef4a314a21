/** What the commands of package.json share: reading options and printing errors. */
import type { ParseArgsConfig } from "node:util";
import { parseArgs } from "node:util";
import { RunError } from "@pulumi/pulumi/errors.js";
import { stackFileOf } from "./offline/project.ts";
import { UserError } from "./offline/user-error.ts";
import { isSystemError, reasonOf } from "./system/files.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

interface Config<Given extends Options> {
  readonly args: readonly string[];
  readonly options: Given;
  readonly allowPositionals: true;
}

/**
 * Parses the options and positional arguments of a command line.
 * @param args this process's by default
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
 * Finds the stack file that a command reads: that of the named stack, or the file of `--config`.
 * @returns its path, and how a command line names it
 * @throws UserError with the usage
 */
export function readStackName(
  [stack, ...more]: readonly string[],
  config: string | undefined,
  usage: string,
): { readonly file: string; readonly named: string } {
  if (more.length === 0 && stack === undefined && config !== undefined && config !== "")
    return { file: config, named: `--config ${config}` };
  if (more.length === 0 && stack !== undefined && stack !== "" && config === undefined)
    return { file: stackFileOf(stack), named: stack };
  throw new UserError(`Name one stack, or one file with --config.\n\n${usage}`);
}

/**
 * Prints the result of a command. A reader that has closed its pipe, such as `head`, wants no more.
 * @throws UserError if the output cannot be written, as on a full disk
 */
export function print(text: string): Promise<void> {
  // The callback gets the error, too.
  process.stdout.once("error", () => undefined);
  return new Promise((done, fail) => {
    process.stdout.write(`${text}\n`, (error?: NodeJS.ErrnoException | null) => {
      if (error?.code === undefined || error.code === "EPIPE") done();
      else fail(new UserError(`Cannot write the output: ${error.message}`));
    });
  });
}

/**
 * Runs a command. After an error of the user, or of the operating system such as a full disk, prints it without a stack
 * trace and exits with 1.
 */
export async function command(main: () => void | Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (isSystemError(error)) console.error(systemErrorText(error));
    else if (error instanceof UserError || RunError.isInstance(error)) console.error(error.message);
    else throw error;
    process.exitCode = 1;
  }
}

/** Like `Cannot open /etc/shadow: permission denied`. */
function systemErrorText(error: NodeJS.ErrnoException): string {
  const { path, syscall = "" } = error;
  return `Cannot ${path === undefined ? syscall : `${syscall} ${path}`}: ${reasonOf(error)}.`;
}

/** Runs the program of the file that Node was started with. */

/**
 * Exits once the program has ended, even if a request is still in progress.
 *
 * @param program returns whether it succeeded: the exit code is 0 or 1. An error is printed without a stack trace
 */
export async function runProgram(program: () => Promise<boolean>): Promise<void> {
  try {
    process.exit((await program()) ? 0 : 1);
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
}

/** Runs a program that only reports: an error is printed, and the exit code is 0. */
export function runReport(program: () => Promise<void>): Promise<void> {
  return runProgram(async () => {
    try {
      await program();
    } catch (error) {
      console.error(messageOf(error));
    }
    return true;
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

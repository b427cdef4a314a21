/** Runs a program whose file Node was started with. */

/**
 * Ends the process when the program has ended, though a request may still be under way.
 *
 * @param program says whether it went well, by which the process ends with 0 or 1; an error is printed without a stack trace
 */
export async function runProgram(program: () => Promise<boolean>): Promise<void> {
  try {
    process.exit((await program()) ? 0 : 1);
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
}

/** Runs a program that only reports: an error is printed, and makes nothing fail. */
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

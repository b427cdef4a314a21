/** Waits for what a cluster does in the background. */
import { setTimeout as sleep } from "node:timers/promises";
import { existing } from "./cluster-environment.ts";

/** An existing cluster downloads its images. Either may be busy, and only failures wait to the end. */
const patience = existing === undefined ? 3 : 4;

/**
 * Polls until the result is neither undefined nor false.
 *
 * @param seconds how long it takes at most on an idle node of the tests
 * @throws Error that names what was waited for, and the last failure if a poll failed
 */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 60,
): Promise<T> {
  const limit = seconds * patience;
  const start = performance.now();
  const milliseconds = limit * 1000;
  const end = start + milliseconds;
  let failure = "";
  while (performance.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      failure = `; last failure: ${String(error)}`;
    }
    // Polls less often over time: dozens wait side by side, and each poll is work for the cluster too.
    const waited = performance.now() - start;
    await sleep(Math.max(100, Math.min(500, waited / 10)));
  }
  throw new Error(`timed out after ${limit.toString()} s, waiting until ${what}${failure}`);
}

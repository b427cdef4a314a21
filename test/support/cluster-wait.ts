/** Waiting for what a cluster does in its own time. */
import { setTimeout as sleep } from "node:timers/promises";
import { existing } from "./cluster-environment.ts";

/** A cluster that is there downloads its images. Either may be busy, and only what fails waits to the end. */
const patience = existing === undefined ? 3 : 4;

/**
 * Asks again and again until the answer is neither undefined nor false.
 *
 * @param seconds how long it takes at most on a quiet node of our own
 * @throws Error that names what was waited for, and the last failure if asking failed
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
    // What takes long is asked for less often: dozens wait side by side, and asking is work for the cluster too.
    const waited = performance.now() - start;
    await sleep(Math.max(100, Math.min(500, waited / 10)));
  }
  throw new Error(`waited ${limit.toString()} s in vain until ${what}${failure}`);
}

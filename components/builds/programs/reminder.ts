/**
 * Repeats the notification to the Image Updater while an image is not rolled out. The updater may have been down the
 * first time. Of simultaneous notifications for several images of an Application it keeps one, since each writes the
 * whole Application as it was read. It rarely polls by itself, since registries count each poll as a pull. For the same
 * reason, reminders become less frequent.
 *
 * REMIND_AFTER  seconds until the first reminder, or up to a quarter more; each next interval is twice as long
 * DIGEST        digest of the image
 * ...           the variables of updater.ts
 */
import type { Variables } from "./environment.ts";
import { notifyUpdater, updaterVariables } from "./updater.ts";

export const reminderVariables = ["REMIND_AFTER", "DIGEST", ...updaterVariables] as const;
type Env = Variables<(typeof reminderVariables)[number]>;

export class Reminder {
  readonly #env: Env;
  /** In milliseconds. */
  #pause: number;
  #due: number;

  constructor(env: Env) {
    this.#env = env;
    this.#pause = Number(env.REMIND_AFTER) * 1000;
    this.#due = this.#next();
  }

  /** Sends a reminder if one is due. */
  async remind(): Promise<void> {
    if (performance.now() < this.#due) return;
    this.#pause *= 2;
    this.#due = this.#next();
    await notifyUpdater(this.#env, this.#env.DIGEST);
  }

  /** Random, because simultaneous reminders of builds that started together would be lost too. */
  #next(): number {
    const more = (Math.random() / 4) * this.#pause;
    return performance.now() + this.#pause + more;
  }
}

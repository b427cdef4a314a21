/**
 * Notifies the Image Updater of an image again while nothing comes of it: it may have been away the first time, and looks by itself
 * seldom, since each of its looks is a pull for the registry. So the reminders become rarer too.
 *
 * REMIND_AFTER  seconds until the first; each other comes after twice as long
 * DIGEST        of the image
 * ...           the variables of updater.ts
 */
import type { Variables } from "./environment.ts";
import { tellUpdater, updaterVariables } from "./updater.ts";

export const reminderVariables = ["REMIND_AFTER", "DIGEST", ...updaterVariables] as const;
type Given = Variables<(typeof reminderVariables)[number]>;

export class Reminder {
  readonly #given: Given;
  /** Milliseconds. */
  #pause: number;
  #due: number;

  constructor(given: Given) {
    this.#given = given;
    this.#pause = Number(given.REMIND_AFTER) * 1000;
    this.#due = performance.now() + this.#pause;
  }

  /** Does so where it is time for it. */
  async remind(): Promise<void> {
    if (performance.now() < this.#due) return;
    this.#pause *= 2;
    this.#due = performance.now() + this.#pause;
    await tellUpdater(this.#given, this.#given.DIGEST);
  }
}

/**
 * Notifies the Image Updater of an image again while nothing comes of it. It may have been away the first time; and of notifications of
 * several images of an Application that come at once it keeps one, since each writes all that it has read of the Application. By itself it
 * looks seldom, since each of its looks is a pull for the registry. So the reminders become rarer too.
 *
 * REMIND_AFTER  seconds until the first, or up to a quarter more; each other comes after twice as long
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
    this.#due = this.#next();
  }

  /** Does so where it is time for it. */
  async remind(): Promise<void> {
    if (performance.now() < this.#due) return;
    this.#pause *= 2;
    this.#due = this.#next();
    await tellUpdater(this.#given, this.#given.DIGEST);
  }

  /** Builds that began together would lose their reminders to each other too. */
  #next(): number {
    const more = (Math.random() / 4) * this.#pause;
    return performance.now() + this.#pause + more;
  }
}

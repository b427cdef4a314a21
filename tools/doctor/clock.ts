/** Whether this machine and a server agree on the time, on which certificates, tokens and the ages in a report depend. */
import type { Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";

/** Seconds: a date in a header has no fractions, and comes a little late. */
const limits = { warn: 5, bad: 60 };

/** @param date the header of its answer */
export function clockFinding(server: string, date: string | undefined, now: Date): Finding {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return unchecked("clock", `${server} does not say the time`);
  const seconds = Math.round((now.getTime() - theirs) / 1000);
  const amount = Math.abs(seconds);
  if (amount <= limits.warn) return good("clock", `this machine and ${server} agree on the time`);
  const message = `this machine is ${amount.toString()} s ${seconds > 0 ? "ahead of" : "behind"} ${server}`;
  const fix = "synchronize the clock of the one that is wrong";
  return amount > limits.bad ? bad("clock", message, fix) : warn("clock", message, fix);
}

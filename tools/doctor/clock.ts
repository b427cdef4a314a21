/** Checks whether this machine and a server agree on the time. Certificates, tokens and reported ages depend on it. */
import type { Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";

/** In seconds. A Date header has no fractions and arrives a little late. */
const limits = { warn: 5, bad: 60 };

/** @param date the Date header of the server's answer */
export function clockFinding(server: string, date: string | undefined, now: Date): Finding {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return unchecked("clock", `${server} sends no valid Date header`);
  const seconds = Math.round((now.getTime() - theirs) / 1000);
  const amount = Math.abs(seconds);
  if (amount <= limits.warn) return good("clock", `this machine and ${server} agree on the time`);
  const message = `this machine is ${amount.toString()} s ${seconds > 0 ? "ahead of" : "behind"} ${server}`;
  const fix = "synchronize the wrong clock";
  return amount > limits.bad ? bad("clock", message, fix) : warn("clock", message, fix);
}

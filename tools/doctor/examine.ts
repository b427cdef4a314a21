/** All checks side by side, each with what there is of the time. */
import { applications } from "./applications.ts";
import { cluster } from "./cluster.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { unchecked } from "./finding.ts";
import { github } from "./github.ts";
import { mail } from "./mail.ts";
import { registry } from "./registry.ts";
import { repositories } from "./repositories.ts";
import { secrets } from "./secrets.ts";
import { wayIn } from "./way-in.ts";

/** Each is a file, by the name that `--only` takes. */
export const checks: Readonly<Record<string, Check>> = {
  secrets,
  repositories,
  applications,
  cluster,
  "way-in": wayIn,
  github,
  registry,
  mail,
};

/** Milliseconds for all of it. What is asked has less, so that what is known by then is printed. */
export const timeLimit = 13_000;

export async function examine(
  examined: Examined,
  names: readonly string[],
  milliseconds = timeLimit + 1000,
): Promise<Finding[]> {
  const found = Object.entries(checks)
    .filter(([name]) => names.includes(name))
    .map(([name, check]) => Promise.race([check(examined), tooLate(name, milliseconds)]));
  return (await Promise.all(found)).flat();
}

/** Each question has a limit of its own; this is for what keeps to none, such as a name that is looked up. */
async function tooLate(name: string, milliseconds: number): Promise<Finding[]> {
  await new Promise<void>((done) => setTimeout(done, milliseconds).unref());
  const seconds = Math.ceil(milliseconds / 1000).toString();
  return [unchecked(name, `this check did not end within ${seconds} s`)];
}

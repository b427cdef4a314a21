/** Runs all checks at once, within the time limit. */
import { applications } from "./applications.ts";
import { cluster } from "./cluster.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { unchecked } from "./finding.ts";
import { github } from "./github.ts";
import { mail } from "./mail.ts";
import { registry } from "./registry.ts";
import { repositories } from "./repositories.ts";
import { secrets } from "./secrets.ts";
import { endpoints } from "./endpoints.ts";

/** By the names that `--only` takes. */
export const checks: Readonly<Record<string, Check>> = {
  secrets,
  repositories,
  applications,
  cluster,
  endpoints,
  github,
  registry,
  mail,
};

/** In milliseconds, for all requests. Checks have a second more, to report what they have found by then. */
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

/** Each request has its own limit. This one is for what has none, such as a DNS lookup. */
async function tooLate(name: string, milliseconds: number): Promise<Finding[]> {
  await new Promise<void>((done) => setTimeout(done, milliseconds).unref());
  const seconds = Math.ceil(milliseconds / 1000).toString();
  return [unchecked(name, `this check did not end within ${seconds} s`)];
}

/** Compares the pulls that Docker Hub allows with those that the Image Updater's polling takes. */
import { dockerHub } from "../../components/derived-names.ts";
import type { Examined, Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";
import type { Registry } from "./registry-login.ts";
import { tokenFor } from "./registry-login.ts";

/** Docker's own image for reading the limit, which does not count (its page "Pull usage and limits"). */
const image = "ratelimitpreview/test";

const path = "delivery.interval";

export async function pulls(examined: Examined, registry: Registry): Promise<Finding[]> {
  const { host, username } = examined.settings.registry;
  if (host !== dockerHub) return [];
  // Without a login, the limit would be that of this machine's address, not of the account.
  if (username !== undefined && registry.basic === undefined) return [];
  const token = await tokenFor(examined, registry, `repository:${image}:pull`);
  // The check of the login reports a refusal.
  if (token.state !== "given")
    return token.state === "refused"
      ? []
      : [unchecked(path, `Docker Hub's limit is unknown (${token.because})`)];
  const headers = { authorization: `Bearer ${token.token}` };
  const answer = await registry.ask({ method: "HEAD", path: `${image}/manifests/latest`, headers });
  // 429 means that the limit is reached, and has the same headers.
  if (answer.code !== 200 && answer.code !== 429)
    return [unchecked(path, `Docker Hub's limit is unknown (${answer.reason})`)];
  const of = (name: string) => String(answer.headers[`ratelimit-${name}`] ?? "");
  return [allowance(examined, of("limit"), of("remaining"))];
}

/** @param limit like `100;w=21600`: the pulls that are allowed in a window of seconds; empty if there is no limit */
function allowance(examined: Examined, limit: string, remaining: string): Finding {
  if (limit === "") return good(path, "Docker Hub does not limit the pulls of this account");
  const [, count = "", seconds = ""] = /^(\d+);w=(\d+)$/.exec(limit) ?? [];
  if (count === "") return unchecked(path, "Docker Hub's limit is unknown (unexpected header)");
  const [allowed, window] = [Number(count), Number(seconds)];
  const taken = Math.ceil((followed(examined) * window) / examined.settings.delivery.interval);
  const left = Number.parseInt(remaining, 10);
  const hours = `${Math.round(window / 3600).toString()} h`;
  const message =
    `Docker Hub allows ${count} pulls in ${hours}, of which ${left.toString()} are left; ` +
    `the Image Updater's polling takes ${taken.toString()}`;
  const fix = "set a longer interval, or use an account with a higher limit";
  if (left === 0 || taken >= allowed) return bad(path, message, fix);
  return taken > allowed / 2 || left < allowed / 10 ? warn(path, message, fix) : good(path, message);
}

/** Each application polls each of its images. */
function followed({ settings }: Examined): number {
  const all = settings.projects.flatMap(({ applications }) => applications.flatMap(({ follows }) => follows));
  return all.length;
}

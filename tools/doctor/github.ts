/** Checks whether GitHub answers, what the stack's tokens may do, and when they expire. */
import { parseJson } from "../../components/builds/programs/json.ts";
import type { Owner } from "../../components/names.ts";
import type { OwnerTokenKey } from "../../components/settings/github.ts";
import { installationOf, ownersOf } from "../../components/settings/github.ts";
import { reportsToGitHub } from "../../components/settings/secrets.ts";
import { clockFinding } from "./clock.ts";
import { numberAt } from "../../components/watch/objects.ts";
import type { Answer } from "./exchange.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";
import { askGithub } from "./github-api.ts";
import { notGiven } from "./given.ts";
import { appFindings } from "./github-app.ts";
import { hooks } from "./hooks.ts";
import { rightFindings, rightsOf } from "./rights.ts";

export const github: Check = async (examined) => {
  const first = await askGithub(examined, "/rate_limit", undefined);
  if (first.code === 0) return [unchecked("github.url", `GitHub does not answer (${first.reason})`)];
  const reports = reportsToGitHub(examined.settings) ? tokensOf(examined, "statusToken") : [];
  const found = await Promise.all([
    ...tokensOf(examined, "githubToken").map((one) => tokenFindings(examined, one)),
    ...reports.map((one) => tokenFindings(examined, one)),
    appFindings(examined),
  ]);
  return [clockFinding("GitHub", first.headers.date, examined.now()), ...found.flat()];
};

/** In days: a token that expires sooner is reported. */
const renewal = 14;

/** A token, and the owners of the repositories that it is used for. */
interface StackToken {
  readonly name: OwnerTokenKey;
  readonly value: string | undefined;
  readonly owners: readonly Owner[];
  /** Set if the token is this owner's own. */
  readonly owner?: Owner;
}

/** The stack's token first. Owners that have installed the App need none. */
function tokensOf({ settings, given }: Examined, name: OwnerTokenKey): StackToken[] {
  const { github: hub, secrets, projects } = settings;
  const owners = ownersOf(projects).filter((one) => installationOf(hub.app, one) === undefined);
  const own = owners.filter((one) => secrets.owners[one]?.[name] !== undefined);
  const others = owners.filter((one) => !own.includes(one));
  return [
    ...(others.length === 0 ? [] : [{ name, value: given[name], owners: others }]),
    ...own.map((owner) => ({ name, value: given.owners?.[owner]?.[name], owners: [owner], owner })),
  ];
}

async function tokenFindings(
  examined: Examined,
  { name, value: token, owners, owner }: StackToken,
): Promise<Finding[]> {
  if (token === undefined) return [notGiven(name, owner)];
  const { path } = notGiven(name, owner);
  const answer = await askGithub(examined, "/rate_limit", token);
  if (answer.code === 401) return [bad(path, "GitHub does not accept this token", "create a new one")];
  // A GitHub Enterprise Server without rate limits answers 404.
  if (answer.code !== 200 && answer.code !== 404)
    return [unchecked(path, `cannot tell whether GitHub accepts this token (${answer.reason})`)];
  const rights = rightsOf(examined.settings, name, owners).map((right) =>
    rightFindings(examined, path, token, right),
  );
  const fix = `give ${path} access to it, or correct the name`;
  const more = name === "githubToken" ? hooks(examined, { token, owners, fix }) : [];
  const found = await Promise.all([...rights, more]);
  return [...endFindings(examined, path, answer), ...rateFindings(path, answer), ...found.flat()];
}

/** A token that never expires has no such header. */
function endFindings({ now }: Examined, path: string, { headers }: Answer): Finding[] {
  const header = headers["github-authentication-token-expiration"];
  const end = Date.parse(typeof header === "string" ? header : "");
  if (Number.isNaN(end)) return [];
  const days = Math.floor((end - now().getTime()) / 86_400_000);
  const message = `this token expires in ${days.toString()} days`;
  return [days < renewal ? warn(path, message, "create a new one in time") : good(path, message)];
}

/** The share of the hourly requests below which other users of the token may be rejected. */
const scarce = 0.1;

function rateFindings(path: string, { text }: Answer): Finding[] {
  const core = (name: string) => numberAt(parseJson(text), "resources", "core", name);
  const [limit, left] = [core("limit"), core("remaining")];
  if (limit === 0) return [];
  const message = `${left.toString()} of ${limit.toString()} requests of this hour are left`;
  const fix = `wait until ${new Date(core("reset") * 1000).toISOString().slice(11, 16)} UTC`;
  if (left === 0) return [bad(path, message, fix)];
  return [left < limit * scarce ? warn(path, message, fix) : good(path, message)];
}

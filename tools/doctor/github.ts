/** Whether GitHub answers, what it lets the stack's tokens do, and for how long. */
import { parseJson } from "../../components/builds/programs/json.ts";
import type { Owner } from "../../components/names.ts";
import type { OwnerToken } from "../../components/settings/github.ts";
import { installationOf, ownersOf } from "../../components/settings/github.ts";
import { reportsToGitHub } from "../../components/settings/secrets.ts";
import { clockFinding } from "./clock.ts";
import { numberAt } from "../../components/watch/objects.ts";
import type { Answer } from "./exchange.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";
import { askGithub } from "./github-api.ts";
import { notGiven } from "./given.ts";
import { ofApp } from "./github-app.ts";
import { hooks } from "./hooks.ts";
import { rightFindings, rightsOf } from "./rights.ts";

export const github: Check = async (examined) => {
  const first = await askGithub(examined, "/rate_limit", undefined);
  if (first.code === 0) return [unchecked("github.url", `GitHub gives no answer (${first.reason})`)];
  const reports = reportsToGitHub(examined.settings) ? tokensOf(examined, "statusToken") : [];
  const found = await Promise.all([
    ...tokensOf(examined, "githubToken").map((one) => ofToken(examined, one)),
    ...reports.map((one) => ofToken(examined, one)),
    ofApp(examined),
  ]);
  return [clockFinding("GitHub", first.headers.date, examined.now()), ...found.flat()];
};

/** Days before the end of a token. */
const renewal = 14;

/** A token, and the owners of the repositories that it is for. */
interface StackToken {
  readonly name: OwnerToken;
  readonly value: string | undefined;
  readonly owners: readonly Owner[];
  /** Set where it is the owner's own. */
  readonly owner?: Owner;
}

/** That of the stack first. Owners who have installed the App have none. */
function tokensOf({ settings, given }: Examined, name: OwnerToken): StackToken[] {
  const { github: hub, secrets, projects } = settings;
  const owners = ownersOf(projects).filter((one) => installationOf(hub.app, one) === undefined);
  const own = owners.filter((one) => secrets.owners[one]?.[name] !== undefined);
  const others = owners.filter((one) => !own.includes(one));
  return [
    ...(others.length === 0 ? [] : [{ name, value: given[name], owners: others }]),
    ...own.map((owner) => ({ name, value: given.owners?.[owner]?.[name], owners: [owner], owner })),
  ];
}

async function ofToken(
  examined: Examined,
  { name, value: token, owners, owner }: StackToken,
): Promise<Finding[]> {
  if (token === undefined) return [notGiven(name, owner)];
  const { path } = notGiven(name, owner);
  const answer = await askGithub(examined, "/rate_limit", token);
  if (answer.code === 401) return [bad(path, "GitHub does not accept this token", "make a new one")];
  // An Enterprise Server without limits has no such address.
  if (answer.code !== 200 && answer.code !== 404)
    return [unchecked(path, `GitHub does not say whether it accepts this token (${answer.reason})`)];
  const rights = rightsOf(examined.settings, name, owners).map((right) =>
    rightFindings(examined, path, token, right),
  );
  const fix = `let ${path} reach it, or correct the name`;
  const more = name === "githubToken" ? hooks(examined, { token, owners, fix }) : [];
  const found = await Promise.all([...rights, more]);
  return [...endFindings(examined, path, answer), ...rateFindings(path, answer), ...found.flat()];
}

/** A token that never ends has no such header. */
function endFindings({ now }: Examined, path: string, { headers }: Answer): Finding[] {
  const header = headers["github-authentication-token-expiration"];
  const end = Date.parse(typeof header === "string" ? header : "");
  if (Number.isNaN(end)) return [];
  const days = Math.floor((end - now().getTime()) / 86_400_000);
  const message = `this token ends in ${days.toString()} days`;
  return [days < renewal ? warn(path, message, "make a new one in time") : good(path, message)];
}

/** The share of the requests of an hour below which others who use the token may be refused. */
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

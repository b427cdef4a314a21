/** Checks whether GitHub accepts the App's key, where the App is installed, and what it may do there. */
import { appJwt, tokenIn, tokenRequest } from "../../components/builds/programs/github-app.ts";
import { parseJson, textAt } from "../../components/builds/programs/json.ts";
import { mapPool } from "../../components/builds/programs/pool.ts";
import { messageOf } from "../../components/builds/programs/program.ts";
import type { Owner } from "../../components/names.ts";
import { joinPath } from "../../components/settings/errors.ts";
import { ownersOf } from "../../components/settings/github.ts";
import type { Parsed } from "../../components/settings/parse.ts";
import { checkingApp, githubApi } from "../../components/settings/places.ts";
import { appHook } from "./app-hook.ts";
import { numberAt, shown } from "../../components/watch/objects.ts";
import type { Examined, Finding } from "./finding.ts";
import { bad, good, unchecked } from "./finding.ts";
import { askGithub } from "./github-api.ts";
import { notGiven } from "./given.ts";
import { hookedPlaces, hooks } from "./hooks.ts";

const keyPath = "secrets.githubAppKey";

export async function appFindings(examined: Examined): Promise<Finding[]> {
  const { settings, given, now } = examined;
  const { app } = settings.github;
  if (app === undefined) return [];
  if (given.githubAppKey === undefined) return [notGiven("githubAppKey")];
  const seconds = Math.floor(now().getTime() / 1000);
  let jwt: string;
  try {
    jwt = appJwt(app.id.toString(), given.githubAppKey, seconds);
  } catch (error) {
    return [bad(keyPath, messageOf(error))];
  }
  return withKey(examined, jwt);
}

async function withKey(examined: Examined, jwt: string): Promise<Finding[]> {
  const { code, text, reason } = await askGithub(examined, "/app", jwt);
  if (code === 401 || code === 404) {
    const fix = "correct github.app.id, or generate a new private key on the App's page";
    return [bad(keyPath, `GitHub does not accept this key for the App (${reason})`, fix)];
  }
  if (code !== 200) return [unchecked(keyPath, `cannot tell whether GitHub accepts this key (${reason})`)];
  const accepted = good(
    keyPath,
    `GitHub accepts it as a key of the App ${shown(textAt(parseJson(text), "slug"))}`,
  );
  const owners = ownersOf(examined.settings.projects);
  const [hook, ...found] = await Promise.all([
    appHook(examined, jwt, parseJson(text)),
    ...owners.map((owner) => ownerFindings(examined, jwt, owner)),
  ]);
  return [accepted, ...hook, ...found.flat()];
}

async function ownerFindings(examined: Examined, jwt: string, owner: Owner): Promise<Finding[]> {
  const installation = examined.settings.github.app?.installations[owner];
  if (installation === undefined) return [];
  const path = joinPath("github.app.installations", [owner]);
  const answer = await askGithub(examined, `/app/installations/${installation.toString()}`, jwt);
  if (answer.code === 404)
    return [bad(path, "the App has no such installation", `install it for ${owner}, or correct the ID`)];
  if (answer.code !== 200) return [unchecked(path, `the installation cannot be read (${answer.reason})`)];
  const problems = installationProblems(path, owner, parseJson(answer.text));
  if (problems.length > 0) return problems;
  const permitted = permissionFindings(examined.settings, path, owner, parseJson(answer.text));
  const [reached, hooked] = await Promise.all([
    reachFindings(examined, jwt, owner, installation),
    hookFindings(examined, jwt, owner, installation),
  ]);
  return [...permitted, ...reached, ...hooked];
}

function installationProblems(path: string, owner: Owner, installation: unknown): Finding[] {
  const account = textAt(installation, "account", "login");
  if (account.toLowerCase() !== owner.toLowerCase())
    return [
      bad(path, `this installation belongs to ${shown(account)}`, `set the ID of ${owner}'s installation`),
    ];
  if (textAt(installation, "suspended_at") === "") return [];
  return [bad(path, "the installation is suspended", "unsuspend it on the installation's page")];
}

/** A permission, with its name on GitHub's pages and its key in GitHub's API. */
interface Permission {
  readonly name: string;
  readonly key: string;
  readonly level: "read" | "write";
}

/** The permissions that the stack needs for an owner. */
function permissionsFor(settings: Parsed, owner: Owner): Permission[] {
  const { github, delivery, projects } = settings;
  const hooked = hookedPlaces(settings, owner);
  const isPrivate = projects.some((one) => one.owner === owner && one.private);
  const wanted: readonly (readonly [boolean, Permission])[] = [
    [hooked.repositories, { name: "Webhooks", key: "repository_hooks", level: "write" }],
    [
      hooked.organization,
      { name: "Webhooks (organization permission)", key: "organization_hooks", level: "write" },
    ],
    [isPrivate, { name: "Contents", key: "contents", level: "read" }],
    [
      github.statuses && checkingApp(settings, owner) === undefined,
      { name: "Commit statuses", key: "statuses", level: "write" },
    ],
    [checkingApp(settings, owner) !== undefined, { name: "Checks", key: "checks", level: "write" }],
    [github.deployments && delivery.wait, { name: "Deployments", key: "deployments", level: "write" }],
  ];
  return wanted.flatMap(([isWanted, one]) => (isWanted ? [one] : []));
}

function permissionFindings(settings: Parsed, path: string, owner: Owner, installation: unknown): Finding[] {
  return permissionsFor(settings, owner).map(({ name, key, level }) => {
    const granted = textAt(installation, "permissions", key);
    if (granted === "write" || granted === level) return good(path, `the App may ${level} ${name}`);
    const access = level === "write" ? "read and write" : "read-only";
    const fix = `give the App '${name}: ${access}' on its page, and accept the change on the installation's page`;
    const of = key === "organization_hooks" ? `the organization ${owner}` : `${owner}'s repositories`;
    return bad(path, `the App may not ${level} ${name} of ${of}`, fix);
  });
}

const atOnce = 8;

/** Checks whether the installation includes each repository that is built. */
function reachFindings(
  examined: Examined,
  jwt: string,
  owner: Owner,
  installation: number,
): Promise<Finding[]> {
  const all = examined.settings.projects
    .filter((one) => one.owner === owner)
    .flatMap(({ name, repositories }) =>
      repositories.map(({ slug }, index) => ({
        slug,
        path: joinPath("projects", [name, "repositories", index]),
      })),
    );
  const distinct = [...new Map(all.toReversed().map((one) => [one.slug, one])).values()].toReversed();
  return mapPool(distinct, atOnce, async ({ slug, path }) => {
    const { code, text, reason } = await askGithub(examined, `/repos/${slug}/installation`, jwt);
    if (code === 200 && numberAt(parseJson(text), "id") === installation)
      return good(path, `the App is installed on ${slug}`);
    if (code !== 200 && code !== 404)
      return unchecked(path, `cannot tell whether the App is installed on ${slug} (${reason})`);
    return bad(
      path,
      `the App is not installed on ${slug}`,
      "add it to the installation, or correct the name",
    );
  });
}

/** Checks the webhooks, with a token that may read nothing else. */
async function hookFindings(
  examined: Examined,
  jwt: string,
  owner: Owner,
  installation: number,
): Promise<Finding[]> {
  const places = hookedPlaces(examined.settings, owner);
  const permissions = {
    ...(places.repositories ? { repository_hooks: "read" } : {}),
    ...(places.organization ? { organization_hooks: "read" } : {}),
  };
  const wanted = { installation: installation.toString(), permissions, repositories: [] };
  try {
    const answer = await examined.ask(tokenRequest(githubApi(examined.settings), jwt, wanted));
    const token = tokenIn(answer, jwt);
    const fix = "add it to the App's installation, or correct the name";
    return await hooks(examined, { token, owners: [owner], fix });
  } catch (error) {
    return [unchecked(joinPath("github.app.installations", [owner]), messageOf(error))];
  }
}

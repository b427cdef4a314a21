/** How each owner's repositories are accessed: with the GitHub App, or with tokens of the owner or the stack. */
import { entries } from "../entries.ts";
import { unknownKeyFix } from "../checks.ts";
import type { Owner } from "../names.ts";
import type { SettingError } from "./errors.ts";
import { joinPath } from "./errors.ts";
import type { GitHubApp } from "./github-schema.ts";
import type { Readable } from "./readable.ts";
import { showsUse } from "./readable.ts";

/** The tokens that can be set for a single owner. */
const tokens = ["githubToken", "statusToken"] as const;
export type OwnerTokenKey = (typeof tokens)[number];

/** The owners of a stack's repositories, each once. */
export function ownersOf(projects: readonly { readonly owner: Owner }[]): Owner[] {
  return [...new Set(projects.map(({ owner }) => owner))];
}

/** The installation of the App for an owner's repositories; undefined if tokens are used. */
export function installationOf(app: GitHubApp | undefined, owner: Owner): number | undefined {
  return app?.installations[owner];
}

/** Whether the repositories of any owner are accessed with the stack's own token. */
export function usesStackToken({ stack, projects, secrets }: Readable, token: OwnerTokenKey): boolean {
  const owners = ownersOf(Object.values(projects));
  const isLeft = (owner: Owner) =>
    installationOf(stack.github?.app, owner) === undefined && secrets?.owners[owner]?.[token] === undefined;
  return owners.length === 0 || owners.some(isLeft);
}

export function unknownInstallations(config: Readable): SettingError[] {
  const { stack, projects } = config;
  if (!showsUse(config)) return [];
  const known: string[] = ownersOf(Object.values(projects));
  return entries(stack.github?.app?.installations ?? {})
    .filter(([owner]) => !known.includes(owner))
    .map(([owner, value]) => ({
      path: joinPath("github.app.installations", [owner]),
      value,
      rule: "no project has this owner",
      fix: unknownKeyFix(owner, known),
    }));
}

/** Check runs are one form of a build's status. */
export function unreportedChecks({ stack: { github } }: Readable): SettingError[] {
  if (github?.app?.checks === undefined || github.statuses) return [];
  return [
    {
      path: "github.app.checks",
      rule: "builds report no check runs while github.statuses is false",
      fix: "remove it, or set github.statuses to true",
    },
  ];
}

/** Tokens under `secrets` that the App replaces, or whose owner no project has. */
export function unreadTokens(config: Readable): SettingError[] {
  const { stack, projects, secrets } = config;
  if (secrets === undefined || stack.github === undefined || !showsUse(config)) return [];
  const { app } = stack.github;
  return [
    ...unknownOwners(config),
    ...(app === undefined && secrets.githubAppKey !== undefined ? [unread("githubAppKey", noApp)] : []),
    ...tokens
      .filter((token) => secrets[token] !== undefined && !usesStackToken(config, token))
      .map((token) => unread(token, "each owner has the App, or a token of its own")),
    ...entries(projects)
      .filter(([key, { owner }]) => key in secrets.cloneTokens && installationOf(app, owner) !== undefined)
      .map(([key, { owner }]) => unread(joinPath("cloneTokens", [key]), replacedByApp(owner))),
  ];
}

const noApp = "the stack has no `github.app`";

function replacedByApp(owner: string): string {
  return `github.app has an installation for ${owner}, which is used instead of tokens`;
}

function unknownOwners({ stack, projects, secrets }: Readable): SettingError[] {
  const known = ownersOf(Object.values(projects));
  return Object.keys(secrets?.owners ?? {}).flatMap((key) => {
    const path = joinPath("owners", [key]);
    const owner = known.find((one) => one === key);
    if (owner === undefined) return [unread(path, "no project has this owner", unknownKeyFix(key, known))];
    return installationOf(stack.github?.app, owner) === undefined ? [] : [unread(path, replacedByApp(owner))];
  });
}

function unread(path: string, why: string, fix = "remove it"): SettingError {
  return { path: `secrets.${path}`, rule: `nothing reads this secret: ${why}`, fix };
}

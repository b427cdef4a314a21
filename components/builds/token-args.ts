/** Derives the sources of the builds' tokens from the settings. */
import { cloneSecret } from "../derived-names.ts";
import type { Owner } from "../names.ts";
import { githubApi } from "../settings/places.ts";
import type { ProjectSettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { AppTokens, TokenSource } from "./build.ts";

/** The token that reads the repositories of a project; undefined if they are public. */
export function cloneToken(project: ProjectSettings, settings: Settings): TokenSource | undefined {
  if (!project.private) return undefined;
  return appTokens(project.owner, settings) ?? cloneSecret(project.name);
}

/** The token for commit statuses and Deployments in an owner's repositories; undefined if there is none. */
export function reportToken(owner: Owner, settings: Settings): TokenSource | undefined {
  const access = settings.secrets.owners.get(owner);
  return access?.app === undefined ? access?.status?.secret : appTokens(owner, settings);
}

function appTokens(owner: Owner, settings: Settings): AppTokens | undefined {
  const access = settings.secrets.owners.get(owner);
  if (access?.app === undefined) return undefined;
  return { app: access.app, installation: access.installation, api: githubApi(settings) };
}

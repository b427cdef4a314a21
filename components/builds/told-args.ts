/** Whom the settings have builds tell of themselves. */
import { cloneSecret, notificationSecret } from "../derived-names.ts";
import { toldByBuilds } from "../settings/places.ts";
import type { ProjectSettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { GitHubAccess, ToldPeople } from "./build.ts";

/** Commits are read with the token that clones private repositories, and with that of statuses where there is one. */
export function toldPeople(
  project: ProjectSettings,
  { secrets, github }: Settings,
  { secret, api, page }: GitHubAccess,
): ToldPeople | undefined {
  const { name, notifications } = project;
  const events = toldByBuilds(project);
  if (notifications === undefined || events.length === 0) return undefined;
  const statusToken = secrets.statusToken === undefined ? undefined : secret;
  return {
    events,
    channels: notifications.to,
    secret: notificationSecret(name),
    api,
    page,
    github: github.url,
    readSecret: project.private ? cloneSecret(name) : statusToken,
  };
}

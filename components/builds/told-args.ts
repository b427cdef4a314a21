/** Whom the settings have builds tell of themselves. */
import { notificationSecret } from "../derived-names.ts";
import { toldByBuilds } from "../settings/places.ts";
import type { ProjectSettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { GitHubAccess, TokenSource, ToldPeople } from "./build.ts";

/** @param cloneToken reads the commits of private repositories; others are read with the token of reports, where there is one */
export function toldPeople(
  project: ProjectSettings,
  { github, mail }: Settings,
  { token, api, page }: GitHubAccess,
  cloneToken: TokenSource | undefined,
): ToldPeople | undefined {
  const { name, notifications } = project;
  const events = toldByBuilds(project);
  if (notifications === undefined || events.length === 0) return undefined;
  return {
    events,
    channels: notifications.to,
    secret: notificationSecret(name),
    mail: mail && notifications.mailTo && { ...mail, to: notifications.mailTo },
    api,
    page,
    github: github.url,
    readToken: cloneToken ?? token,
  };
}

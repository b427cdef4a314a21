/** Derives from the settings who is notified of builds. */
import { notificationSecret } from "../derived-names.ts";
import { eventsOfBuilds } from "../settings/places.ts";
import type { ProjectSettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { TokenSource } from "../settings/secret-values.ts";
import type { BuildNotifications, GitHubAccess } from "./build.ts";

/** @param cloneToken reads the commits of private repositories; others are read with the token for reports, if any */
export function notificationsOf(
  project: ProjectSettings,
  { github, mail }: Settings,
  { token, api, workflowsUrl }: GitHubAccess,
  cloneToken: TokenSource | undefined,
): BuildNotifications | undefined {
  const { name, notifications } = project;
  const events = eventsOfBuilds(project);
  if (notifications === undefined || events.length === 0) return undefined;
  return {
    events,
    channels: notifications.to,
    secret: notificationSecret(name),
    mail: mail && notifications.mailTo && { ...mail, to: notifications.mailTo },
    api,
    workflowsUrl,
    github: github.url,
    readToken: cloneToken ?? token,
  };
}

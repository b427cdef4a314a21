/** Secrets with the addresses of notifications and the mail password, for the builds that send them and for Argo CD. */
import { eventsOfArgoCd } from "../../charts/argo-cd-notifications.ts";
import { argoCdNotificationsSecret, notificationSecret, channelName } from "../../derived-names.ts";
import { partOfArgoCd } from "../../kinds/argocd.ts";
import { joinPath } from "../../settings/errors.ts";
import { namespacesOf, eventsOfBuilds } from "../../settings/places.ts";
import type { Settings } from "../../settings/settings.ts";
import type { SecretString } from "../../settings/secret-values.ts";
import { projectSecretsOf } from "../../settings/secret-values.ts";
import type { SecretArgs } from "./secret-args.ts";

export function notificationSecrets(settings: Settings): SecretArgs[] {
  return [...forBuilds(settings), ...forArgoCd(settings)];
}

function forBuilds(settings: Settings): SecretArgs[] {
  return settings.projects
    .filter((project) => eventsOfBuilds(project).length > 0)
    .flatMap(({ name, repositories }) => {
      const data = Object.fromEntries(projectSecretsOf(settings, name).channels);
      if (Object.keys(data).length === 0) return [];
      const path = joinPath("projects", [name, "notifications"]);
      return namespacesOf(repositories, settings).map((namespace) => {
        return { namespace, name: notificationSecret(name), path, data };
      });
    });
}

/** One Secret for all projects, which Argo CD finds by its name. */
function forArgoCd(settings: Settings): SecretArgs[] {
  const { projects, namespaces } = settings;
  const notified = projects.filter((project) => eventsOfArgoCd(project).length > 0);
  const [first] = notified;
  if (first === undefined) return [];
  const data = notified.flatMap(({ name }) =>
    [...projectSecretsOf(settings, name).channels].map(([channel, secret]): [string, SecretString] => [
      channelName(channel, name),
      secret,
    ]),
  );
  return [
    {
      namespace: namespaces.delivery,
      name: argoCdNotificationsSecret,
      path: joinPath("projects", [first.name, "notifications"]),
      data: Object.fromEntries(data),
      labels: partOfArgoCd,
    },
  ];
}

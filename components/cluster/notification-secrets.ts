/** Where the addresses go by which people are told, and the password of mail: beside the builds that tell them, and to Argo CD. */
import { toldByArgoCd } from "../charts/argo-cd-notifications.ts";
import { argoCdNotificationsSecret, notificationSecret, notifier } from "../derived-names.ts";
import { partOfArgoCd } from "../kinds/argocd.ts";
import { joinPath } from "../settings/errors.ts";
import { namespacesOf, toldByBuilds } from "../settings/places.ts";
import type { Settings } from "../settings/settings.ts";
import type { Secret } from "../settings/secret-values.ts";
import type { SecretArgs } from "./secret-args.ts";

export function notificationSecrets(settings: Settings): SecretArgs[] {
  return [...besideBuilds(settings), ...ofArgoCd(settings)];
}

function besideBuilds(settings: Settings): SecretArgs[] {
  return settings.projects
    .filter((project) => toldByBuilds(project).length > 0)
    .flatMap(({ name, repositories }) => {
      const data = Object.fromEntries(settings.secrets.projects.get(name)?.channels ?? []);
      if (Object.keys(data).length === 0) return [];
      const path = joinPath("projects", [name, "notifications"]);
      return namespacesOf(repositories, settings).map((namespace) => {
        return { namespace, name: notificationSecret(name), path, data };
      });
    });
}

/** One Secret for all projects, which Argo CD finds by its name. */
function ofArgoCd({ projects, namespaces, secrets }: Settings): SecretArgs[] {
  const told = projects.filter((project) => toldByArgoCd(project).length > 0);
  const [first] = told;
  if (first === undefined) return [];
  const data = told.flatMap(({ name }) =>
    [...(secrets.projects.get(name)?.channels ?? [])].map(([channel, secret]): [string, Secret] => [
      notifier(channel, name),
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

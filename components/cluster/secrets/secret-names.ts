/** Finds Secrets with the same name, which would be one object, in what is declared instead of in a second list. */
import type { PartChart } from "../../charts/chart.ts";
import { parts } from "../../charts/charts.ts";
import { pushWebhookSecret, updaterSecret } from "../../derived-names.ts";
import type { SettingError } from "../../settings/errors.ts";
import { namespacesOfApplications, namespacesOfBuilds } from "../../settings/places.ts";
import type { Settings } from "../../settings/settings.ts";
import { credentialsArgs } from "../args.ts";

interface Place {
  readonly namespace: string;
  readonly name: string;
}

interface Named extends Place {
  /** The key of the stack file that names or requires it. */
  readonly path: string;
}

/** An error for each Secret to which the stack file gives the name of another one. */
export function duplicateSecrets(settings: Settings): SettingError[] {
  const owners = new Map<string, string>(
    withFixedNames(settings).map((place) => [keyOf(place), "one of the stack's own Secrets"]),
  );
  return withChosenNames(settings).flatMap((secret) => {
    const owner = owners.get(keyOf(secret));
    if (owner === undefined) owners.set(keyOf(secret), secret.path);
    return owner === undefined ? [] : [duplicate(secret, owner)];
  });
}

function keyOf({ namespace, name }: Place): string {
  return `${namespace}/${name}`;
}

function duplicate({ namespace, name, path }: Named, owner: string): SettingError {
  return {
    path,
    value: name,
    rule: `two Secrets in one namespace (${namespace}) cannot have the same name; the first is ${owner}`,
    fix: "rename one of the two",
  };
}

/** Secrets whose names are not in the stack file. */
function withFixedNames(settings: Settings): Place[] {
  const charts: PartChart<Settings>[] = Object.values<PartChart<Settings>>(parts);
  return [
    { namespace: settings.namespaces.events, name: pushWebhookSecret },
    ...namespacesOfBuilds(settings).map((namespace) => ({ namespace, name: updaterSecret })),
    ...charts.flatMap(({ namespace, secrets = [], key }) => {
      const made = key?.(settings);
      const names = [...secrets, ...(made === undefined ? [] : [made.secret])];
      return names.map((name) => ({ namespace: namespace(settings), name }));
    }),
  ];
}

function withChosenNames(settings: Settings): Named[] {
  const { logins, secrets } = credentialsArgs(settings);
  return [...logins, ...externalLogins(settings)]
    .map(({ namespace, name }): Named => ({ namespace, name, path: "registry.pullSecret" }))
    .concat(secrets);
}

/** Secrets that are created outside the stack, in each namespace that reads them. */
function externalLogins(settings: Settings): Place[] {
  const { registry, namespaces, projects } = settings;
  if (registry.login !== "external") return [];
  const ofApplications = new Set(projects.flatMap(namespacesOfApplications));
  return [...namespacesOfBuilds(settings), namespaces.delivery, ...ofApplications].map((namespace) => ({
    namespace,
    name: registry.pullSecret,
  }));
}

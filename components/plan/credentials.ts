/** Which secret values go where: to each place only what it needs. */
import type { SecretArgs } from "../credentials.ts";
import type { DnsLabel, VariableName } from "../names.ts";
import { cloneSecret, logSecret, objectName, statusSecret, suffixed } from "../names.ts";
import type { ProjectWithSecrets, Settings } from "../settings.ts";
import { namespaceOf, namespacesOfApplications, namespacesOfBuilds } from "./places.ts";

export function credentialsPlan(settings: Settings) {
  const { registry, registryLogin, namespaces, projects } = settings;
  return {
    registry: registry.host,
    pullSecret: registry.pullSecret,
    login: registryLogin,
    loginNamespaces: [
      ...new Set([
        ...namespacesOfBuilds(settings),
        namespaces.delivery,
        ...projects.flatMap(namespacesOfApplications),
      ]),
    ],
    secrets: [
      ...projects.flatMap((project) => projectSecrets(project, settings)),
      ...projects.flatMap((project) => clusterSecrets(project, namespaces.delivery)),
      ...namespacesOfBuilds(settings).flatMap((namespace) => sharedSecrets(namespace, settings)),
    ],
  };
}

/** The Secret of the registry's login, where the registry asks for one. */
export function pullSecretOf({ registry, registryLogin }: Settings): DnsLabel | undefined {
  return registryLogin === undefined ? undefined : registry.pullSecret;
}

/** The project's own Secret where its applications run; beside the builds only the keys that builds name. */
function projectSecrets(project: ProjectWithSecrets, settings: Settings): SecretArgs[] {
  const { secret, values, repositories, buildSecret, cloneToken } = project;
  const pick = (keys: readonly VariableName[]) =>
    Object.fromEntries([...values].filter(([key]) => keys.includes(key)));
  const own =
    secret === undefined
      ? []
      : namespacesOfApplications(project).map((namespace) => ({
          namespace,
          name: secret.name,
          data: pick(secret.keys),
        }));
  const build = namespacesOfBuilds(settings).flatMap((namespace) => {
    const built = repositories.filter(({ builder }) => namespaceOf(builder, settings) === namespace);
    const keys = built.flatMap(({ buildArgs, secrets }) => [...buildArgs, ...secrets]);
    return [
      ...(keys.length === 0 ? [] : [{ namespace, name: buildSecret, data: pick(keys) }]),
      ...(built.length === 0 || cloneToken === undefined
        ? []
        : [{ namespace, name: cloneSecret(project.name), data: { token: cloneToken } }]),
    ];
  });
  return [...own, ...build];
}

/** The cluster repositories that are not public, as Argo CD finds them (its `declarative-setup.md`, "Repositories"). */
function clusterSecrets(
  { applications, clusterKeys }: ProjectWithSecrets,
  namespace: DnsLabel,
): SecretArgs[] {
  return [...clusterKeys].map(([repository, key]) => {
    const { repositoryUrl: url = "", access } =
      applications.find((one) => one.repository === repository) ?? {};
    return {
      namespace,
      name: suffixed(objectName(repository), "repository"),
      labels: { "argocd.argoproj.io/secret-type": "repository" },
      data: {
        type: "git",
        url,
        ...(access === "deployKey" ? { sshPrivateKey: key } : { username: "x-access-token", password: key }),
      },
    };
  });
}

/** What every build's pods may need. */
function sharedSecrets(namespace: DnsLabel, { statusToken, logKeys }: Settings): SecretArgs[] {
  return [
    ...(statusToken === undefined ? [] : [{ namespace, name: statusSecret, data: { token: statusToken } }]),
    ...(logKeys === undefined ? [] : [{ namespace, name: logSecret, data: logKeys }]),
  ];
}

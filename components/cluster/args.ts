/** The inputs for the cluster and its Secrets, derived from the settings. */
import { authorities } from "../kinds/network.ts";
import type { DnsLabel, DnsSubdomain, Owner, VariableName } from "../names.ts";
import { cloneSecret, logSecret, objectName, suffixed } from "../derived-names.ts";
import { githubSecrets } from "./secrets/github-secrets.ts";
import { signingSecrets } from "./secrets/signing-secrets.ts";
import { notificationSecrets } from "./secrets/notification-secrets.ts";
import { retainedNamespaces } from "./namespaces-args.ts";
import type { SecretArgs } from "./secrets/secret-args.ts";
import { signOnSecrets } from "./secrets/sign-on-secrets.ts";
import { joinPath } from "../settings/errors.ts";
import { namespaceOf, namespacesOfApplications, namespacesOfBuilds } from "../settings/places.ts";
import type { ProjectSettings } from "../settings/resolve.ts";
import { secretNames } from "../settings/secrets.ts";
import type { Settings } from "../settings/settings.ts";
import type { OwnerAccess, RegistryLogin, SecretString } from "../settings/secret-values.ts";
import { projectSecretsOf } from "../settings/secret-values.ts";

export { namespacesArgs } from "./namespaces-args.ts";
export type { SecretArgs } from "./secrets/secret-args.ts";

export interface ClusterArgs {
  /** Context of the kubeconfig. */
  readonly context: string;
  /** UID of the namespace kube-system. Another cluster is refused. */
  readonly uid: string | undefined;
  /** Whether to take over objects that already exist. */
  readonly adoptExisting: boolean;
  /** Address of GitHub. */
  readonly githubUrl: string;
  readonly owners: ReadonlyMap<Owner, OwnerAccess>;
  /** The private key of the GitHub App; undefined if there is none. */
  readonly appKey: SecretString | undefined;
}

export function clusterArgs({ cluster, github, secrets }: Settings): ClusterArgs {
  const { context, uid, adoptExisting } = cluster;
  const { owners, appKey } = secrets;
  return { context, uid, adoptExisting, githubUrl: github.url, owners, appKey };
}

export interface CredentialsArgs {
  readonly logins: readonly LoginArgs[];
  /** The namespaces in which a Secret stays after it is removed from the stack file. */
  readonly retained: readonly DnsLabel[];
  readonly secrets: readonly SecretArgs[];
  /** Certificates of private authorities, and the namespaces whose pods read them. */
  readonly authorities: { readonly ca: string; readonly namespaces: readonly DnsLabel[] } | undefined;
}

/** A Secret with registry logins. */
export interface LoginArgs {
  readonly namespace: DnsLabel;
  readonly name: DnsSubdomain;
  readonly logins: readonly RegistryLogin[];
}

export function credentialsArgs(settings: Settings): CredentialsArgs {
  const { network, projects } = settings;
  const { ca } = network;
  return {
    logins: loginSecrets(settings),
    authorities:
      ca === undefined
        ? undefined
        : { ca, namespaces: [...namespacesOfBuilds(settings), ...readingAuthorities(settings)] },
    retained: retainedNamespaces(settings),
    secrets: [
      ...projects.flatMap((project) => projectSecrets(project, settings)),
      ...repositorySecrets(settings),
      ...notificationSecrets(settings),
      ...signOnSecrets(settings),
      ...namespacesOfBuilds(settings).flatMap((namespace) => [
        ...githubSecrets(namespace, settings),
        ...sharedSecrets(namespace, settings),
      ]),
      ...signingSecrets(settings),
    ],
  };
}

/** The namespaces besides those of builds: delivery, and Argo Workflows with single sign-on. */
function readingAuthorities({ namespaces, signOn }: Settings): DnsLabel[] {
  return [namespaces.delivery, ...(signOn?.workflows === undefined ? [] : [namespaces.workflows])];
}

/** Builds get every login, the Image Updater that of the registry, pods of applications those that they pull with. */
function loginSecrets(settings: Settings): LoginArgs[] {
  const { registry, secrets, namespaces, projects } = settings;
  const { registryLogin, pullLogins } = secrets;
  const own = registryLogin === undefined ? [] : [registryLogin];
  const ofPods = pullLogins.filter(({ applications }) => applications);
  const places: [DnsLabel[], RegistryLogin[]][] = [
    [namespacesOfBuilds(settings), [...own, ...pullLogins]],
    [[namespaces.delivery], own],
    [[...new Set(projects.flatMap(namespacesOfApplications))], [...own, ...ofPods]],
  ];
  return places
    .filter(([, logins]) => logins.length > 0)
    .flatMap(([all, logins]) => all.map((namespace) => ({ namespace, name: registry.pullSecret, logins })));
}

/** The project's own Secret for its applications, and the keys that builds use for the namespaces of its builds. */
function projectSecrets(project: ProjectSettings, settings: Settings): SecretArgs[] {
  const { name, secret, repositories, buildSecret } = project;
  const path = (...steps: string[]) => joinPath("projects", [name, ...steps]);
  const { values, cloneToken } = projectSecretsOf(settings, name);
  const pick = (keys: readonly VariableName[]) =>
    Object.fromEntries([...values].filter(([key]) => keys.includes(key)));
  const own =
    secret === undefined
      ? []
      : namespacesOfApplications(project).map((namespace) => ({
          namespace,
          name: secret.name,
          path: path("secret", "name"),
          data: pick(secret.keys),
        }));
  const build = namespacesOfBuilds(settings).flatMap((namespace) => {
    const built = repositories.filter(({ builder }) => namespaceOf(builder, settings) === namespace);
    const keys = built.flatMap(secretNames);
    // The catch-up queries all repositories, wherever they are built.
    const catchesUp = settings.builds.catchUp.enabled && namespace === settings.namespaces.builds;
    const isCloned = built.length > 0 || (catchesUp && repositories.length > 0);
    return [
      ...(keys.length === 0
        ? []
        : [{ namespace, name: buildSecret, path: path("buildSecret"), data: pick(keys) }]),
      ...(!isCloned || cloneToken === undefined
        ? []
        : [{ namespace, name: cloneSecret(name), path: path("private"), data: { token: cloneToken } }]),
    ];
  });
  return [...own, ...build];
}

/**
 * A Secret for each cluster repository that is not public, in the form that Argo CD looks for (its
 * `declarative-setup.md`, "Repositories").
 */
function repositorySecrets(settings: Settings): SecretArgs[] {
  const { namespaces, projects } = settings;
  const listed = projects.flatMap(({ name, applications }) =>
    applications.map(({ repository, repositoryUrl, access }, index) => ({
      ...{ repository, repositoryUrl, access },
      key: projectSecretsOf(settings, name).clusterKeys.get(repository),
      path: joinPath("projects", [name, "applications", index, "repository"]),
    })),
  );
  const distinct = listed.filter(
    ({ repositoryUrl }, index) => listed.findIndex((one) => one.repositoryUrl === repositoryUrl) === index,
  );
  return distinct.flatMap(({ repository, repositoryUrl: url, access, key, path }) => {
    if (key === undefined) return [];
    return {
      namespace: namespaces.delivery,
      name: suffixed(objectName(repository), "repository"),
      path,
      labels: { "argocd.argoproj.io/secret-type": "repository" },
      data: {
        type: "git",
        url,
        ...(access === "deployKey" ? { sshPrivateKey: key } : { username: "x-access-token", password: key }),
      },
    };
  });
}

/** Secrets for the pods of all builds. */
function sharedSecrets(namespace: DnsLabel, { builds, network, secrets }: Settings): SecretArgs[] {
  const { logKeys } = secrets;
  // Argo reads an object store's authority only from a Secret.
  const ca =
    builds.logs?.privateCa === true && network.ca !== undefined ? { [authorities.key]: network.ca } : {};
  if (logKeys === undefined) return [];
  return [{ namespace, name: logSecret, path: "builds.logs", data: { ...logKeys, ...ca } }];
}

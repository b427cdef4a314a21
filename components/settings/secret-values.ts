/** The secret values of a stack, each marked as one. */
import * as pulumi from "@pulumi/pulumi";
import { entries } from "../entries.ts";
import type { Channel } from "../kinds/notifications.ts";
import { ownerStatusSecret, statusSecret } from "../derived-names.ts";
import type { DnsLabel, Owner, RegistryHost, RepositoryName, VariableName } from "../names.ts";
import { installationOf, ownersOf } from "./github.ts";
import { webhooksOf } from "./notifications.ts";
import type { Parsed } from "./parse.ts";
import type { ProjectSettings } from "./resolve.ts";
import { reportsToGitHub } from "./secrets.ts";

/** A value that stays a secret in the state, in the output and in logs. */
export type Secret = pulumi.Output<string>;

/** Every secret value of the stack, each marked as one. */
export interface SecretValues {
  /** By what the repositories of each owner are used. */
  readonly owners: ReadonlyMap<Owner, OwnerAccess>;
  /** The private key of the GitHub App; absent where there is none. */
  readonly appKey: Secret | undefined;
  /** The keys of the object store for logs; absent where there is none. */
  readonly logKeys: { readonly accessKey: Secret; readonly secretKey: Secret } | undefined;
  /** The key pair that signs images; absent where none is signed. */
  readonly signingKey: { readonly key: Secret; readonly password: Secret } | undefined;
  /** The login of the registry; absent where the registry asks for none, or where something else makes its Secret. */
  readonly registryLogin: RegistryLogin | undefined;
  /** That of the client with which the dashboards ask who signs on; absent where nobody does. */
  readonly signOn: Secret | undefined;
  /** The logins of other registries, to pull. */
  readonly pullLogins: readonly PullLogin[];
  readonly projects: ReadonlyMap<DnsLabel, ProjectSecrets>;
}

export type OwnerAccess = AppInstallation | OwnerTokens;

/** The GitHub App of the stack, as an owner has installed it. */
export interface AppInstallation {
  readonly app: number;
  readonly installation: number;
}

export interface OwnerTokens {
  readonly app?: never;
  /** Makes webhooks. */
  readonly githubToken: Secret;
  /** For commit statuses and Deployments; absent where builds report neither. */
  readonly status: { readonly secret: DnsLabel; readonly token: Secret } | undefined;
}

export interface RegistryLogin {
  readonly host: RegistryHost;
  readonly username: string;
  readonly email: string | undefined;
  readonly password: Secret;
}

export interface PullLogin extends RegistryLogin {
  /** Whether pods of applications pull with it too. */
  readonly applications: boolean;
}

export interface ProjectSecrets {
  /** The value of a key that the project's Secret or its builds name. */
  readonly values: ReadonlyMap<VariableName, Secret>;
  /** Reads the repositories; absent where everybody may, or where the GitHub App makes it. */
  readonly cloneToken: Secret | undefined;
  /** The token or deploy key of each cluster repository that is not public, by its name. */
  readonly clusterKeys: ReadonlyMap<RepositoryName, Secret>;
  /** What is secret of each channel by which people are notified: its address, or the password of mail. */
  readonly channels: ReadonlyMap<Channel, Secret>;
}

/** Marks every secret as one, whether the stack file encrypts it or not. */
export function secretValues(settings: Parsed): SecretValues {
  const { secrets, builds, projects } = settings;
  return {
    owners: new Map(ownersOf(projects).map((owner) => [owner, ownerAccess(owner, settings)])),
    appKey: settings.github.app && required(secrets.githubAppKey),
    logKeys: builds.logs && {
      accessKey: required(secrets.logs?.accessKey),
      secretKey: required(secrets.logs?.secretKey),
    },
    signingKey: signingKey(settings),
    registryLogin: registryLogin(settings),
    signOn: settings.signOn && required(secrets.signOn),
    pullLogins: pullLogins(settings),
    projects: new Map(projects.map((project) => [project.name, projectSecrets(project, settings)])),
  };
}

function ownerAccess(owner: Owner, settings: Parsed): OwnerAccess {
  const { app } = settings.github;
  const installation = installationOf(app, owner);
  if (app !== undefined && installation !== undefined) return { app: app.id, installation };
  const { githubToken, statusToken, owners } = settings.secrets;
  const own = owners[owner]?.statusToken;
  const secret = own === undefined ? statusSecret : ownerStatusSecret(owner);
  return {
    githubToken: required(owners[owner]?.githubToken ?? githubToken),
    status: reportsToGitHub(settings) ? { secret, token: required(own ?? statusToken) } : undefined,
  };
}

function signingKey({ secrets, projects }: Parsed): SecretValues["signingKey"] {
  if (!projects.some(({ repositories }) => repositories.some(({ signing }) => signing))) return undefined;
  return { key: required(secrets.signing?.key), password: required(secrets.signing?.password) };
}

function registryLogin({ registry: { host, username, email }, secrets }: Parsed): RegistryLogin | undefined {
  if (username === undefined) return undefined;
  return { host, username, email, password: required(secrets.registryPassword) };
}

function pullLogins({ registries, secrets }: Parsed): PullLogin[] {
  return entries(registries).flatMap(([host, { username, applications }]) => {
    if (username === undefined) return [];
    return [
      {
        host,
        username,
        email: undefined,
        password: required(secrets.registries[host]),
        applications,
      },
    ];
  });
}

function projectSecrets(project: ProjectSettings, settings: Parsed): ProjectSecrets {
  const { name, owner, private: hidden, applications } = project;
  const { secrets, github } = settings;
  const values = Object.entries(secrets.projects[name] ?? {});
  const closed = applications.filter(({ access }) => access !== "public");
  return {
    values: new Map(values.map(([key, value]) => [key as VariableName, pulumi.secret(value)])),
    cloneToken:
      hidden && installationOf(github.app, owner) === undefined
        ? required(secrets.cloneTokens[name])
        : undefined,
    clusterKeys: new Map(
      closed.map(({ repository }) => [repository, required(secrets.clusterRepositories[repository])]),
    ),
    channels: new Map(channelSecrets(project, settings)),
  };
}

function channelSecrets(project: ProjectSettings, { secrets, mail }: Parsed): [Channel, Secret][] {
  const { name, notifications } = project;
  const isMailed = notifications?.to.includes("mail") === true && mail?.username !== undefined;
  return [
    ...webhooksOf(project).map((channel): [Channel, Secret] => [
      channel,
      required(secrets.notifications[name]?.[channel]),
    ]),
    ...(isMailed ? [["mail", required(secrets.mail)] satisfies [Channel, Secret]] : []),
  ];
}

/** @throws Error where a value is missing that the rules have asked for: a mistake in the program */
function required(value: string | undefined): Secret {
  if (value === undefined) throw new Error("a secret is missing that no rule has asked for");
  return pulumi.secret(value);
}

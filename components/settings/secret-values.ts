/** The secret values of a stack, each marked as secret for Pulumi. */
import * as pulumi from "@pulumi/pulumi";
import { entries } from "../entries.ts";
import type { Channel } from "../kinds/notifications.ts";
import { cloneSecret, ownerStatusSecret, statusSecret } from "../derived-names.ts";
import type { DnsLabel, Owner, RegistryHost, RepositoryName, VariableName } from "../names.ts";
import { installationOf, ownersOf } from "./github.ts";
import { webhooksOf } from "./notifications.ts";
import type { Parsed } from "./parse.ts";
import { githubApi } from "./places.ts";
import type { ProjectSettings } from "./resolve.ts";
import { reportsToGitHub } from "./secrets.ts";

/** A value that stays a secret in the state, in the output and in logs. */
export type SecretString = pulumi.Output<string>;

export interface SecretValues {
  /** How the repositories of each owner are accessed. */
  readonly owners: ReadonlyMap<Owner, OwnerAccess>;
  /** The tokens for commit statuses and Deployments; none for an owner with tokens if builds report neither. */
  readonly reportTokens: ReadonlyMap<Owner, TokenSource>;
  /** The private key of the GitHub App; undefined if there is none. */
  readonly appKey: SecretString | undefined;
  /** The keys of the object store for logs; undefined if there is none. */
  readonly logKeys: { readonly accessKey: SecretString; readonly secretKey: SecretString } | undefined;
  /** The key pair that signs images; undefined if none is signed. */
  readonly signingKey: { readonly key: SecretString; readonly password: SecretString } | undefined;
  /** The login of the registry; undefined if it needs none, or if something else creates its Secret. */
  readonly registryLogin: RegistryLogin | undefined;
  /** The secret of the dashboards' single sign-on client; undefined without single sign-on. */
  readonly signOn: SecretString | undefined;
  /** The logins of other registries, to pull. */
  readonly pullLogins: readonly PullLogin[];
  readonly projects: ReadonlyMap<DnsLabel, ProjectSecrets>;
}

export type OwnerAccess = AppTokens | OwnerTokens;

/** The source of a token: a Secret with the key `token`, or the GitHub App, which issues tokens for an hour. */
export type TokenSource = DnsLabel | AppTokens;

/** The GitHub App, as an owner has installed it. */
export interface AppTokens {
  /** The IDs of the App and of its installation. */
  readonly app: number;
  readonly installation: number;
  /** The URL of GitHub's API. */
  readonly api: string;
}

export interface OwnerTokens {
  readonly app?: never;
  /** Creates webhooks. */
  readonly githubToken: SecretString;
  /** For commit statuses and Deployments; undefined if builds report neither. */
  readonly status: { readonly secret: DnsLabel; readonly token: SecretString } | undefined;
}

export interface RegistryLogin {
  readonly host: RegistryHost;
  readonly username: string;
  readonly email: string | undefined;
  readonly password: SecretString;
}

export interface PullLogin extends RegistryLogin {
  /** Whether pods of applications pull with it too. */
  readonly applications: boolean;
}

export interface ProjectSecrets {
  /** The values of the keys that the project's Secret or its builds name. */
  readonly values: ReadonlyMap<VariableName, SecretString>;
  /** Reads the repositories; undefined if they are public, or if the GitHub App creates the token. */
  readonly cloneToken: SecretString | undefined;
  /** Where builds get the token that reads the repositories; undefined if these are public. */
  readonly cloneSource: TokenSource | undefined;
  /** The token or deploy key of each cluster repository that is not public, by its name. */
  readonly clusterKeys: ReadonlyMap<RepositoryName, SecretString>;
  /** The secret of each notification channel: its address, or the mail password. */
  readonly channels: ReadonlyMap<Channel, SecretString>;
}

/** Marks every value as secret, whether the stack file encrypts it or not. */
export function secretValues(settings: Parsed): SecretValues {
  const { secrets, builds, projects } = settings;
  const owners = new Map(ownersOf(projects).map((owner) => [owner, ownerAccess(owner, settings)]));
  return {
    owners,
    reportTokens: new Map([...owners].flatMap(([owner, access]) => reportToken(owner, access))),
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

/** The secret values of a project. */
export function projectSecretsOf(
  { secrets }: { readonly secrets: SecretValues },
  name: DnsLabel,
): ProjectSecrets {
  const found = secrets.projects.get(name);
  if (found === undefined) throw new Error(`there is no project ${name}`);
  return found;
}

function ownerAccess(owner: Owner, settings: Parsed): OwnerAccess {
  const app = appTokens(owner, settings);
  if (app !== undefined) return app;
  const { githubToken, statusToken, owners } = settings.secrets;
  const own = owners[owner]?.statusToken;
  const secret = own === undefined ? statusSecret : ownerStatusSecret(owner);
  return {
    githubToken: required(owners[owner]?.githubToken ?? githubToken),
    status: reportsToGitHub(settings) ? { secret, token: required(own ?? statusToken) } : undefined,
  };
}

function appTokens(owner: Owner, settings: Parsed): AppTokens | undefined {
  const { app } = settings.github;
  const installation = installationOf(app, owner);
  if (app === undefined || installation === undefined) return undefined;
  return { app: app.id, installation, api: githubApi(settings) };
}

function reportToken(owner: Owner, access: OwnerAccess): [Owner, TokenSource][] {
  const token = access.app === undefined ? access.status?.secret : access;
  return token === undefined ? [] : [[owner, token]];
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
  const { secrets } = settings;
  const app = appTokens(owner, settings);
  const values = Object.entries(secrets.projects[name] ?? {});
  const closed = applications.filter(({ access }) => access !== "public");
  return {
    values: new Map(values.map(([key, value]) => [key as VariableName, pulumi.secret(value)])),
    cloneToken: hidden && app === undefined ? required(secrets.cloneTokens[name]) : undefined,
    cloneSource: hidden ? (app ?? cloneSecret(name)) : undefined,
    clusterKeys: new Map(
      closed.map(({ repository }) => [repository, required(secrets.clusterRepositories[repository])]),
    ),
    channels: new Map(channelSecrets(project, settings)),
  };
}

function channelSecrets(project: ProjectSettings, { secrets, mail }: Parsed): [Channel, SecretString][] {
  const { name, notifications } = project;
  const isMailed = notifications?.to.includes("mail") === true && mail?.username !== undefined;
  return [
    ...webhooksOf(project).map((channel): [Channel, SecretString] => [
      channel,
      required(secrets.notifications[name]?.[channel]),
    ]),
    ...(isMailed ? [["mail", required(secrets.mail)] satisfies [Channel, SecretString]] : []),
  ];
}

/** @throws Error if a value is missing that the rules require, which is a bug */
function required(value: string | undefined): SecretString {
  if (value === undefined) throw new Error("a required secret is missing, but no rule reported it");
  return pulumi.secret(value);
}

/** The only reader of the stack's configuration: one parse into typed settings, all errors reported at once. */
import * as pulumi from "@pulumi/pulumi";
import type { RepositoryName, VariableName } from "../names.ts";
import { describeErrors } from "./errors.ts";
import type { Parsed } from "./parse.ts";
import { parseConfig } from "./parse.ts";
import type { ProjectSettings } from "./resolve.ts";
import { reportsToGitHub } from "./secrets.ts";

export type { Ingress } from "./schema.ts";
export type { ApplicationSettings, ProjectSettings, RepositorySettings } from "./resolve.ts";

/** A value that stays a secret in the state, in the output and in logs. */
export type Secret = pulumi.Output<string>;

export interface Settings extends Omit<Parsed, "secrets" | "projects"> {
  /** The stack's name. */
  readonly stack: string;
  readonly projects: readonly ProjectWithSecrets[];
  readonly githubToken: Secret;
  /** For commit statuses and Deployments; absent where builds report neither. */
  readonly statusToken: Secret | undefined;
  /** The keys of the object store for logs; absent where there is none. */
  readonly logKeys: { readonly accessKey: Secret; readonly secretKey: Secret } | undefined;
  /** The login of the registry; absent where the registry asks for none. */
  readonly registryLogin: RegistryLogin | undefined;
}

export interface RegistryLogin {
  readonly username: string;
  readonly email: string | undefined;
  readonly password: Secret;
}

export interface ProjectWithSecrets extends ProjectSettings {
  /** The value of a key that the project's Secret or its builds name. */
  readonly values: ReadonlyMap<VariableName, Secret>;
  /** Reads the repositories; absent where everybody may. */
  readonly cloneToken: Secret | undefined;
  /** The token or deploy key of each cluster repository that is not public, by its name. */
  readonly clusterKeys: ReadonlyMap<RepositoryName, Secret>;
}

/**
 * Reads the stack's configuration.
 * @throws pulumi.RunError with every error: its path, value, rule and fix. The engine shows it without a stack trace.
 */
export function readSettings(): Settings {
  const { settings, errors } = parseConfig(rawConfig(pulumi.getProject(), pulumi.runtime.allConfig()));
  if (settings === undefined) {
    throw new pulumi.RunError(
      describeErrors(`Pulumi.${pulumi.getStack()}.yaml`, pulumi.getProject(), errors),
    );
  }
  return withSecrets(settings);
}

/** The configuration of this project, without its prefix. The engine hands objects over as JSON, text as it is. */
function rawConfig(project: string, config: Readonly<Record<string, string>>): Record<string, unknown> {
  const prefix = `${project}:`;
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), /^[{[]/.test(text) ? JSON.parse(text) : text]),
  );
}

/** Marks every secret as one, whether the stack file encrypts it or not. */
function withSecrets({ secrets, projects, ...settings }: Parsed): Settings {
  const { registry, builds } = settings;
  const { username, email } = registry;
  // The parser has seen that every value is there.
  const password = pulumi.secret(secrets.registryPassword ?? "");
  const { accessKey = "", secretKey = "" } = secrets.logs ?? {};
  return {
    ...settings,
    stack: pulumi.getStack(),
    githubToken: pulumi.secret(secrets.githubToken ?? ""),
    statusToken: reportsToGitHub(settings) ? pulumi.secret(secrets.statusToken ?? "") : undefined,
    logKeys: builds.logs && { accessKey: pulumi.secret(accessKey), secretKey: pulumi.secret(secretKey) },
    registryLogin: username === undefined ? undefined : { username, email, password },
    projects: projects.map((project) => ({
      ...project,
      values: new Map(
        Object.entries(secrets.projects[project.name] ?? {}).map(([key, value]) => [
          key as VariableName,
          pulumi.secret(value),
        ]),
      ),
      clusterKeys: new Map(
        project.applications
          .filter(({ access }) => access !== "public")
          .map(({ repository }) => [
            repository,
            pulumi.secret(secrets.clusterRepositories[repository] ?? ""),
          ]),
      ),
      cloneToken: project.private ? pulumi.secret(secrets.cloneTokens[project.name] ?? "") : undefined,
    })),
  };
}

/** The secret values that a stack needs, and those that nothing reads. */
import { entries } from "../entries.ts";
import type { SettingError } from "./errors.ts";
import { joinPath, setSecret } from "./errors.ts";
import { unknownKeyFix } from "../checks.ts";
import { installationOf, usesStackToken } from "./github.ts";
import { unknownChannels, webhooksOf } from "./notifications.ts";
import type { Readable } from "./readable.ts";
import { showsUse } from "./readable.ts";
import type { Project } from "./project-schema.ts";
import type { Secrets } from "./secret-schema.ts";
import { signsImages } from "./signing.ts";

/** Values under `secrets` that nothing reads: most often a misspelled name. */
export function unknownSecrets(config: Readable): SettingError[] {
  const { projects, secrets } = config;
  return [
    ...unknownProjects(config, "cloneTokens"),
    ...unknownProjects(config, "projects"),
    ...unknownProjects(config, "notifications"),
    ...unknownRegistries(config),
    ...(showsUse(config) ? [...unknownChannels(config), ...unknownClusterRepositories(config)] : []),
    ...entries(secrets?.projects ?? {}).flatMap(([key, values]) => {
      const project = projects[key];
      return project === undefined ? [] : unknownKeys(key, project, values);
    }),
  ];
}

function unknownProjects(
  { secrets, raw }: Readable,
  field: "cloneTokens" | "projects" | "notifications",
): SettingError[] {
  const declared = entries(raw["projects"]).map(([key]) => key);
  return entries<unknown>(secrets?.[field] ?? {})
    .filter(([key]) => !declared.includes(key))
    .map(([key]) => ({
      path: joinPath(`secrets.${field}`, [key]),
      rule: "unknown project",
      fix: unknownKeyFix(key, declared),
    }));
}

function unknownRegistries({ stack, secrets }: Readable): SettingError[] {
  if (stack.registries === undefined) return [];
  const known = hostsWithLogin(stack.registries);
  return Object.keys(secrets?.registries ?? {})
    .filter((key) => !known.includes(key))
    .map((key) => ({
      path: joinPath("secrets.registries", [key]),
      rule: "no `username` in `registries` uses this password",
      fix: unknownKeyFix(key, known),
    }));
}

function hostsWithLogin(registries: NonNullable<Readable["stack"]["registries"]>): string[] {
  return entries(registries).flatMap(([host, { username }]) => (username === undefined ? [] : [host]));
}

function unknownClusterRepositories({ projects, secrets }: Readable): SettingError[] {
  const known = [...clusterRepositories(projects).keys()];
  return Object.keys(secrets?.clusterRepositories ?? {})
    .filter((key) => !known.includes(key))
    .map((key) => ({
      path: joinPath("secrets.clusterRepositories", [key]),
      rule: "no application's `access` uses a token or deploy key for this repository",
      fix: unknownKeyFix(key, known),
    }));
}

/** The cluster repositories that are not public. */
function clusterRepositories(projects: Readable["projects"]): ReadonlySet<string> {
  const all = entries(projects).flatMap(([, { applications }]) => applications);
  return new Set(all.filter(({ access }) => access !== "public").map(({ repository }) => repository));
}

function unknownKeys(
  key: string,
  project: Project,
  values: Readonly<Record<string, string>>,
): SettingError[] {
  const known = secretKeys(project);
  return Object.keys(values)
    .filter((value) => !known.includes(value))
    .map((value) => ({
      path: joinPath("secrets.projects", [key, value]),
      rule: `no build uses this, and projects.${key}.secret has no key of this name`,
      fix: unknownKeyFix(value, known),
    }));
}

type RequiredSecret = [path: string, value: string | undefined];

/** Every secret that the stack needs and that has no value. */
export function missingSecrets(config: Readable): SettingError[] {
  const { stack, projects, secrets } = config;
  // What cannot be read is already reported.
  if (secrets === undefined) return [];
  const required: RequiredSecret[] = [
    ...githubSecrets(config, secrets),
    ...when(stack.signOn !== undefined, ["signOn", secrets.signOn]),
    ...when(stack.mail?.username !== undefined, ["mail", secrets.mail]),
    ...when(stack.registry?.username !== undefined, ["registryPassword", secrets.registryPassword]),
    ...hostsWithLogin(stack.registries ?? {}).map((host): RequiredSecret => [
      joinPath("registries", [host]),
      secrets.registries[host],
    ]),
    ...buildSecrets(config, secrets),
    ...[...clusterRepositories(projects)].map((key): RequiredSecret => [
      joinPath("clusterRepositories", [key]),
      secrets.clusterRepositories[key],
    ]),
    ...entries(projects).flatMap(([key, project]) => [
      ...when(project.private && installationOf(stack.github?.app, project.owner) === undefined, [
        joinPath("cloneTokens", [key]),
        secrets.cloneTokens[key],
      ]),
      ...webhooksOf(project).map((channel): RequiredSecret => [
        joinPath("notifications", [key, channel]),
        secrets.notifications[key]?.[channel],
      ]),
      ...secretKeys(project).map((name): RequiredSecret => [
        joinPath("projects", [key, name]),
        secrets.projects[key]?.[name],
      ]),
    ]),
  ];
  return required.flatMap(([name, value]) => (value === undefined ? [missing(`secrets.${name}`)] : []));
}

/** Those of the stack as a whole; `missingSecrets` has those of projects. */
function githubSecrets(config: Readable, secrets: Secrets): RequiredSecret[] {
  const { stack } = config;
  return [
    ...when(usesStackToken(config, "githubToken"), ["githubToken", secrets.githubToken]),
    ...when(reportsToGitHub(stack) && usesStackToken(config, "statusToken"), [
      "statusToken",
      secrets.statusToken,
    ]),
    ...when(stack.github?.app !== undefined, ["githubAppKey", secrets.githubAppKey]),
  ];
}

/** Those of all builds. */
function buildSecrets(config: Readable, { logs, signing }: Secrets): RequiredSecret[] {
  return [
    ...when(
      config.stack.builds?.logs !== undefined,
      ["logs.accessKey", logs?.accessKey],
      ["logs.secretKey", logs?.secretKey],
    ),
    ...when(signsImages(config), ["signing.key", signing?.key], ["signing.password", signing?.password]),
  ];
}

/** Whether builds report to GitHub. */
export function reportsToGitHub({ github, delivery }: Readable["stack"]): boolean {
  return github?.statuses === true || (github?.deployments === true && delivery?.wait === true);
}

function when(needed: boolean | undefined, ...required: RequiredSecret[]): RequiredSecret[] {
  return needed === true ? required : [];
}

function missing(path: string): SettingError {
  return {
    path,
    rule: "a secret without a value",
    fix: setSecret(path),
    missingSecret: true,
  };
}

/** The keys whose values a repository's build needs. */
export function secretNames<Name extends string>(repository: {
  readonly buildArgs: readonly Name[];
  readonly secrets: readonly Name[];
}): Name[] {
  return [...repository.buildArgs, ...repository.secrets];
}

/** The keys whose values a project needs: those of its Secret and those that its builds name. */
export function secretKeys(project: Pick<Project, "secret" | "repositories">): string[] {
  const named = project.repositories.flatMap(secretNames);
  return [...new Set<string>([...(project.secret?.keys ?? []), ...named])];
}

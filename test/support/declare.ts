/** Evaluates the real program on a configuration and returns what it declares. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Evaluation, Stack } from "../../tools/offline/evaluate.ts";
import type { Rendered } from "../../tools/offline/render.ts";
import { isObject, render } from "../../tools/offline/render.ts";
import { evaluateApart } from "./evaluator.ts";
import { engineConfig, fullKey, ownKeys, prefixed } from "../../components/settings/config-keys.ts";

export const root = join(import.meta.dirname, "../..");
export const project = "argo-cicd";

/** A stack's configuration without the prefix of its keys. */
export type Config = Record<string, unknown>;

/** A committed stack file, with a value for each secret that it needs. */
export function stackConfig(stack: string): Config {
  const file = parse(readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8")) as { config: Config };
  const config = ownKeys(project, file.config);
  return { ...config, secrets: secretsFor(config) };
}

/** All namespaces that the committed stacks protect. */
export const deletableNamespaces = ["argo", "argo-events", "argocd", "ci", "rook-ceph", "traefik"];

interface ProjectConfig {
  readonly secret?: { readonly keys: readonly string[] };
  readonly private?: boolean;
  readonly applications?: readonly { readonly repository: string; readonly access?: string }[];
  readonly repositories?: readonly (
    string | { readonly buildArgs?: string[]; readonly secrets?: string[] }
  )[];
}

/** A different value for each secret, so that a test can search for it. */
export function secretsFor(config: Config): Config {
  const projects = Object.entries(config["projects"] as Record<string, ProjectConfig>);
  const values = projects.map(([name, { secret, repositories = [] }]) => {
    const named = repositories.flatMap((one) =>
      typeof one === "string" ? [] : [...(one.buildArgs ?? []), ...(one.secrets ?? [])],
    );
    const keys = [...(secret?.keys ?? []), ...named];
    return [name, Object.fromEntries(keys.map((key) => [key, `secret value of ${name} ${key}`]))];
  });
  const cloned = projects.filter(([, one]) => one.private === true);
  const closed = projects.flatMap(([, { applications = [] }]) =>
    applications.filter(({ access = "public" }) => access !== "public"),
  );
  const { logs } = (config["builds"] ?? {}) as { logs?: unknown };
  return {
    githubToken: "secret token of GitHub",
    statusToken: "secret token of statuses",
    registryPassword: "secret password of the registry",
    cloneTokens: Object.fromEntries(cloned.map(([name]) => [name, `secret token that clones ${name}`])),
    clusterRepositories: Object.fromEntries(
      closed.map(({ repository }) => [repository, `secret key of ${repository}`]),
    ),
    ...(logs === undefined
      ? {}
      : { logs: { accessKey: "secret access key of logs", secretKey: "secret secret key of logs" } }),
    ...(config["signOn"] === undefined ? {} : { signOn: "secret of the client that signs on" }),
    projects: Object.fromEntries(values),
  };
}

/** A small stack file, with a test's differences. */
export function smallConfig(differences: Config = {}): Config {
  const config: Config = {
    cluster: { context: "test", storageClass: "standard" },
    branch: "main",
    registry: { host: "registry.example:5000", namespace: "team" },
    projects: { shop: smallProject() },
    ...differences,
  };
  return { secrets: secretsFor(config), ...config };
}

/** The project of the small stack. */
export function smallProject() {
  return {
    owner: "acme",
    webhook: { url: "https://ci.example/shop" },
    repositories: ["web"],
    applications: [{ name: "shop", repository: "shop-cluster", path: "k8s" }],
  };
}

export function declare(config: Config, stack = "test"): Promise<Evaluation> {
  return evaluateApart(stackOf(config, stack));
}

/** A configuration as Pulumi passes it. */
export function stackOf(config: Config, stack = "test"): Stack {
  return {
    project,
    stack,
    config: engineConfig(prefixed(project, config)),
    secretKeys: [fullKey(project, "secrets")],
  };
}

/** The declared objects as files: path -> YAML. */
export async function declaredFiles(config: Config, stack?: string): Promise<Map<string, string>> {
  const { declared } = await declare(config, stack);
  return new Map(
    render(declared)
      .filter(isObject)
      .map(({ path, text }: Rendered) => [path, text()]),
  );
}

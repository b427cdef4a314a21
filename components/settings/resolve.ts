/** From what a stack file says to what components need: defaults filled in, derived names made. */
import * as names from "../names.ts";
import type { Application } from "./application-schema.ts";
import type { BuilderName } from "../builds/builders/builders.ts";
import type { Project, Repository, Tags } from "./project-schema.ts";
import type { TopLevel } from "./schema.ts";

/** A repository that is built, with everything that its build needs. */
export interface RepositorySettings {
  readonly name: names.RepositoryName;
  /** The repository's name, or that of one of its services. */
  readonly service: names.RepositoryName;
  /** Whether the repository's name says too little: it holds several services, or only some of its paths matter. */
  readonly partial: boolean;
  readonly paths: readonly string[];
  /** Names its Kubernetes objects. */
  readonly object: names.DnsLabel;
  /** `owner/name`. */
  readonly slug: string;
  readonly cloneUrl: string;
  /** Image without a tag. */
  readonly image: string;
  readonly tags: Tags;
  readonly dockerfile: string;
  readonly context: string | undefined;
  readonly target: string | undefined;
  readonly buildArgs: readonly names.VariableName[];
  readonly secrets: readonly names.VariableName[];
  readonly submodules: boolean;
  /** Where its layers are kept; absent where they are not. */
  readonly cache: { readonly repository: string; readonly lifetime: number } | undefined;
  readonly builder: BuilderName;
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Seconds. */
  readonly timeLimit: number;
  /** Holds what is deployed at a commit. */
  readonly pin: names.Commit | undefined;
}

/** An application of Argo CD. */
export interface ApplicationSettings {
  readonly name: names.DnsLabel;
  /** The cluster repository, of the project's owner. */
  readonly repository: names.RepositoryName;
  /** That of SSH where there is a deploy key. */
  readonly repositoryUrl: string;
  readonly access: Application["access"];
  readonly helm: Application["helm"];
  readonly writeBack: Application["writeBack"];
  /** Address of what runs. */
  readonly url: string | undefined;
  readonly path: string;
  readonly revision: names.Branch;
  readonly namespace: names.DnsLabel;
  /** The repositories whose images it follows. */
  readonly follows: readonly RepositorySettings[];
  readonly onRemoval: Application["onRemoval"];
}

/** Where a project's deliveries arrive. */
export interface WebhookSettings {
  readonly url: string;
  readonly host: string;
  /** Path of the URL: that of the Ingress and of the EventSource's endpoint. */
  readonly path: string;
  /** Port of the EventSource's pod: one for each project, since projects may use the same path on different hosts. */
  readonly port: number;
  readonly nodePort: number | undefined;
}

export interface ProjectSettings {
  readonly name: names.DnsLabel;
  readonly owner: names.Owner;
  readonly branch: names.Branch;
  readonly webhook: WebhookSettings;
  readonly secret: Project["secret"];
  readonly private: boolean;
  readonly buildSecret: names.DnsLabel;
  readonly repositories: readonly RepositorySettings[];
  readonly applications: readonly ApplicationSettings[];
  readonly clusterKinds: Project["clusterKinds"];
}

export function resolveProject(name: names.DnsLabel, project: Project, stack: TopLevel): ProjectSettings {
  const branch = project.branch ?? stack.branch;
  const repositories = project.repositories.map((one) => resolveRepository(one, project, stack));
  return {
    name,
    owner: project.owner,
    branch,
    webhook: resolveWebhook(name, project.webhook),
    secret: project.secret,
    private: project.private,
    buildSecret: project.buildSecret ?? names.buildSecret(name),
    repositories,
    applications: project.applications.map((one) =>
      resolveApplication(one, project.owner, branch, repositories, stack),
    ),
    clusterKinds: project.clusterKinds,
  };
}

function resolveRepository(one: Repository, project: Project, stack: TopLevel): RepositorySettings {
  const { name, paths, service = name } = one;
  const slug = `${project.owner}/${name}`;
  const namespace = project.imageNamespace ?? stack.registry.namespace;
  const image = names.imageName(stack.registry.host, namespace, service);
  const { dockerfile, context, target, buildArgs, secrets, submodules, pin } = one;
  return {
    ...{
      name,
      service,
      paths,
      slug,
      image,
      dockerfile,
      context,
      target,
      buildArgs,
      secrets,
      submodules,
      pin,
    },
    partial: service !== name || paths.length > 0,
    object: names.objectName(service),
    cloneUrl: `${stack.github.url}/${slug}.git`,
    cache: one.cache ? resolveCache(image, stack.builds.cache) : undefined,
    tags: one.tags ?? stack.tags,
    builder: one.builder ?? stack.builds.builder,
    resources: one.resources ?? stack.builds.resources,
    timeLimit: one.timeLimit ?? stack.builds.timeLimit,
  };
}

function resolveCache(image: string, { enabled, repository, lifetime }: TopLevel["builds"]["cache"]) {
  return enabled ? { repository: repository.replace("{image}", image), lifetime } : undefined;
}

function resolveApplication(
  one: Application,
  owner: names.Owner,
  branch: names.Branch,
  repositories: readonly RepositorySettings[],
  stack: TopLevel,
): ApplicationSettings {
  const { name, repository, access, helm, writeBack, url, path, images, namespace } = one;
  const { host } = new URL(stack.github.url);
  const slug = `${owner}/${repository}.git`;
  return {
    ...{ name, repository, access, helm, writeBack, url, path, namespace },
    repositoryUrl: access === "deployKey" ? `git@${host}:${slug}` : `${stack.github.url}/${slug}`,
    revision: one.revision ?? branch,
    follows:
      images === undefined ? repositories : repositories.filter(({ service }) => images.includes(service)),
    onRemoval: one.onRemoval,
  };
}

function resolveWebhook(project: names.DnsLabel, webhook: Project["webhook"]): WebhookSettings {
  const { hostname, pathname } = new URL(webhook.url);
  return {
    url: webhook.url,
    host: hostname,
    path: pathname,
    port: webhook.port ?? names.eventPort(project),
    nodePort: webhook.nodePort,
  };
}

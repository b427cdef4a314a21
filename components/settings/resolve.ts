/** Resolves a stack file into what components need: fills in defaults and derives names. */
import * as derived from "../derived-names.ts";
import type * as names from "../names.ts";
import type { Application } from "./application-schema.ts";
import type { Architecture } from "./build-schema.ts";
import { architectureLabel, architectures } from "./build-schema.ts";
import type { BuilderName } from "../builds/builders/builders.ts";
import type { Toleration } from "../kinds/kubernetes.ts";
import type { Project, Repository, Tags } from "./project-schema.ts";
import type { TopLevel } from "./schema.ts";
import type { ListenerSettings } from "./listener.ts";
import { resolveListener } from "./listener.ts";
import { buildsOtherBranches, buildsPullRequests } from "./built-refs.ts";
import { isSigned } from "./signing.ts";

/** Keys that a repository may leave out: their values are derived or inherited. */
type Inherited =
  | ("service" | "image" | "tags" | "resources" | "timeLimit" | "builder" | "cache" | "signing")
  | ("nodeSelector" | "tolerations" | "architecture" | "builderFlags" | "pullRequests");

/** A repository that is built: its keys in the stack file, and what is derived from them. */
export interface RepositorySettings extends Readonly<Omit<Repository, Inherited>> {
  /** The repository's name, or that of one of its services. */
  readonly service: names.RepositoryName;
  /** Whether the entry is only a part of the repository: one of several services, or some of its paths. */
  readonly partial: boolean;
  /** The name of its Kubernetes objects. */
  readonly object: names.DnsLabel;
  /** `owner/name`. */
  readonly slug: string;
  readonly cloneUrl: string;
  /** Image without a tag. */
  readonly image: string;
  readonly tags: Tags;
  /** Where its layers are stored, and for how many seconds; undefined if they are not. */
  readonly cache: { readonly repository: string; readonly lifetime: number } | undefined;
  readonly builder: BuilderName;
  readonly builderFlags: readonly string[];
  readonly resources: { readonly cpu: string; readonly memory: string; readonly disk: string | undefined };
  /** The architectures in the index of the image, in its order; empty if there is a single image without an index. */
  readonly architectures: readonly Architecture[];
  /** Labels of the nodes for its build step, including that of a single architecture. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Taints of nodes that its build step tolerates. */
  readonly tolerations: readonly Toleration[];
  /** In seconds. */
  readonly timeLimit: number;
  /** Whether its image is signed, with an SBOM and provenance. */
  readonly signing: boolean;
  /** Whether its pull requests are built. */
  readonly pullRequests: boolean;
}

/** An application of Argo CD: its keys in the stack file, and what is derived from them. */
export interface ApplicationSettings extends Readonly<Omit<Application, "revision" | "images">> {
  /** An SSH URL if the repository is read with a deploy key. */
  readonly repositoryUrl: string;
  readonly revision: names.Branch;
  /** The repositories whose images it follows. */
  readonly follows: readonly RepositorySettings[];
}

/** The endpoint of a project's deliveries. */
export interface WebhookSettings extends ListenerSettings {
  /** Whether the organization has the webhook, instead of each repository. */
  readonly organization: boolean;
}

export interface ProjectSettings {
  readonly name: names.DnsLabel;
  readonly owner: names.Owner;
  readonly branch: names.Branch;
  /** Further branches whose pushes are built. */
  readonly otherBranches: Project["otherBranches"];
  readonly webhook: WebhookSettings;
  readonly secret: Project["secret"];
  readonly private: boolean;
  readonly buildSecret: names.DnsSubdomain;
  readonly repositories: readonly RepositorySettings[];
  readonly applications: readonly ApplicationSettings[];
  readonly clusterKinds: Project["clusterKinds"];
  readonly notifications: Project["notifications"];
}

export function resolveProject(name: names.DnsLabel, project: Project, stack: TopLevel): ProjectSettings {
  const branch = project.branch ?? stack.branch;
  const repositories = project.repositories.map((one) => resolveRepository(one, project, stack));
  return {
    name,
    owner: project.owner,
    branch,
    otherBranches: project.otherBranches,
    webhook: { ...resolveListener(name, project.webhook), organization: project.webhook.organization },
    secret: project.secret,
    private: project.private,
    buildSecret: project.buildSecret ?? derived.buildSecret(name),
    repositories,
    applications: project.applications.map((one) =>
      resolveApplication(one, project.owner, branch, repositories, stack),
    ),
    clusterKinds: project.clusterKinds,
    notifications: project.notifications,
  };
}

function resolveRepository(one: Repository, project: Project, stack: TopLevel): RepositorySettings {
  const { name, paths, service = name } = one;
  const slug = `${project.owner}/${name}`;
  const namespace = project.imageNamespace ?? stack.registry.namespace;
  const image = derived.imageName(stack.registry.host, namespace, one.image ?? service);
  return {
    ...one,
    service,
    partial: service !== name || paths.length > 0,
    object: derived.objectName(service),
    slug,
    cloneUrl: `${stack.github.url}/${slug}.git`,
    image,
    cache: one.cache ? resolveCache(image, stack.builds.cache) : undefined,
    tags: tagsOf(one, project, stack.tags),
    builder: one.builder ?? stack.builds.builder,
    builderFlags: one.builderFlags ?? resolveFlags(one, stack.builds),
    resources: resourcesOf(one, stack.builds),
    architectures: severalOf(one, stack.builds),
    nodeSelector: resolveNodes(one, stack.builds),
    tolerations: one.tolerations ?? stack.builds.tolerations,
    timeLimit: one.timeLimit ?? stack.builds.timeLimit,
    signing: isSigned(one, stack.builds),
    pullRequests: buildsPullRequests(one, stack.builds),
    otherBranches: buildsOtherBranches(one, project),
  };
}

/** Each key comes from the repository, the project or the stack, whichever has it first. */
export function tagsOf(repository: Repository, project: Project, stack: Tags): Tags {
  const levels = [repository.tags, project.tags];
  const own = <Key extends keyof Tags>(key: Key) =>
    levels.map((tags) => tags?.[key]).find((value) => value !== undefined);
  return { commit: own("commit") ?? stack.commit, moving: own("moving") ?? stack.moving };
}

/** Each key is the repository's own, or else the stack's. */
export function resourcesOf(
  { resources: own }: Repository,
  { resources }: Pick<TopLevel["builds"], "resources">,
) {
  return {
    cpu: own?.cpu ?? resources.cpu,
    memory: own?.memory ?? resources.memory,
    disk: own?.disk ?? resources.disk,
  };
}

/**
 * The architectures of an image that is built for several; empty if it is built for one.
 *
 * @param builds undefined if the stack's could not be read, so that no architecture is known
 */
export function severalOf(one: Repository, builds: TopLevel["builds"] | undefined): readonly Architecture[] {
  const all = builds === undefined ? [] : (one.architecture ?? builds.architecture ?? []);
  return all.length < 2 ? [] : architectures.filter((one) => all.includes(one));
}

function resolveNodes(one: Repository, builds: TopLevel["builds"]): Record<string, string> {
  const [architecture, ...others] = one.architecture ?? builds.architecture ?? [];
  return {
    ...(one.nodeSelector ?? builds.nodeSelector),
    ...(architecture === undefined || others.length > 0 ? {} : { [architectureLabel]: architecture }),
  };
}

/** The stack's flags are for the stack's builder; another builder has other flags. */
function resolveFlags(one: Repository, { builder, builderFlags }: TopLevel["builds"]): readonly string[] {
  return (one.builder ?? builder) === builder ? builderFlags : [];
}

/** Where the layers of an image are stored; undefined if they are not. */
export function resolveCache(image: string, { enabled, repository, lifetime }: TopLevel["builds"]["cache"]) {
  return enabled ? { repository: repository.replace("{image}", image), lifetime } : undefined;
}

function resolveApplication(
  one: Application,
  owner: names.Owner,
  branch: names.Branch,
  repositories: readonly RepositorySettings[],
  stack: TopLevel,
): ApplicationSettings {
  const { images, ...rest } = one;
  const { host } = new URL(stack.github.url);
  const slug = `${owner}/${one.repository}.git`;
  return {
    ...rest,
    repositoryUrl: one.access === "deployKey" ? `git@${host}:${slug}` : `${stack.github.url}/${slug}`,
    revision: one.revision ?? branch,
    follows:
      images === undefined ? repositories : repositories.filter(({ service }) => images.includes(service)),
  };
}

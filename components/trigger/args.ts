/** Which push starts which build. */
import { builders } from "../builds/builders/builders.ts";
import { entries } from "../entries.ts";
import type { IngressRules } from "../kinds/ingress.ts";
import type { Branch, DnsLabel, DnsSubdomain, Owner, RepositoryName } from "../names.ts";
import type { WebhookEvent } from "../kinds/events.ts";
import { namespaceOf, namespacesOfBuilds, takesForks } from "../settings/places.ts";
import type { ProjectSettings, RepositorySettings, WebhookSettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import { asked, askedEvents } from "./asked.ts";
import type { DeliveryLimits } from "./listener.ts";
import type { SensorBuilds } from "./sensor.ts";

export interface TriggerArgs {
  readonly namespace: DnsLabel;
  /** Whether the bus, with the deliveries in it, may be deleted. */
  readonly deletable: boolean;
  readonly bus: {
    readonly replicas: number;
    readonly volumeSize: string;
    readonly storageClass: DnsSubdomain;
  };
  readonly highAvailability: boolean;
  /** Whether the API server limits what Sensors write. */
  readonly admissionPolicies: boolean;
  readonly ingress: IngressRules;
  /** Of the Ingress. */
  readonly limits: DeliveryLimits;
  /** Raised to replace the key that signs deliveries. */
  readonly keyVersion: number;
  /** Those that have a repository. */
  readonly projects: readonly TriggeredProject[];
  /** The namespaces in which builds run. */
  readonly buildNamespaces: readonly DnsLabel[];
}

export interface TriggeredProject {
  readonly name: DnsLabel;
  readonly owner: Owner;
  readonly branch: Branch;
  readonly webhook: WebhookSettings;
  readonly repositories: readonly TriggeredRepository[];
  readonly builds: readonly SensorBuilds[];
}

export interface TriggeredRepository {
  readonly name: RepositoryName;
  /** What GitHub is to tell of it. */
  readonly events: readonly WebhookEvent[];
}

export function triggerArgs(settings: Settings): TriggerArgs {
  const { namespaces, cluster, eventBus, webhooks, projects } = settings;
  return {
    namespace: namespaces.events,
    deletable: cluster.deletableNamespaces.includes(namespaces.events),
    bus: { ...eventBus, storageClass: cluster.storageClass },
    highAvailability: cluster.highAvailability,
    admissionPolicies: cluster.admissionPolicies,
    ingress: webhooks.ingress,
    limits: webhooks.limits,
    keyVersion: webhooks.keyVersion,
    projects: projects
      .filter(({ repositories }) => repositories.length > 0)
      .map((project) => ({
        name: project.name,
        owner: project.owner,
        branch: project.branch,
        webhook: project.webhook,
        repositories: distinct(project.repositories),
        builds: sensorBuilds(project, settings),
      })),
    buildNamespaces: namespacesOfBuilds(settings),
  };
}

/** Each repository of GitHub once, however many services it holds. */
function distinct(all: readonly RepositorySettings[]): TriggeredRepository[] {
  const repositories = Map.groupBy(all, ({ name }) => name.toLowerCase());
  return [...repositories.values()].flatMap((services) =>
    services.slice(-1).map(({ name }) => ({
      name,
      events: ["push", ...(services.some(({ pullRequests }) => pullRequests) ? askedEvents : [])],
    })),
  );
}

/** Whole repositories share a trigger, which reads the template off the delivery; a part of one has its own. */
function sensorBuilds(project: ProjectSettings, settings: Settings): SensorBuilds[] {
  const { repositories } = project;
  const { gitTags } = settings.builds;
  const whole = repositories.filter(({ partial }) => !partial);
  const shared = entries(builders).map(([builder, { trigger }]) => ({
    name: trigger,
    namespace: namespaceOf(builder, settings),
    repositories: whole.filter((one) => one.builder === builder),
    template: undefined,
    paths: [],
    gitTags: undefined,
  }));
  const single = repositories
    .filter(({ partial }) => partial)
    .map((one) => ({
      name: `service-${one.object}`,
      namespace: namespaceOf(one.builder, settings),
      repositories: [one],
      template: one.object,
      paths: one.paths,
      gitTags: undefined,
    }));
  const pushes = [...shared, ...single];
  const tags = pushes.map((one) => ({ ...one, name: `git-tag-${one.name}`, paths: [], gitTags }));
  return [
    ...pushes,
    ...(gitTags === undefined ? [] : tags),
    ...pushes.flatMap((one) => askedBuilds(one, project)),
  ];
}

/** What a pull request or a comment starts. */
function askedBuilds(pushed: PushedBuilds, project: ProjectSettings): SensorBuilds[] {
  const own = pushed.repositories.filter(({ pullRequests }) => pullRequests);
  return entries(asked).map(([by, { trigger }]) => ({
    ...pushed,
    name: `${trigger}-${pushed.name}`,
    // A pull request does not tell which files it changes.
    paths: [],
    repositories: by === "test" ? own.filter((one) => takesForks(one, project.private)) : own,
    asked: by,
  }));
}

interface PushedBuilds extends SensorBuilds {
  readonly repositories: readonly RepositorySettings[];
}

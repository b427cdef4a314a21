/** Which push starts which build. */
import { builders } from "../builds/builders/builders.ts";
import { entries } from "../entries.ts";
import type { IngressRules } from "../kinds/ingress.ts";
import type { Branch, DnsLabel, Owner, RepositoryName } from "../names.ts";
import { namespaceOf, namespacesOfBuilds } from "../settings/places.ts";
import type { ProjectSettings, WebhookSettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { SensorBuilds } from "./sensor.ts";

export interface TriggerArgs {
  readonly namespace: DnsLabel;
  /** Whether the bus, with the deliveries in it, may be deleted. */
  readonly deletable: boolean;
  readonly bus: { readonly replicas: number; readonly volumeSize: string; readonly storageClass: DnsLabel };
  readonly highAvailability: boolean;
  /** Whether the API server limits what Sensors write. */
  readonly admissionPolicies: boolean;
  readonly ingress: IngressRules;
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
  readonly repositories: readonly { readonly name: RepositoryName }[];
  readonly builds: readonly SensorBuilds[];
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
function distinct<Repository extends { readonly name: RepositoryName }>(
  all: readonly Repository[],
): Repository[] {
  return [...new Map(all.map((one) => [one.name.toLowerCase(), one])).values()];
}

/** Whole repositories share a trigger, which reads the template off the push; a part of one has its own. */
function sensorBuilds({ repositories }: ProjectSettings, settings: Settings): SensorBuilds[] {
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
  return gitTags === undefined ? pushes : [...pushes, ...tags];
}

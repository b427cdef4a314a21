/** Derives from the settings which event starts which build. */
import { builders } from "../builds/builders/builders.ts";
import { appDeliveries } from "../derived-names.ts";
import { serviceReportName, reportPrefix } from "../report-names.ts";
import { entries } from "../entries.ts";
import type { IngressRules } from "../kinds/ingress.ts";
import type { Branch, DnsLabel, DnsSubdomain, Owner, RepositoryName } from "../names.ts";
import type { WebhookEvent } from "../kinds/events.ts";
import { appListener, checkingApp, namespaceOf, namespacesOfBuilds, takesForks } from "../settings/places.ts";
import type { ListenerSettings } from "../settings/listener.ts";
import type { ProjectSettings, RepositorySettings, WebhookSettings } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import type { RequestKind } from "./requests.ts";
import { requestEvents, requestOf, requests } from "./requests.ts";
import { pullRequestReruns, reruns } from "./reruns.ts";
import type { Reported } from "./request.ts";
import type { WebhookLimits } from "./listener.ts";
import type { SensorArgs, SensorBuilds } from "./sensor.ts";

export interface TriggerArgs {
  readonly namespace: DnsLabel;
  /** Whether the bus and the deliveries in it may be deleted. */
  readonly deletable: boolean;
  readonly bus: {
    readonly replicas: number;
    readonly volumeSize: string;
    readonly storageClass: DnsSubdomain;
  };
  readonly highAvailability: boolean;
  /** Whether the API server restricts what Sensors write. */
  readonly admissionPolicies: boolean;
  readonly ingress: IngressRules;
  /** The limits of the Ingress. */
  readonly limits: WebhookLimits;
  /** Incremented to replace the key that signs deliveries. */
  readonly keyVersion: number;
  /** The projects with repositories. */
  readonly projects: readonly TriggeredProject[];
  /** Where re-runs of the GitHub App's checks arrive; undefined if none can be requested. */
  readonly app: AppDeliveries | undefined;
  /** The namespaces in which builds run. */
  readonly buildNamespaces: readonly DnsLabel[];
}

export interface AppDeliveries extends ListenerSettings {
  readonly repositories: readonly { readonly owner: Owner; readonly names: readonly RepositoryName[] }[];
}

export interface TriggeredProject {
  readonly name: DnsLabel;
  readonly app: SensorArgs["app"];
  readonly owner: Owner;
  readonly branch: Branch;
  readonly webhook: WebhookSettings;
  readonly repositories: readonly TriggeredRepository[];
  readonly builds: readonly SensorBuilds[];
}

export interface TriggeredRepository {
  readonly name: RepositoryName;
  /** The events that GitHub sends for it. */
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
    app: appDeliveriesOf(settings),
    projects: projects
      .filter(({ repositories }) => repositories.length > 0)
      .map((project) => ({
        name: project.name,
        app: appOf(project, settings),
        owner: project.owner,
        branch: project.branch,
        webhook: project.webhook,
        repositories: distinct(project.repositories),
        builds: sensorBuilds(project, settings),
      })),
    buildNamespaces: namespacesOfBuilds(settings),
  };
}

function appOf({ owner }: ProjectSettings, settings: Settings): SensorArgs["app"] {
  const id = checkingApp(settings, owner);
  return id === undefined ? undefined : { id, event: appDeliveries };
}

/** The deliveries for projects whose owners have installed the App. */
function appDeliveriesOf(settings: Settings): AppDeliveries | undefined {
  const listener = appListener(settings);
  const repositories = settings.projects
    .filter(({ owner }) => checkingApp(settings, owner) !== undefined)
    .map(({ owner, repositories: all }) => ({ owner, names: distinct(all).map(({ name }) => name) }))
    .filter(({ names }) => names.length > 0);
  return listener === undefined || repositories.length === 0 ? undefined : { ...listener, repositories };
}

/** Each GitHub repository once, even if it contains several services. */
function distinct(all: readonly RepositorySettings[]): TriggeredRepository[] {
  const repositories = Map.groupBy(all, ({ name }) => name.toLowerCase());
  return [...repositories.values()].flatMap((services) =>
    services.slice(-1).map(({ name }) => ({
      name,
      events: eventsOf(services),
    })),
  );
}

/** The events that GitHub sends for a repository with these services. */
export function eventsOf(
  services: readonly Pick<RepositorySettings, "pullRequests">[],
): readonly WebhookEvent[] {
  return ["push", ...(services.some(({ pullRequests }) => pullRequests) ? requestEvents : [])];
}

/**
 * Whole repositories share a trigger, which derives the template from the delivery. A part of a repository has its own
 * trigger.
 */
function sensorBuilds(project: ProjectSettings, settings: Settings): SensorBuilds[] {
  const repositories = project.repositories.map((one) => ({
    ...one,
    reportedAs: serviceReportName(reportPrefix(settings.stack), one),
  }));
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
    ...pushes.map((one) => otherBranchBuilds(one, project)),
    ...(gitTags === undefined ? [] : tags),
    ...pushes.flatMap((one) => requestedBuilds(one, project)),
    ...(checkingApp(settings, project.owner) === undefined ? [] : pushes.flatMap(rerunBuilds)),
  ];
}

/** The builds that a push to another branch starts, without repositories if the project names no other branches. */
function otherBranchBuilds(pushed: PushedBuilds, { otherBranches }: ProjectSettings): SensorBuilds {
  const repositories = pushed.repositories.filter((one) => one.otherBranches);
  return { ...pushed, name: `branch-${pushed.name}`, otherBranches, repositories };
}

/** The builds that a pull request or a comment starts. */
function requestedBuilds(pushed: PushedBuilds, project: ProjectSettings): SensorBuilds[] {
  const own = pushed.repositories.filter(({ pullRequests }) => pullRequests);
  return entries(requests).map(([by]) =>
    requestedBuild(pushed, by, by === "test" ? own.filter((one) => takesForks(one, project.private)) : own),
  );
}

/** The builds that a re-run starts. */
function rerunBuilds(pushed: PushedBuilds): SensorBuilds[] {
  const own = pushed.repositories.filter(({ pullRequests }) => pullRequests);
  return entries(reruns).map(([by]) =>
    requestedBuild(pushed, by, pullRequestReruns.includes(by) ? own : pushed.repositories),
  );
}

function requestedBuild(pushed: PushedBuilds, by: RequestKind, repositories: PushedBuilds["repositories"]) {
  return {
    ...pushed,
    name: `${requestOf(by).trigger}-${pushed.name}`,
    // The event does not contain the changed files.
    paths: [],
    repositories,
    requestedBy: by,
  };
}

interface PushedBuilds extends SensorBuilds {
  readonly repositories: readonly (RepositorySettings & Reported)[];
}

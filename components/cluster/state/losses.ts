/** Finds, before anything changes, edits that would destroy what a stack holds or that Kubernetes would refuse. */
import { z } from "zod";
import { entries } from "../../entries.ts";
import type { SettingError } from "../../settings/errors.ts";
import { joinPath } from "../../settings/errors.ts";
import { namespacesOfApplications } from "../../settings/places.ts";
import type { ProjectSettings } from "../../settings/resolve.ts";
import type { Settings } from "../../settings/settings.ts";
import { deletable, namespacesOfParts } from "../namespaces-args.ts";
import type { StateResource } from "./state-resources.ts";
import { movedParts, movedReleases } from "./moved-parts.ts";
import { movedNodePorts } from "./moved-node-ports.ts";
import { outputsLike } from "./state-resources.ts";
import { takenOver } from "./successors.ts";

/** Only namespaces of the stack's own parts have a pod security level. */
const namespaceOutputs = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.object({ "pod-security.kubernetes.io/enforce": z.string() }),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});

const busOutputs = z.object({
  kind: z.literal("EventBus"),
  spec: z.object({
    jetstream: z.object({
      replicas: z.number(),
      persistence: z.object({ storageClassName: z.string(), volumeSize: z.string() }),
    }),
  }),
});

const registryOutputs = z.object({
  name: z.literal("zot"),
  values: z.object({ pvc: z.object({ storage: z.string(), storageClassName: z.string() }) }),
});

const applicationOutputs = z.object({
  kind: z.literal("Application"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({ destination: z.object({ namespace: z.string() }) }),
});

/** An error for each edit that the stack's state does not allow. */
export function losses(state: readonly StateResource[], settings: Settings): SettingError[] {
  return [
    ...lostNamespaces(state, settings),
    ...busChanges(state, settings),
    ...registryChanges(state, settings),
    ...movedApplications(state, settings),
    ...takenOver(state, settings),
    ...movedNodePorts(state, settings),
    ...movedParts(state, settings),
  ];
}

function lostNamespaces(state: readonly StateResource[], settings: Settings): SettingError[] {
  const kept = namespacesOfParts(settings).map(({ name }): string => name);
  // Reported for the chart that moves: it cannot, even if its namespace may be deleted.
  const left = movedReleases(state, settings).map(({ now }) => now);
  return outputsLike(
    state.filter(({ type }) => type === "kubernetes:core/v1:Namespace"),
    namespaceOutputs,
  )
    .filter(({ metadata: { name } }) => !kept.includes(name) && !left.includes(name))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap(({ metadata }) => lostNamespace(metadata, settings));
}

/** Pulumi itself refuses to delete what was not deletable at the last `up`, but only after the other changes. */
function lostNamespace(
  { name, annotations }: z.output<typeof namespaceOutputs>["metadata"],
  { cluster: { deletableNamespaces: value } }: Settings,
): SettingError[] {
  const path = "cluster.deletableNamespaces";
  const deletes = `this edit would delete the namespace ${name}, with everything in it`;
  if (!value.some((one) => one === name)) {
    const fix = `undo the edit, or add ${name} here and run \`pulumi up\` before the edit`;
    return [{ path, value, rule: deletes, fix }];
  }
  if (entries(deletable).every(([key, text]) => annotations[key] === text)) return [];
  const fix = "undo the rest of the edit, run `pulumi up`, and then make it again";
  return [{ path, value, rule: `${deletes}, which was not deletable at the last \`pulumi up\``, fix }];
}

function busChanges(state: readonly StateResource[], { cluster, eventBus }: Settings): SettingError[] {
  return outputsLike(state, busOutputs).flatMap(({ spec: { jetstream } }) => {
    const { replicas, persistence } = jetstream;
    const { replicas: wanted } = eventBus;
    // Adding replicas to three or more enlarges the NATS cluster. Any other change loses the stream and its messages.
    const loses = wanted < replicas || (replicas === 1 && wanted > 1);
    return [
      ...(loses ? [busError("eventBus.replicas", wanted, replicas)] : []),
      ...changed("eventBus.volumeSize", eventBus.volumeSize, persistence.volumeSize, busError),
      ...changed("cluster.storageClass", cluster.storageClass, persistence.storageClassName, busError),
    ];
  });
}

function registryChanges(state: readonly StateResource[], { cluster, addons }: Settings): SettingError[] {
  const { registry } = addons;
  if (registry === undefined) return [];
  return outputsLike(state, registryOutputs).flatMap(({ values: { pvc } }) => [
    ...changed("addons.registry.volumeSize", registry.volumeSize, pvc.storage, volumeError),
    ...changed("cluster.storageClass", cluster.storageClass, pvc.storageClassName, volumeError),
  ]);
}

/**
 * An Application that moves to another namespace prunes its objects in the old one, unless its AppProject no longer
 * permits that namespace. Another application there keeps it permitted (argo-cd `controller/state.go`,
 * `IsLiveResourcePermitted`).
 */
function movedApplications(state: readonly StateResource[], { projects }: Settings): SettingError[] {
  const places = new Map(
    outputsLike(state, applicationOutputs).map(({ metadata, spec }) => [
      metadata.name,
      spec.destination.namespace,
    ]),
  );
  return projects.flatMap((project) => movedWithin(project, places));
}

function movedWithin(project: ProjectSettings, places: ReadonlyMap<string, string>): SettingError[] {
  const permitted: readonly string[] = namespacesOfApplications(project);
  return project.applications.flatMap(({ name, namespace, onRemoval }, index) => {
    const before = places.get(name);
    const stays = before === undefined || before === namespace || !permitted.includes(before);
    if (stays || onRemoval === "delete") return [];
    return {
      path: joinPath("projects", [project.name, "applications", index, "namespace"]),
      value: namespace,
      rule: `Argo CD would delete what ${name} runs in ${before}, a namespace that ${project.name} still permits for another application`,
      fix: `rename the application in the same edit to keep what runs in ${before}, or add onRemoval: delete to delete it`,
    };
  });
}

type Describe = (path: string, value: string | number, now: string | number) => SettingError;

function changed(path: string, value: string, now: string, describe: Describe): SettingError[] {
  return value === now ? [] : [describe(path, value, now)];
}

const busError: Describe = (path, value, now) => ({
  path,
  value,
  rule: `the event bus runs with ${now.toString()}, and would lose its waiting deliveries or never become ready`,
  fix: `write ${now.toString()}, or replace the bus (docs/operations.md)`,
});

const volumeError: Describe = (path, value, now) => ({
  path,
  value,
  rule: `the volume of the registry has ${now.toString()}, which Kubernetes cannot change`,
  fix: `write ${now.toString()}, or replace the registry (docs/operations.md)`,
});

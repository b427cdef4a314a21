/** The namespaces of the stack, derived from the settings, and what happens to them once an edit removes them. */
import type { Addon, Chart } from "../charts/chart.ts";
import { addons, chartNamespaces, parts } from "../charts/charts.ts";
import { builderNamespaces } from "../builds/builders/builders.ts";
import { entries } from "../entries.ts";
import type { PodSecurity } from "../kinds/kubernetes.ts";
import type { DnsLabel } from "../names.ts";
import type { PublicSettings } from "../settings/places.ts";
import { namespacesOfApplications, namespacesOfBuilds } from "../settings/places.ts";
import { flowsOf } from "./network/flows-of-parts.ts";
import type { NetworkPolicyArgs } from "./network/network-policies.ts";
import { networkPolicies } from "./network/network-policies.ts";

export interface NamespacesArgs {
  readonly namespaces: readonly NamespaceArgs[];
  readonly networkPolicies: readonly NetworkPolicyArgs[];
}

export interface NamespaceArgs {
  readonly name: DnsLabel;
  /** Undefined if it is left to the cluster. */
  readonly level: PodSecurity | undefined;
  readonly removal: Removal;
  /** Whether its pods have only the connections that NetworkPolicies allow. */
  readonly closed: boolean;
}

/**
 * What happens to an object that the stack file no longer declares: the edit is refused, the object stays in the
 * cluster, or it is deleted.
 */
export type Removal = "protect" | "retain" | "delete";

/**
 * Marks a namespace of the stack's own parts that Pulumi may delete. A program can read only outputs from the state,
 * and these do not include a resource's protection.
 */
export const deletable = { "argo-cicd/deletable": "true" } as const;

/** Every namespace that the stack creates; Kubernetes itself creates `default`. */
export function namespacesArgs(settings: PublicSettings): NamespacesArgs {
  const { enabled } = settings.cluster.networkPolicies;
  return {
    namespaces: [...namespacesOfProjects(settings), ...namespacesOfParts(settings)],
    networkPolicies: enabled ? networkPolicies(flowsOf(settings)) : [],
  };
}

function namespacesOfProjects(settings: PublicSettings): NamespaceArgs[] {
  return [...new Set(settings.projects.flatMap(namespacesOfApplications))]
    .filter((name) => name !== "default")
    .map((name) => {
      const removal = isDeletable(name, settings) ? "delete" : "retain";
      return { name, level: undefined, removal, closed: false };
    });
}

/** The namespaces of the stack's own components. */
export function namespacesOfParts(settings: PublicSettings): NamespaceArgs[] {
  const { enabled } = settings.cluster.networkPolicies;
  const used = [...namespacesOfCharts(settings), ...namespacesOfBuilds(settings)];
  const declared = { ...chartNamespaces, ...builderNamespaces };
  return entries(settings.namespaces)
    .filter(([, name]) => used.includes(name))
    .map(([key, name]): NamespaceArgs => {
      const removal = isDeletable(name, settings) ? "delete" : "protect";
      return { name, level: declared[key].podSecurity, removal, closed: enabled && key !== "storage" };
    });
}

function isDeletable(namespace: DnsLabel, { cluster }: PublicSettings): boolean {
  return cluster.deletableNamespaces.includes(namespace);
}

/** The namespaces of applications that stay, with everything in them, once the stack file no longer has them. */
export function retainedNamespaces(settings: PublicSettings): DnsLabel[] {
  const all = new Set(settings.projects.flatMap(namespacesOfApplications));
  return [...all].filter((name) => !isDeletable(name, settings));
}

/** Every chart that the stack installs. */
export function chartsOf(settings: PublicSettings): Chart<PublicSettings>[] {
  return [
    ...Object.values<Chart<PublicSettings>>(parts),
    ...Object.values<Addon<PublicSettings>>(addons).filter((addon) => addon.wanted(settings)),
  ];
}

/** The namespaces of these charts, each once. */
export function namespacesOfCharts(settings: PublicSettings): DnsLabel[] {
  return [...new Set(chartsOf(settings).map(({ namespace }) => namespace(settings)))];
}

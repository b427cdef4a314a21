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
  const retained = retainedNamespaces(settings);
  const { enabled } = settings.cluster.networkPolicies;
  const ofApplications = [...new Set(settings.projects.flatMap(namespacesOfApplications))]
    .filter((name) => name !== "default")
    .map((name): NamespaceArgs => {
      return {
        name,
        level: undefined,
        removal: retained.includes(name) ? "retain" : "delete",
        closed: false,
      };
    });
  const used = [...namespacesOfCharts(settings), ...namespacesOfBuilds(settings)];
  const declared = { ...chartNamespaces, ...builderNamespaces };
  const ofParts = entries(settings.namespaces)
    .filter(([, name]) => used.includes(name))
    .map(([key, name]): NamespaceArgs => {
      const removal = isDeletable(name, settings) ? "delete" : "protect";
      return { name, level: declared[key].podSecurity, removal, closed: enabled && key !== "storage" };
    });
  return {
    namespaces: [...ofApplications, ...ofParts],
    networkPolicies: enabled ? networkPolicies(flowsOf(settings)) : [],
  };
}

/** The namespaces that the stack creates, to compare with those in its state. */
export function namespaceNames(settings: PublicSettings): string[] {
  return namespacesArgs(settings).namespaces.map(({ name }) => name);
}

function isDeletable(namespace: DnsLabel, { cluster }: PublicSettings): boolean {
  return cluster.deletableNamespaces.includes(namespace);
}

/** Namespaces that stay with everything in them: those in which any application keeps its objects on removal. */
export function retainedNamespaces({ projects }: PublicSettings): DnsLabel[] {
  const kept = projects.flatMap(({ applications }) =>
    applications.filter(({ onRemoval }) => onRemoval === "keep").map(({ namespace }) => namespace),
  );
  return [...new Set(kept)];
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

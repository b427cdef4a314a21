/** What the settings say of the namespaces of the stack, and of what is left of them after an edit. */
import type { Addon, Chart } from "../charts/chart.ts";
import { addons, chartNamespaces, parts } from "../charts/charts.ts";
import { builderNamespaces } from "../builds/builders/builders.ts";
import { entries } from "../entries.ts";
import type { PodSecurity } from "../kinds/kubernetes.ts";
import type { DnsLabel } from "../names.ts";
import type { Plain } from "../settings/places.ts";
import { namespacesOfApplications, namespacesOfBuilds } from "../settings/places.ts";
import { flowsOf } from "./flows-of-parts.ts";
import type { NetworkPolicyArgs } from "./network-policies.ts";
import { networkPolicies } from "./network-policies.ts";

export interface NamespacesArgs {
  readonly namespaces: readonly NamespaceArgs[];
  readonly networkPolicies: readonly NetworkPolicyArgs[];
}

export interface NamespaceArgs {
  readonly name: DnsLabel;
  /** Absent where it is left to the cluster. */
  readonly level: PodSecurity | undefined;
  readonly removal: Removal;
  /** Whether nothing enters or leaves its pods but what NetworkPolicies let through. */
  readonly closed: boolean;
}

/**
 * What becomes of something that the stack file no longer asks for: the edit is refused, it stays in the cluster, or it is
 * deleted.
 */
export type Removal = "protect" | "retain" | "delete";

/**
 * Marks a namespace of the stack's own parts that Pulumi may delete. What the state says of a resource's protection is not among the
 * outputs that a program can read.
 */
export const deletable = { "argo-cicd/deletable": "true" } as const;

/** Every namespace that the stack makes: not `default`, which Kubernetes brings. */
export function namespacesArgs(settings: Plain): NamespacesArgs {
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

function isDeletable(namespace: DnsLabel, { cluster }: Plain): boolean {
  return cluster.deletableNamespaces.includes(namespace);
}

/** Those of applications: what is in them stays with them, unless all of these go with their objects. */
export function retainedNamespaces({ projects }: Plain): DnsLabel[] {
  const kept = projects.flatMap(({ applications }) =>
    applications.filter(({ onRemoval }) => onRemoval === "keep").map(({ namespace }) => namespace),
  );
  return [...new Set(kept)];
}

/** Every chart that the stack installs. */
export function chartsOf(settings: Plain): Chart<Plain>[] {
  return [
    ...Object.values<Chart<Plain>>(parts),
    ...Object.values<Addon<Plain>>(addons).filter((addon) => addon.wanted(settings)),
  ];
}

/** Each once. */
export function namespacesOfCharts(settings: Plain): DnsLabel[] {
  return [...new Set(chartsOf(settings).map(({ namespace }) => namespace(settings)))];
}

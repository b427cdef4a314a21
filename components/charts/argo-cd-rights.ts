/**
 * Argo CD's rights outside its own namespace. They replace the chart's cluster roles, which allow everything, and limit it
 * to the namespaces of applications (argo-cd `docs/operator-manual/declarative-setup.md`, `namespaces` of a cluster).
 */
import type { GroupKind } from "../kinds/argocd.ts";
import { inCluster } from "../kinds/argocd.ts";
import type { ClusterGrant, Grant } from "../kinds/grant.ts";
import type { PolicyRule } from "../kinds/kubernetes.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type { ChartRights } from "./chart.ts";
import { chartPods } from "./pods.ts";

interface Given {
  readonly namespaces: { readonly delivery: DnsLabel };
  readonly projects: readonly {
    readonly applications: readonly { readonly namespace: DnsLabel }[];
    readonly clusterKinds: readonly GroupKind[];
  }[];
  /** Applications that are being deleted with what they run. */
  readonly leaving?: readonly { readonly namespace: DnsLabel }[];
}

/** The chart names its accounts like their pods. */
const controller = dnsLabelOf(chartPods.argoCdController.name);
const server = dnsLabelOf(chartPods.argoCdServer.name);

/** Argo CD's own name for the cluster that it runs in. */
export const clusterSecret = dnsLabelOf("in-cluster");

export function argoCdRights({ namespaces: { delivery }, projects, leaving = [] }: Given): ChartRights {
  const applications = projects.flatMap((project) => project.applications);
  const targets = [...new Set([...applications, ...leaving].map(({ namespace }) => namespace))];
  const kinds = clusterKindsOf(projects);
  return {
    accounts: [],
    grants: targets.flatMap((target) => [
      grantOf(controller, manageAll, target, delivery),
      grantOf(server, showAndChange, target, delivery),
    ]),
    clusterGrants: kinds.length === 0 ? [] : clusterKindsGrants(kinds, delivery),
    policies: [],
    secret: {
      name: clusterSecret,
      namespace: delivery,
      labels: { "argocd.argoproj.io/secret-type": "cluster" },
      data: {
        name: clusterSecret,
        server: inCluster,
        // An empty list would mean all namespaces.
        namespaces: (targets.length === 0 ? [delivery] : targets).join(","),
        ...(kinds.length === 0 ? {} : { clusterResources: "true" }),
        config: JSON.stringify({ tlsClientConfig: { insecure: false } }),
      },
    },
  };
}

/** The cluster-wide kinds that any application may contain, without duplicates. */
export function clusterKindsOf(projects: Given["projects"]): GroupKind[] {
  const all = projects
    .filter(({ applications }) => applications.length > 0)
    .flatMap(({ clusterKinds }) => clusterKinds);
  return [...new Map(all.map((one) => [`${one.kind}.${one.group}`, one])).values()];
}

/** All kinds, Secrets included: only the authors of a cluster repository know which kinds it contains. */
const manageAll: PolicyRule[] = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];

/** What its pages show and change: the chart's rules, except those for Workflows. */
const showAndChange: PolicyRule[] = [
  { apiGroups: ["*"], resources: ["*"], verbs: ["get", "patch", "delete"] },
  { apiGroups: [""], resources: ["events"], verbs: ["list"] },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create"] },
];

function grantOf(name: DnsLabel, rules: PolicyRule[], namespace: DnsLabel, delivery: DnsLabel): Grant {
  return { name, namespace, rules, accounts: [{ name, namespace: delivery }] };
}

/** The controller discovers new kinds through their definitions, which it watches along with cluster-wide kinds. */
function clusterKindsGrants(kinds: readonly GroupKind[], namespace: DnsLabel): ClusterGrant[] {
  const definitions: PolicyRule = {
    apiGroups: ["apiextensions.k8s.io"],
    resources: ["customresourcedefinitions"],
    verbs: ["get", "list", "watch"],
  };
  return [
    {
      name: dnsLabelOf("argo-cicd-cluster-kinds"),
      rules: [definitions, ...rulesOf(kinds, ["*"])],
      accounts: [{ name: controller, namespace }],
    },
    {
      name: dnsLabelOf("argo-cicd-cluster-kinds-shown"),
      rules: rulesOf(kinds, ["get", "patch", "delete"]),
      accounts: [{ name: server, namespace }],
    },
  ];
}

function rulesOf(kinds: readonly GroupKind[], verbs: readonly string[]): PolicyRule[] {
  return [...new Set(kinds.map(({ group }) => group))].map((group) => ({
    apiGroups: [group],
    resources: kinds.filter((one) => one.group === group).map(({ kind }) => resourceOf(kind)),
    verbs: [...verbs],
  }));
}

/** Guesses the resource of a kind as Kubernetes does (apimachinery `UnsafeGuessKindToResource`). */
function resourceOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith("s")) return `${lower}es`;
  return lower.endsWith("y") ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

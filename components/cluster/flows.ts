/** Who speaks to whom: every connection that a stack needs between pods, and between these and the rest of the world. */
import { chartLabels, chartPods } from "../charts/pods.ts";
import type { Labels } from "../kinds/kubernetes.ts";
import type { PolicyPeer, PolicyPort } from "../kinds/network-policy.ts";
import { nodeLocalDns, publicRanges } from "../kinds/ranges.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type { Plain } from "../settings/places.ts";

/** Pods of a namespace of the stack. */
export interface Pods {
  /** Of their NetworkPolicy. */
  readonly name: DnsLabel;
  readonly namespace: DnsLabel;
  /** Empty for all of the namespace. */
  readonly labels: Labels;
}

/** What has no policy here. */
export interface Elsewhere {
  /** Empty for any address. */
  readonly peers: readonly PolicyPeer[];
}

export type End = Pods | Elsewhere;

/** Connections that one end opens to the other. */
export interface Flow {
  readonly from: End;
  readonly to: End;
  readonly ports: readonly PolicyPort[];
}

export const anywhere: Elsewhere = { peers: [] };

/** Pods of any namespace, and nothing outside the cluster. */
export const anyPod: Elsewhere = { peers: [{ namespaceSelector: {} }] };

/** The cluster's DNS: the label is that of CoreDNS wherever it has taken the place of kube-dns. */
const dns: Elsewhere = {
  peers: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
    { ipBlock: { cidr: nodeLocalDns } },
  ],
};

export const anyTcp: readonly PolicyPort[] = [{ protocol: "TCP" }];

export function tcp(...ports: readonly number[]): PolicyPort[] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}

export function chartPodsIn(namespace: DnsLabel, key: keyof typeof chartPods): Pods {
  const pods = chartPods[key];
  return { name: dnsLabelOf(pods.name), namespace, labels: chartLabels(pods) };
}

/** Finds others by their names. */
export function resolves(from: Pods): Flow {
  const ports: PolicyPort[] = [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ];
  return { from, to: dns, ports };
}

export function asksApiServer(from: Pods, { cluster }: Plain): Flow {
  const { apiServer, apiServerPorts } = cluster.networkPolicies;
  return { from, to: { peers: apiServer.map(block) }, ports: tcp(...apiServerPorts) };
}

/** Reaches servers outside the cluster, whose ports the stack does not know: those of Git, registries and packages. */
export function goesOut(from: Pods, { cluster }: Plain): Flow {
  const open = publicRanges.map(({ cidr, except }) => ({ ipBlock: { cidr, except: [...except] } }));
  return { from, to: { peers: [...open, ...cluster.networkPolicies.allow.map(block)] }, ports: anyTcp };
}

function block(cidr: string): PolicyPeer {
  return { ipBlock: { cidr } };
}

/** Prometheus is no part of a stack, so its namespace is not known: any pod of the cluster reads metrics, where they are read at all. */
export function measured(to: Pods, port: number, { monitoring }: Plain): Flow[] {
  return monitoring.enabled ? [{ from: anyPod, to, ports: tcp(port) }] : [];
}

/** From an ingress controller: the stack's own, or one of which nothing is known. */
export function throughIngress(ingressClass: string, { addons, webhooks, namespaces }: Plain): End {
  return addons.ingressController !== undefined && ingressClass === webhooks.ingress.class
    ? chartPodsIn(namespaces.ingress, "traefik")
    : anywhere;
}

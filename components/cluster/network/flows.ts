/** Connections that a stack needs between its pods, and between these and everything else. */
import { chartLabels, chartPods } from "../../charts/pods.ts";
import type { Labels } from "../../kinds/kubernetes.ts";
import type { PolicyPeer, PolicyPort } from "../../kinds/network-policy.ts";
import { nodeLocalDns, publicRanges } from "../../kinds/ranges.ts";
import type { DnsLabel } from "../../names.ts";
import { dnsLabelOf } from "../../names.ts";
import type { PublicSettings } from "../../settings/places.ts";

/** Pods of a namespace of the stack. */
export interface Pods {
  /** Name of their NetworkPolicy. */
  readonly name: DnsLabel;
  readonly namespace: DnsLabel;
  /** Empty for all pods of the namespace. */
  readonly labels: Labels;
}

/** An end that has no policy of this stack. */
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

/** The cluster's DNS. CoreDNS has kept the label of kube-dns, which it replaced. */
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

/** Resolves names through the cluster's DNS. */
export function usesDns(from: Pods): Flow {
  const ports: PolicyPort[] = [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ];
  return { from, to: dns, ports };
}

export function callsApiServer(from: Pods, { cluster }: PublicSettings): Flow {
  const { apiServer, apiServerPorts } = cluster.networkPolicies;
  return { from, to: { peers: apiServer.map(block) }, ports: tcp(...apiServerPorts) };
}

/** Reaches servers outside the cluster, on unknown ports: those of Git, registries and packages. */
export function reachesOutside(from: Pods, { cluster }: PublicSettings): Flow {
  const open = publicRanges.map(({ cidr, except }) => ({ ipBlock: { cidr, except: [...except] } }));
  return { from, to: { peers: [...open, ...cluster.networkPolicies.allow.map(block)] }, ports: anyTcp };
}

function block(cidr: string): PolicyPeer {
  return { ipBlock: { cidr } };
}

/** With monitoring, any pod of the cluster may read metrics: the stack does not know where Prometheus runs. */
export function scraped(to: Pods, port: number, { monitoring }: PublicSettings): Flow[] {
  return monitoring.enabled ? [{ from: anyPod, to, ports: tcp(port) }] : [];
}

/** The ingress controller: the stack's own, or an unknown one. */
export function throughIngress(ingressClass: string, { addons, webhooks, namespaces }: PublicSettings): End {
  return addons.ingressController !== undefined && ingressClass === webhooks.ingress.class
    ? chartPodsIn(namespaces.ingress, "traefik")
    : anywhere;
}

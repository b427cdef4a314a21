/** NetworkPolicies for the connections of a stack: each is allowed as egress at one end and as ingress at the other. */
import type { NetworkPolicySpec, PolicyPeer } from "../../kinds/network-policy.ts";
import type { DnsLabel } from "../../names.ts";
import { dnsLabelOf } from "../../names.ts";
import type { End, Flow, Pods } from "./flows.ts";

export interface NetworkPolicyArgs {
  readonly name: DnsLabel;
  readonly namespace: DnsLabel;
  readonly spec: NetworkPolicySpec;
}

const directions: NetworkPolicySpec["policyTypes"] = ["Ingress", "Egress"];

/** Denies all connections of a namespace, except for those that other policies allow. */
export function defaultDeny(namespace: DnsLabel): NetworkPolicyArgs {
  return {
    name: dnsLabelOf("default-deny"),
    namespace,
    spec: { podSelector: {}, policyTypes: [...directions] },
  };
}

/** One policy for all ends with the same name and namespace. */
export function networkPolicies(flows: readonly Flow[]): NetworkPolicyArgs[] {
  const all = flows.flatMap(({ from, to }) => [from, to]).filter(isPods);
  const distinct = all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index);
  return distinct.map((pods) => networkPolicy(pods, flows));
}

function networkPolicy(pods: Pods, flows: readonly Flow[]): NetworkPolicyArgs {
  const { name, namespace, labels } = pods;
  const ingress = flows.filter(({ to }) => isPods(to) && isSame(to, pods));
  const egress = flows.filter(({ from }) => isPods(from) && isSame(from, pods));
  return {
    name,
    namespace,
    spec: {
      podSelector: Object.keys(labels).length === 0 ? {} : { matchLabels: labels },
      policyTypes: [...directions],
      ...(ingress.length === 0 ? {} : { ingress: ingress.map(rule("from")) }),
      ...(egress.length === 0 ? {} : { egress: egress.map(rule("to")) }),
    },
  };
}

/** A rule without a list of peers matches any. */
function rule(other: "from" | "to") {
  return (flow: Flow) => {
    const end = flow[other];
    const peers = isPods(end) ? [podsPeer(end)] : [...end.peers];
    return { ...(peers.length === 0 ? {} : { [other]: peers }), ports: [...flow.ports] };
  };
}

/** Kubernetes sets every namespace's name as a label (`NamespaceDefaultLabelName`). */
function podsPeer({ namespace, labels }: Pods): PolicyPeer {
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
  return Object.keys(labels).length === 0
    ? { namespaceSelector }
    : { namespaceSelector, podSelector: { matchLabels: labels } };
}

function isPods(end: End): end is Pods {
  return "namespace" in end;
}

function isSame(one: Pods, other: Pods): boolean {
  return one.namespace === other.namespace && one.name === other.name;
}

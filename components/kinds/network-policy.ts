/** NetworkPolicies, under upstream's names: only the fields that we emit. */
import type { Labels } from "./kubernetes.ts";

/** Kubernetes `networking/v1` `NetworkPolicySpec`. Without a list of a direction, nothing goes that way. */
export interface NetworkPolicySpec {
  /** Empty for every pod of the namespace. */
  podSelector: { matchLabels?: Labels };
  policyTypes: ("Ingress" | "Egress")[];
  ingress?: { from?: PolicyPeer[]; ports: PolicyPort[] }[];
  egress?: { to?: PolicyPeer[]; ports: PolicyPort[] }[];
}

export type PolicyPeer =
  | { ipBlock: { cidr: string; except?: string[] } }
  | { namespaceSelector: { matchLabels?: Labels }; podSelector?: { matchLabels: Labels } };

/** Every port of the protocol, where it names none. */
export interface PolicyPort {
  protocol: "TCP" | "UDP";
  port?: number;
}

/** NetworkPolicies, under upstream's names: only the fields that we emit. */
import type { Labels } from "./kubernetes.ts";

/** Kubernetes `networking/v1` `NetworkPolicySpec`. Without rules for a direction, all its traffic is denied. */
export interface NetworkPolicySpec {
  /** If empty, every pod of the namespace. */
  podSelector: { matchLabels?: Labels };
  policyTypes: ("Ingress" | "Egress")[];
  ingress?: { from?: PolicyPeer[]; ports: PolicyPort[] }[];
  egress?: { to?: PolicyPeer[]; ports: PolicyPort[] }[];
}

export type PolicyPeer =
  | { ipBlock: { cidr: string; except?: string[] } }
  | { namespaceSelector: { matchLabels?: Labels }; podSelector?: { matchLabels: Labels } };

/** Without a port, every port of the protocol. */
export interface PolicyPort {
  protocol: "TCP" | "UDP";
  port?: number;
}

/**
 * A model of what NetworkPolicies allow, as Kubernetes documents it. It sends nothing, and refuses policies with fields
 * that it does not know.
 */
import { BlockList, isIPv6 } from "node:net";
import { z } from "zod";

/** A pod, or a machine that is not a pod. */
export interface Place {
  readonly address: string;
  readonly pod?: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
}

export interface Port {
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}

const labels = z.record(z.string(), z.string());
const selector = z.strictObject({ matchLabels: labels.default({}) });
const peer = z.strictObject({
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).default([]) }).optional(),
  namespaceSelector: selector.optional(),
  podSelector: selector.optional(),
});
const rule = z.strictObject({
  from: z.array(peer).optional(),
  to: z.array(peer).optional(),
  ports: z
    .array(z.strictObject({ protocol: z.string().default("TCP"), port: z.int().optional() }))
    .optional(),
});
const policy = z.object({
  metadata: z.object({ namespace: z.string() }),
  spec: z.strictObject({
    podSelector: selector,
    policyTypes: z.array(z.enum(["Ingress", "Egress"])),
    ingress: z.array(rule).default([]),
    egress: z.array(rule).default([]),
  }),
});

export type ModelPolicy = z.output<typeof policy>;
type Direction = ModelPolicy["spec"]["policyTypes"][number];
type Selector = z.output<typeof selector>;
type Labels = z.output<typeof labels>;

/** @throws if it has a field that the model does not know */
export function readPolicy(content: unknown): ModelPolicy {
  return policy.parse(content);
}

/** Whether a connection is allowed out at its source and in at its destination. */
export function allows(policies: readonly ModelPolicy[], from: Place, to: Place, port: Port): boolean {
  return passes(policies, "Egress", from, to, port) && passes(policies, "Ingress", to, from, port);
}

/** A pod that no policy selects is open. Otherwise one of those that select it must have a rule for the other end. */
function passes(
  policies: readonly ModelPolicy[],
  direction: Direction,
  { pod }: Place,
  other: Place,
  port: Port,
): boolean {
  if (pod === undefined) return true;
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace &&
      spec.policyTypes.includes(direction) &&
      selects(spec.podSelector, pod.labels),
  );
  if (selecting.length === 0) return true;
  const rules = selecting.flatMap(({ spec }) => (direction === "Ingress" ? spec.ingress : spec.egress));
  return rules.some(({ from, to, ports }) => {
    const peers = direction === "Ingress" ? from : to;
    return hasPort(ports, port) && (peers === undefined || peers.some((one) => isPeer(one, pod, other)));
  });
}

function hasPort(ports: z.output<typeof rule>["ports"], asked: Port): boolean {
  if (ports === undefined) return true;
  return ports.some(
    ({ protocol, port }) => protocol === asked.protocol && (port === undefined || port === asked.port),
  );
}

/** A range includes pods: some plugins treat it so, and what they would allow counts. */
function isPeer(
  { ipBlock, namespaceSelector, podSelector }: z.output<typeof peer>,
  own: NonNullable<Place["pod"]>,
  { address, pod }: Place,
): boolean {
  if (ipBlock !== undefined)
    return isIn(ipBlock.cidr, address) && !ipBlock.except.some((range) => isIn(range, address));
  if (pod === undefined) return false;
  const isThere =
    namespaceSelector === undefined
      ? pod.namespace === own.namespace
      : selects(namespaceSelector, { "kubernetes.io/metadata.name": pod.namespace });
  return isThere && (podSelector === undefined || selects(podSelector, pod.labels));
}

function selects({ matchLabels }: Selector, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}

function isIn(range: string, address: string): boolean {
  const [network = "", prefix = ""] = range.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), isIPv6(network) ? "ipv6" : "ipv4");
  return isIPv6(network) === isIPv6(address) && list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

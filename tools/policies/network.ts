/** Policies for the network: what is reachable from outside, and who may send requests there. */
import { entries } from "../../components/entries.ts";
import { at, listAt } from "../../components/builds/programs/json.ts";
import { fields, text, texts } from "../declared/fields.ts";
import { metadataAddresses, rangeHas } from "../../components/kinds/ranges.ts";
import type { Fields } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import { ofKind, webhookKinds } from "../declared/objects.ts";
import type { Finding, Policy } from "./policy.ts";
import { ofObjects, when } from "./policy.ts";

function exposure({ content }: DeclaredObject): string[] {
  const type = text(content, "spec", "type");
  return [
    ...when(["NodePort", "LoadBalancer", "ExternalName"].includes(type), `of type ${type}`),
    ...texts(content, "spec", "externalIPs").map((one) => `on ${one}`),
  ];
}

/** The hosts of an Ingress for which it names no certificate. */
export function hostsWithoutTls({ content }: DeclaredObject): string[] {
  const secured = listAt(content, "spec", "tls")
    .filter((one) => text(one, "secretName") !== "")
    .flatMap((one) => texts(one, "hosts"));
  return listAt(content, "spec", "rules")
    .map((rule) => text(rule, "host"))
    .filter((host) => !secured.includes(host));
}

/** The events of an EventSource whose deliveries are not signed. */
function unsigned({ content }: DeclaredObject): string[] {
  return entries(fields(content, "spec", "github"))
    .filter(([, event]) => text(event, "webhookSecret", "name") === "")
    .map(([name]) => `${name} has no webhookSecret`);
}

/** The namespaces with a policy that denies all traffic by default, in both directions. */
function closedNamespaces(objects: readonly DeclaredObject[]): string[] {
  return ofKind(objects, "NetworkPolicy")
    .filter(({ content }) => isDefaultDeny(fields(content, "spec")))
    .map(({ namespace }) => namespace);
}

function isDefaultDeny(spec: Fields): boolean {
  const rules = [...listAt(spec, "ingress"), ...listAt(spec, "egress")];
  const directions = texts(spec, "policyTypes").toSorted().join();
  return (
    Object.keys(fields(spec, "podSelector")).length + rules.length === 0 && directions === "Egress,Ingress"
  );
}

/** Only checked for a stack that has NetworkPolicies. */
function openNamespaces(objects: readonly DeclaredObject[]): Finding[] {
  if (ofKind(objects, "NetworkPolicy").length === 0) return [];
  const closed = closedNamespaces(objects);
  return ofKind(objects, "Namespace")
    .filter(({ name }) => !closed.includes(name))
    .map((object) => ({ object, found: "has no default-deny policy" }));
}

function metadataWays({ content }: DeclaredObject): string[] {
  const blocks = listAt(content, "spec", "egress")
    .flatMap((rule) => listAt(rule, "to"))
    .filter((peer) => at(peer, "ipBlock") !== undefined)
    .map((peer) => fields(peer, "ipBlock"));
  return metadataAddresses.filter((address) =>
    blocks.some(
      (block) =>
        rangeHas(text(block, "cidr"), address) &&
        !texts(block, "except").some((range) => rangeHas(range, address)),
    ),
  );
}

export const networkPolicies: readonly Policy[] = [
  {
    name: "exposed-service",
    why: "A port on every node bypasses the Ingress, its TLS and its limits.",
    fix: "Use the type ClusterIP and an Ingress.",
    find: ofObjects(["Service"], exposure),
  },
  {
    name: "ingress-tls",
    why: "Without TLS, anyone on the network path can read and change requests.",
    fix: "Set `tlsSecret` to a Secret with a certificate for the host.",
    find: ofObjects(["Ingress"], (one) =>
      hostsWithoutTls(one).map((host) => `no certificate for ${host || "any host"}`),
    ),
  },
  {
    name: "no-ingress-snippets",
    why: "A snippet can change the configuration of the whole ingress controller.",
    fix: "Use an annotation that does the same as the snippet.",
    find: ofObjects(["Ingress"], ({ content }) =>
      Object.keys(fields(content, "metadata", "annotations")).filter((key) => key.endsWith("-snippet")),
    ),
  },
  {
    name: "signed-webhook",
    why: "Without a signature, anyone who knows the address can send a push.",
    fix: "Give the webhook and the EventSource the same secret.",
    find: (objects) => [
      ...ofObjects(["EventSource"], unsigned)(objects),
      ...ofObjects(webhookKinds, ({ content }) =>
        when(text(content, "configuration", "secret") === "", "has no secret"),
      )(objects),
    ],
  },
  {
    name: "webhook-by-tls",
    why: "Anyone on the network path could read a delivery, and send it again.",
    fix: "Use an https:// address with a certificate that GitHub trusts.",
    find: ofObjects(webhookKinds, ({ content }) => [
      ...when(at(content, "configuration", "insecureSsl") !== false, "does not verify the certificate"),
      ...when(!text(content, "configuration", "url").startsWith("https://"), "is sent over plain HTTP"),
    ]),
  },
  {
    name: "closed-namespace",
    why: "Without a default-deny policy, pods that no other policy selects stay open.",
    fix: "Declare a NetworkPolicy for every pod of the namespace, with both directions and no rules.",
    find: openNamespaces,
  },
  {
    name: "no-cloud-metadata",
    why: "Metadata services of clouds give the node's credentials to any pod.",
    fix: "Add the address to the exceptions of the range (components/kinds/ranges.ts).",
    find: ofObjects(["NetworkPolicy"], (one) =>
      metadataWays(one).map((address) => `lets pods reach ${address}`),
    ),
  },
];

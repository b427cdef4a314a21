/** The shape of `cluster.networkPolicies` in a stack file. */
import { z } from "zod";
import { must, strict } from "../checks.ts";
import { canonicalRange, metadataAddresses, rangeHas } from "../kinds/ranges.ts";

export const addressRange = z.string().refine((text) => canonicalRange(text) === text, {
  error: ({ input }) =>
    must(
      "a range of IP addresses in CIDR notation, beginning with its first address",
      `write it like ${canonicalRange(String(input)) ?? "192.0.2.10/32"}`,
    ),
  abort: true,
});

const range = addressRange.refine((text) => !metadataAddresses.some((address) => rangeHas(text, address)), {
  error: must(
    `a range without the addresses at which clouds hand out credentials (${metadataAddresses.join(", ")})`,
    "write the smaller ranges that pods need",
  ),
});

const portError = { error: must("a port: a whole number from 1 to 65535", "write it like 6443") };

export const isolation = strict({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      "Allow pods in the stack's namespaces only the connections that they need. Needs a network plugin that enforces NetworkPolicies.",
    ),
  apiServer: z
    .array(range)
    .default([])
    .describe(
      "Addresses of the API server, as `kubectl get endpointslices kubernetes --namespace default` shows them, each as a range like 192.0.2.10/32. Needed with `enabled`.",
    ),
  apiServerPorts: z
    .array(z.number(portError).int(portError).min(1, portError).max(65535, portError))
    .min(1, { error: must("at least one port", "remove the key to use the default ones") })
    .default([443, 6443])
    .describe("Ports of the API server and of its Service."),
  allow: z
    .array(range)
    .default([])
    .describe(
      "Private addresses that builds, the Image Updater, Argo CD, Argo Workflows and add-ons may reach: of a registry, a Git server, a proxy, or nodes. Public addresses are always allowed.",
    ),
})
  .prefault({})
  .describe("NetworkPolicies in the namespaces of the stack, except those of applications and of Rook.");

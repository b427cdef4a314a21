/** The shape of Ingresses and of access to the dashboards in a stack file. */
import { z } from "zod";
import { hostName } from "../addresses.ts";
import * as field from "../fields.ts";
import { name, strict } from "../checks.ts";
import * as names from "../names.ts";
import { labelKey } from "./build-schema.ts";

export const ingress = strict({
  class: name(names.dnsSubdomain).prefault("nginx").describe("IngressClass."),
  tlsSecret: name(names.dnsSubdomain)
    .optional()
    .describe(
      "Secret with the certificate; without it, the ingress controller uses its default, or TLS ends in front of it.",
    ),
  annotations: z.record(labelKey, z.string()).default({}).describe("Annotations, e.g. for cert-manager."),
});

/** How browsers reach a dashboard. */
export function page(dashboard: string) {
  return {
    host: hostName.optional().describe(`Host name at which browsers reach ${dashboard}.`),
    ingress: ingress
      .optional()
      .describe("Ingress for `host`, which terminates TLS with a certificate that browsers trust."),
    nodePort: field.nodePort
      .optional()
      .describe(
        "HTTPS port on every node, instead of an Ingress. Its certificate is self-signed, so browsers warn.",
      ),
  };
}

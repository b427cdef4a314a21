/** The shape of `cluster` in a stack file. */
import { z } from "zod";
import { name, strict } from "../checks.ts";
import { text } from "../fields.ts";
import * as names from "../names.ts";
import { isolation } from "./isolation-schema.ts";

export const cluster = strict({
  context: text.describe("Context of the kubeconfig."),
  uid: text
    .optional()
    .describe(
      "UID of the cluster's kube-system namespace. A context that leads to another cluster is refused.",
    ),
  storageClass: name(names.dnsSubdomain).describe("StorageClass of all volumes."),
  highAvailability: z
    .boolean()
    .default(false)
    .describe("Several replicas and disruption budgets; needs three nodes."),
  deletableNamespaces: z
    .array(name(names.dnsLabel))
    .default([])
    .describe(
      "Namespaces that an edit or `pulumi destroy` may delete, with everything in them. All others of the stack are protected, and those of applications stay.",
    ),
  adoptExisting: z
    .boolean()
    .default(false)
    .describe(
      "Adopt objects that already exist under the same name, instead of failing. For the first `pulumi up`.",
    ),
  admissionPolicies: z
    .boolean()
    .default(true)
    .describe(
      "Limit, with ValidatingAdmissionPolicies, which fields of Workflows and Applications the pipeline's service accounts may write.",
    ),
  networkPolicies: isolation,
}).describe("The cluster.");

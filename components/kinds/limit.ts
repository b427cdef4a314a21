/** Limits writes to objects, as Pulumi resources. */
import * as k8s from "@pulumi/kubernetes";
import type { WriteLimit } from "./admission.ts";
import { bindingSpec, policySpec } from "./admission.ts";
import type { Child } from "./resources.ts";

export function limitWrites(limit: WriteLimit, opts: Child): void {
  const { name } = limit;
  const metadata = { name };
  new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
    name,
    { metadata, spec: policySpec(limit) },
    opts,
  );
  new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
    name,
    { metadata, spec: bindingSpec(limit) },
    opts,
  );
}

/** Admission policies, which restrict writes to objects, as Pulumi resources. */
import * as k8s from "@pulumi/kubernetes";
import type { AdmissionPolicy } from "./admission.ts";
import { bindingSpec, policySpec } from "./admission.ts";
import type { Child } from "./resources.ts";

export function createAdmissionPolicy(policy: AdmissionPolicy, opts: Child): void {
  const { name } = policy;
  const metadata = { name };
  new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
    name,
    { metadata, spec: policySpec(policy) },
    opts,
  );
  new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
    name,
    { metadata, spec: bindingSpec(policy) },
    opts,
  );
}

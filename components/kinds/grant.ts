/** Accounts of pods and their rights, as Pulumi resources. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { DnsLabel } from "../names.ts";
import type { PolicyRule } from "./kubernetes.ts";
import type { Child } from "./resources.ts";

/** Rights in one namespace. */
export interface Grant {
  /** Of the Role and of its RoleBinding. */
  readonly name: DnsLabel;
  readonly namespace: DnsLabel;
  readonly rules: PolicyRule[];
  readonly accounts: readonly { readonly name: DnsLabel; readonly namespace: DnsLabel }[];
}

/** Rights in every namespace, and to what is in none. */
export type ClusterGrant = Omit<Grant, "namespace">;

/** @param urn names both resources in the state */
export function grant(
  urn: string,
  { name, namespace, rules, accounts }: Grant,
  opts: Child,
): pulumi.Resource {
  const metadata = { name, namespace };
  new k8s.rbac.v1.Role(urn, { metadata, rules }, opts);
  return new k8s.rbac.v1.RoleBinding(urn, { metadata, ...binding("Role", name, accounts) }, opts);
}

/** @param urn names both resources in the state */
export function grantEverywhere(
  urn: string,
  { name, rules, accounts }: ClusterGrant,
  opts: Child,
): pulumi.Resource {
  const metadata = { name };
  new k8s.rbac.v1.ClusterRole(urn, { metadata, rules }, opts);
  return new k8s.rbac.v1.ClusterRoleBinding(
    urn,
    { metadata, ...binding("ClusterRole", name, accounts) },
    opts,
  );
}

function binding(kind: "Role" | "ClusterRole", name: DnsLabel, accounts: Grant["accounts"]) {
  return {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
    subjects: accounts.map((one) => ({ kind: "ServiceAccount", ...one })),
  };
}

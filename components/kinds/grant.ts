/** Grants rights to ServiceAccounts, as Pulumi resources. */
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

/** Rights in every namespace, and to cluster-wide objects. */
export type ClusterGrant = Omit<Grant, "namespace">;

/** @param logicalName of both resources */
export function grant(
  logicalName: string,
  { name, namespace, rules, accounts }: Grant,
  opts: Child,
): pulumi.Resource {
  const metadata = { name, namespace };
  new k8s.rbac.v1.Role(logicalName, { metadata, rules }, opts);
  return new k8s.rbac.v1.RoleBinding(logicalName, { metadata, ...binding("Role", name, accounts) }, opts);
}

/** @param logicalName of both resources */
export function grantEverywhere(
  logicalName: string,
  { name, rules, accounts }: ClusterGrant,
  opts: Child,
): pulumi.Resource {
  const metadata = { name };
  new k8s.rbac.v1.ClusterRole(logicalName, { metadata, rules }, opts);
  return new k8s.rbac.v1.ClusterRoleBinding(
    logicalName,
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

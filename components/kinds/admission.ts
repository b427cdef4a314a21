/**
 * What accounts may change of an object. Roles go by kinds and verbs: whoever may patch a Workflow may patch all of it. A
 * ValidatingAdmissionPolicy goes by what is changed (Kubernetes 1.30 and later).
 */
import type { DnsLabel } from "../names.ts";

/** An account of pods. */
export interface Account {
  readonly namespace: DnsLabel;
  readonly name: DnsLabel;
}

const argo = { apiGroups: ["argoproj.io"], apiVersions: ["v1alpha1"] };
const core = { apiGroups: [""], apiVersions: ["v1"] };

/** The kinds whose writes are limited, by their API. */
const apis = {
  workflows: argo,
  workflowtaskresults: argo,
  applications: argo,
  configmaps: core,
  pods: core,
} as const;

/** Limits what is written to objects of one kind. */
export interface WriteLimit {
  /** Of the policy and of its binding; one cluster has one of each name. */
  readonly name: DnsLabel;
  readonly resource: keyof typeof apis;
  readonly operations: readonly ("CREATE" | "UPDATE" | "DELETE")[];
  /** Whom it limits: these accounts, or everybody in these namespaces. */
  readonly limits: { readonly accounts: readonly Account[] } | { readonly namespaces: readonly DnsLabel[] };
  readonly rules: readonly WriteRule[];
}

export interface WriteRule {
  /** In CEL; true for what is allowed. */
  readonly expression: string;
  /** The message to whoever breaks it. */
  readonly message: string;
}

/** The specification of a ValidatingAdmissionPolicy. */
export function policySpec({ resource, operations, limits, rules }: WriteLimit) {
  return {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        {
          ...apis[resource],
          operations: [...operations],
          resources: [resource],
        },
      ],
    },
    ...("accounts" in limits
      ? { matchConditions: [{ name: "account", expression: isOneOf(limits.accounts) }] }
      : {}),
    validations: rules.map((rule) => ({ ...rule })),
  };
}

/** The specification of its ValidatingAdmissionPolicyBinding. */
export function bindingSpec({ name, limits }: WriteLimit) {
  return {
    policyName: name,
    validationActions: ["Deny"],
    ...("namespaces" in limits
      ? {
          matchResources: {
            namespaceSelector: {
              matchExpressions: [
                { key: "kubernetes.io/metadata.name", operator: "In", values: [...limits.namespaces] },
              ],
            },
          },
        }
      : {}),
  };
}

function isOneOf(accounts: readonly Account[]): string {
  const users = accounts.map(({ namespace, name }) => `system:serviceaccount:${namespace}:${name}`);
  return `request.userInfo.username in ${list(users)}`;
}

/** A list of texts in CEL. */
export function list(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(", ")}]`;
}

/** That a map has no keys but these. */
export function hasOnly(map: string, keys: readonly string[]): string {
  return `${map}.all(key, key in ${list(keys)})`;
}

/** That a map of the object is as it was, but for these keys. */
export function unchangedBut(path: string, keys: readonly string[]): string {
  const [now, before] = [`object${path}`, `oldObject${path}`];
  const free = `key in ${list(keys)}`;
  return (
    `${now}.all(key, ${free} || (key in ${before} && ${now}[key] == ${before}[key])) && ` +
    `${before}.all(key, ${free} || key in ${now})`
  );
}

/** That a new object has no labels but these and no annotations, and that nobody else owns it or holds it back. */
export function metadataHasOnly(labels: readonly string[]): string {
  return [
    hasOnly("object.metadata.?labels.orValue({})", labels),
    "!has(object.metadata.annotations)",
    "!has(object.metadata.ownerReferences)",
    "!has(object.metadata.finalizers)",
  ].join(" && ");
}

/** That the labels and the annotations are as they were, but for these, and that nobody else owns the object or holds it back. */
export function metadataUnchangedBut({
  labels = [],
  annotations = [],
}: {
  readonly labels?: readonly string[];
  readonly annotations?: readonly string[];
}): string {
  const same = (path: string) => `object${path}.orValue([]) == oldObject${path}.orValue([])`;
  return [
    unchangedBut(".metadata.?labels.orValue({})", labels),
    unchangedBut(".metadata.?annotations.orValue({})", annotations),
    same(".metadata.?ownerReferences"),
    same(".metadata.?finalizers"),
  ].join(" && ");
}

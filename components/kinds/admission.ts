/**
 * Limits which fields of an object accounts may change. RBAC works by kind and verb: an account that may patch a
 * Workflow may patch all of it. A ValidatingAdmissionPolicy checks what is changed (Kubernetes 1.30 and later).
 */
import type { DnsLabel } from "../names.ts";

/** A ServiceAccount. */
export interface Account {
  readonly namespace: DnsLabel;
  readonly name: DnsLabel;
}

const argo = { apiGroups: ["argoproj.io"], apiVersions: ["v1alpha1"] };
const core = { apiGroups: [""], apiVersions: ["v1"] };

/** The resources whose writes can be limited, with their APIs. */
const apis = {
  workflows: argo,
  workflowtaskresults: argo,
  applications: argo,
  configmaps: core,
  pods: core,
} as const;

/** A ValidatingAdmissionPolicy with its binding: what may be written to objects of one kind. */
export interface AdmissionPolicy {
  /** Of the policy and of its binding; unique in a cluster. */
  readonly name: DnsLabel;
  readonly resource: keyof typeof apis;
  readonly operations: readonly ("CREATE" | "UPDATE" | "DELETE")[];
  /** Whose writes it restricts: these accounts, or everybody in these namespaces. */
  readonly appliesTo:
    { readonly accounts: readonly Account[] } | { readonly namespaces: readonly DnsLabel[] };
  readonly rules: readonly WriteRule[];
}

export interface WriteRule {
  /** In CEL; true for what is allowed. */
  readonly expression: string;
  /** Shown for a write that breaks the rule. */
  readonly message: string;
}

/** The specification of a ValidatingAdmissionPolicy. */
export function policySpec({ resource, operations, appliesTo, rules }: AdmissionPolicy) {
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
    ...("accounts" in appliesTo
      ? { matchConditions: [{ name: "account", expression: isOneOf(appliesTo.accounts) }] }
      : {}),
    validations: rules.map((rule) => ({ ...rule })),
  };
}

/** The specification of its ValidatingAdmissionPolicyBinding. */
export function bindingSpec({ name, appliesTo }: AdmissionPolicy) {
  return {
    policyName: name,
    validationActions: ["Deny"],
    ...("namespaces" in appliesTo
      ? {
          matchResources: {
            namespaceSelector: {
              matchExpressions: [
                { key: "kubernetes.io/metadata.name", operator: "In", values: [...appliesTo.namespaces] },
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

/** A CEL list of strings. */
export function list(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text}'`).join(", ")}]`;
}

/** A CEL condition: a map has no other keys. */
export function hasOnly(map: string, keys: readonly string[]): string {
  return `${map}.all(key, key in ${list(keys)})`;
}

/** A CEL condition: a map of the object is unchanged, except for these keys. */
export function unchangedBut(path: string, keys: readonly string[]): string {
  const [now, before] = [`object${path}`, `oldObject${path}`];
  const free = `key in ${list(keys)}`;
  return (
    `${now}.all(key, ${free} || (key in ${before} && ${now}[key] == ${before}[key])) && ` +
    `${before}.all(key, ${free} || key in ${now})`
  );
}

/** A CEL condition: a new object has no other labels, and no annotations, owners or finalizers. */
export function metadataHasOnly(labels: readonly string[]): string {
  return [
    hasOnly("object.metadata.?labels.orValue({})", labels),
    "!has(object.metadata.annotations)",
    "!has(object.metadata.ownerReferences)",
    "!has(object.metadata.finalizers)",
  ].join(" && ");
}

/** A CEL condition: labels and annotations are unchanged, except for these, and so are owners and finalizers. */
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

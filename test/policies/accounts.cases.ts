/** Cases for the policies of accounts and their rights. */
import type { Cases } from "./objects.ts";
import { account, object, role } from "./objects.ts";

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const hidden = { volumeMounts: [{ name: "none", mountPath: tokenPath }] };
const rule = (resources: string[], verbs: string[], apiGroups = ["argoproj.io"]) => ({
  apiGroups,
  resources,
  verbs,
});
const workflows = rule(["workflows"], ["get", "create", "patch"]);
const results = rule(["workflowtaskresults"], ["create", "patch"]);
/** A pod with the account `ci/one`. */
const podOf = (spec: object) =>
  object({ kind: "Pod", metadata: { namespace: "ci" }, spec: { serviceAccountName: "one", ...spec } });
const admission = (spec: object) =>
  object({
    kind: "ValidatingAdmissionPolicy",
    spec: {
      failurePolicy: "Fail",
      matchConditions: [{ expression: "request.userInfo.username in ['system:serviceaccount:ci:one']" }],
      matchConstraints: { resourceRules: [{ resources: ["workflows"], operations: ["CREATE", "UPDATE"] }] },
      ...spec,
    },
  });
const bound = object({
  kind: "ValidatingAdmissionPolicyBinding",
  spec: { policyName: "one", validationActions: ["Deny"] },
});
const audited = object({
  kind: "ValidatingAdmissionPolicyBinding",
  spec: { policyName: "one", validationActions: ["Audit"] },
});
const bus = (containerTemplate: object) => [
  object({ kind: "EventBus", spec: { jetstream: { containerTemplate } } }),
];

export const accounts: Readonly<Record<string, Cases>> = {
  "own-account": {
    kept: [[...account(), podOf({ containers: [] })], bus({})],
    broken: [
      [[podOf({})], ["runs as ci/one"]],
      [[object({ kind: "Pod", metadata: { namespace: "ci" }, spec: {} })], ["runs as ci/default"]],
    ],
  },
  "token-where-used": {
    kept: [
      [...account(workflows), podOf({ containers: [{ name: "a" }, { name: "b", ...hidden }] })],
      [...account(results), podOf({ containers: [{ name: "a", ...hidden }] })],
      [...account(), podOf({ containers: [{ name: "a" }], automountServiceAccountToken: false })],
      [
        object({
          kind: "ServiceAccount",
          metadata: { namespace: "ci" },
          automountServiceAccountToken: false,
        }),
        podOf({ containers: [{}] }),
      ],
    ],
    broken: [
      [[...account(results), podOf({ containers: [{ name: "a" }] })], ["a: sees the token of ci/one"]],
      [
        [...account(workflows), podOf({ containers: [{ name: "a" }, { name: "b" }] })],
        ["b: sees the token of ci/one"],
      ],
    ],
  },
  "no-wildcard-rights": {
    kept: [role(workflows)],
    broken: [[role(rule(["*"], ["*"], ["*"])), ["apiGroups: *", "resources: *", "verbs: *"]]],
  },
  "no-rights-on-secrets": {
    kept: [role(workflows)],
    broken: [[role(rule(["secrets"], ["get"], [""])), ["get secrets"]]],
  },
  "no-rights-on-pods": {
    kept: [role(rule(["pods", "pods/log"], ["get", "list"], [""])), role(workflows)],
    broken: [
      [role(rule(["pods", "pods/exec"], ["create"], [""])), ["create pods", "create pods/exec"]],
      [role(rule(["workflowtemplates"], ["get", "patch"])), ["get, patch workflowtemplates"]],
    ],
  },
  "no-escalation": {
    kept: [role(workflows), role(rule(["roles"], ["get"]))],
    broken: [
      [role(rule(["users"], ["impersonate"], [""])), ["impersonate"]],
      [role(rule(["serviceaccounts/token"], ["create"], [""])), ["create serviceaccounts/token"]],
      [
        role(rule(["rolebindings", "validatingadmissionpolicies"], ["patch"])),
        ["patch rolebindings", "patch validatingadmissionpolicies"],
      ],
    ],
  },
  "no-cluster-wide-rights": {
    kept: [account(workflows)],
    broken: [[[object({ kind: "ClusterRole", rules: [] })], ["holds in every namespace"]]],
  },
  "declared-subjects": {
    kept: [account(workflows)],
    broken: [
      [account(workflows).slice(1), ["binds ci/one"]],
      [
        [object({ kind: "RoleBinding", subjects: [{ kind: "Group", name: "system:authenticated" }] })],
        ["binds Group system:authenticated"],
      ],
    ],
  },
  "declared-role": {
    kept: [account(workflows)],
    broken: [
      [
        [object({ kind: "RoleBinding", roleRef: { kind: "ClusterRole", name: "cluster-admin" } })],
        ["refers to ClusterRole cluster-admin"],
      ],
      [
        [
          ...role(),
          object({
            kind: "RoleBinding",
            metadata: { namespace: "other" },
            roleRef: { kind: "Role", name: "one" },
          }),
        ],
        ["refers to Role one"],
      ],
    ],
  },
  "narrowed-writes": {
    kept: [[...account(workflows), admission({}), bound], account(rule(["workflows"], ["get", "list"]))],
    broken: [
      [account(workflows), ["CREATE of workflows is not limited", "UPDATE of workflows is not limited"]],
      [
        [
          ...account(workflows, results),
          admission({
            matchConstraints: { resourceRules: [{ resources: ["workflows"], operations: ["CREATE"] }] },
          }),
          bound,
        ],
        [
          "UPDATE of workflows is not limited",
          "CREATE of workflowtaskresults is not limited",
          "UPDATE of workflowtaskresults is not limited",
        ],
      ],
      [
        [
          ...account(rule(["workflows"], ["create"])),
          admission({ matchConditions: [{ expression: "'system:serviceaccount:ci:other'" }] }),
          bound,
        ],
        ["CREATE of workflows is not limited"],
      ],
      [[...account(rule(["workflows"], ["create"])), admission({})], ["CREATE of workflows is not limited"]],
    ],
  },
  "enforced-admission": {
    kept: [[admission({}), bound]],
    broken: [
      [[admission({})], ["does not refuse"]],
      [[admission({}), audited], ["does not refuse"]],
      [[admission({ failurePolicy: "Ignore" }), bound], ["does not refuse"]],
    ],
  },
};

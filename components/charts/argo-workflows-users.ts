/**
 * Accounts of users who sign on to Argo Workflows, one for each role. The server selects an account by the rule in its
 * annotations (argo-workflows `docs/argo-server-sso.md`).
 */
import { logSecret } from "../derived-names.ts";
import type { Account, AdmissionPolicy } from "../kinds/admission.ts";
import { unchangedBut } from "../kinds/admission.ts";
import type { PolicyRule } from "../kinds/kubernetes.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type { Roles } from "./sign-on.ts";

/** An account that the server uses on behalf of users. */
export interface UserAccount {
  readonly name: DnsLabel;
  readonly annotations: Readonly<Record<string, string>>;
  /** Its rights in the namespaces of builds. */
  readonly rules: PolicyRule[];
}

export const userAccountNames = {
  admins: dnsLabelOf("workflows-admins"),
  viewers: dnsLabelOf("workflows-viewers"),
} as const;

/** The Secret that the server reads the account's token from (argo-workflows `util/secrets`). */
export function tokenSecret(account: DnsLabel): string {
  return `${account}.service-account-token`;
}

/** @param logs whether an object store keeps logs, which the server reads with the rights of the user */
export function userAccounts({ admins, viewers }: Roles, logs: boolean): UserAccount[] {
  const read = [...readBuilds, ...(logs ? [readLogKeys] : [])];
  return [
    ...account(userAccountNames.viewers, viewers, 1, read),
    // Higher precedence: a user in groups of both roles is an admin.
    ...account(userAccountNames.admins, admins, 2, [...read, ...operateBuilds]),
  ];
}

function account(
  name: DnsLabel,
  groups: readonly string[],
  precedence: number,
  rules: PolicyRule[],
): UserAccount[] {
  if (groups.length === 0) return [];
  const rule = groups.map((group) => `'${group}' in groups`).join(" || ");
  const annotations = {
    "workflows.argoproj.io/rbac-rule": rule,
    "workflows.argoproj.io/rbac-rule-precedence": precedence.toString(),
  };
  return [{ name, annotations, rules }];
}

/** Builds, their pods' logs and events. */
const readBuilds: readonly PolicyRule[] = [
  {
    apiGroups: ["argoproj.io"],
    resources: ["workflows", "workflowtemplates", "cronworkflows"],
    verbs: ["get", "list", "watch"],
  },
  { apiGroups: [""], resources: ["pods", "events"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
];

const readLogKeys: PolicyRule = {
  apiGroups: [""],
  resources: ["secrets"],
  resourceNames: [logSecret],
  verbs: ["get"],
};

/**
 * Stop, suspend, retry and delete builds. A retry deletes the pods of the steps that it reruns. The right to create
 * Workflows would let users run anything: the server writes templates into the status of a Workflow that it creates,
 * and the controller trusts them, so no policy can forbid it.
 */
const operateBuilds: readonly PolicyRule[] = [
  { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["update", "patch", "delete"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["delete"] },
];

/** Keeps users from changing what a build runs. */
export function userPolicy(accounts: readonly Account[]): AdmissionPolicy {
  return {
    name: dnsLabelOf("argo-cicd-people"),
    resource: "workflows",
    operations: ["UPDATE"],
    appliesTo: { accounts },
    rules: [
      {
        expression: [
          unchangedBut(".spec", ["shutdown", "suspend"]),
          unchangedBut(".?status.?storedWorkflowTemplateSpec.orValue({})", ["shutdown"]),
          unchangedBut(".?status.?storedTemplates.orValue({})", []),
        ].join(" && "),
        message: "users may stop, suspend, resume and retry Workflows, but not change what they run",
      },
    ],
  };
}

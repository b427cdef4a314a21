/** Policies for the rights that a Role grants. */
import type { Rule } from "../declared/accounts.ts";
import { rulesOf } from "../declared/accounts.ts";
import type { Policy } from "./policy.ts";
import { ofObjects, when } from "./policy.ts";

const roles = ["Role", "ClusterRole"];

function ofRules(wrong: (rule: Rule) => readonly string[]): Policy["find"] {
  return ofObjects(roles, (role) => rulesOf(role).flatMap(wrong));
}

const read = ["get", "list", "watch"];

function writes({ verbs }: Rule): boolean {
  return verbs.some((verb) => !read.includes(verb));
}

/** Resources whose writes let an account run code of its choice in a new or an existing pod. */
const podMakers =
  /^(pods(\/(exec|attach|portforward|proxy|ephemeralcontainers))?|deployments|daemonsets|statefulsets|replicasets|replicationcontrollers|jobs|cronjobs|workflowtemplates|cronworkflows|sensors|eventsources)$/;

/** Resources whose writes let an account act as another one. */
const escalating =
  /^(roles|rolebindings|clusterroles|clusterrolebindings|serviceaccounts(\/token)?|certificatesigningrequests(\/approval)?|nodes\/proxy|(validating|mutating)(webhookconfigurations|admissionpolic(ies|ybindings)))$/;

export const rightsPolicies: readonly Policy[] = [
  {
    name: "no-wildcard-rights",
    why: "A wildcard also grants rights to what later versions add.",
    fix: "List API groups, resources and verbs.",
    find: ofRules((rule) =>
      (["apiGroups", "resources", "verbs"] as const).flatMap((key) =>
        when(rule[key].includes("*"), `${key}: *`),
      ),
    ),
  },
  {
    name: "no-rights-on-secrets",
    why: "Reading Secrets reveals every login of the namespace; writing them changes what others trust.",
    fix: "Mount the one key that is needed.",
    find: ofRules((rule) => when(rule.resources.includes("secrets"), `${rule.verbs.join(", ")} secrets`)),
  },
  {
    name: "no-rights-on-pods",
    why: "Creating a pod, or running a command in one, gives access to its account and its Secrets.",
    fix: "Start a WorkflowTemplate that the stack declares.",
    find: ofRules((rule) =>
      writes(rule)
        ? rule.resources.filter((one) => podMakers.test(one)).map((one) => `${rule.verbs.join(", ")} ${one}`)
        : [],
    ),
  },
  {
    name: "no-escalation",
    why: "Such rights allow an account to get all others.",
    fix: "Declare the role, the binding or the account in the program.",
    find: ofRules((rule) => [
      ...rule.verbs.filter((verb) => /^(escalate|bind|impersonate|approve|sign)$/.test(verb)),
      ...(writes(rule)
        ? rule.resources.filter((one) => escalating.test(one)).map((one) => `${rule.verbs.join(", ")} ${one}`)
        : []),
    ]),
  },
  {
    name: "no-cluster-wide-rights",
    why: "The pipeline works in namespaces of its own, and needs nothing else in the cluster.",
    fix: "Use a Role and a RoleBinding in each namespace.",
    find: ofObjects(["ClusterRole", "ClusterRoleBinding"], () => ["holds in every namespace"]),
  },
];

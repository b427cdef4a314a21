/** What a Role gives. */
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

/** By any of these one runs something of one's own choice in a pod, or in one that is there. */
const podMakers =
  /^(pods(\/(exec|attach|portforward|proxy|ephemeralcontainers))?|deployments|daemonsets|statefulsets|replicasets|replicationcontrollers|jobs|cronjobs|workflowtemplates|cronworkflows|sensors|eventsources)$/;

/** By any of these one becomes somebody else. */
const escalating =
  /^(roles|rolebindings|clusterroles|clusterrolebindings|serviceaccounts(\/token)?|certificatesigningrequests(\/approval)?|nodes\/proxy|(validating|mutating)(webhookconfigurations|admissionpolic(ies|ybindings)))$/;

export const rightsPolicies: readonly Policy[] = [
  {
    name: "no-wildcard-rights",
    why: "A wildcard gives what later versions bring, too.",
    fix: "List API groups, resources and verbs.",
    find: ofRules((rule) =>
      (["apiGroups", "resources", "verbs"] as const).flatMap((key) =>
        when(rule[key].includes("*"), `${key}: *`),
      ),
    ),
  },
  {
    name: "no-rights-on-secrets",
    why: "Whoever reads Secrets has every login of their namespace; whoever writes them chooses what others trust.",
    fix: "Mount the one key that is needed.",
    find: ofRules((rule) => when(rule.resources.includes("secrets"), `${rule.verbs.join(", ")} secrets`)),
  },
  {
    name: "no-rights-on-pods",
    why: "Whoever makes a pod, or runs a command in one, has all that its account and its Secrets give.",
    fix: "Start a WorkflowTemplate that the stack declares.",
    find: ofRules((rule) =>
      writes(rule)
        ? rule.resources.filter((one) => podMakers.test(one)).map((one) => `${rule.verbs.join(", ")} ${one}`)
        : [],
    ),
  },
  {
    name: "no-escalation",
    why: "Such rights give all others.",
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
    why: "The pipeline works in namespaces of its own, and everything else in the cluster is not its business.",
    fix: "Use a Role and a RoleBinding in each namespace.",
    find: ofObjects(["ClusterRole", "ClusterRoleBinding"], () => ["holds in every namespace"]),
  },
];

/** Accounts: who has one, where its token is, what binds it, and what narrows its writes. */
import type { Right } from "../declared/accounts.ts";
import { accountOf, boundRole, limitsOf, operationsOf, rightsOf } from "../declared/accounts.ts";
import { listAt } from "../../components/builds/programs/json.ts";
import { fields, text } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import { ofKind } from "../declared/objects.ts";
import { accountOfPod, declaredAccounts, podsWithAccount, seers, tokenFolder } from "../declared/tokens.ts";
import type { Finding, Policy } from "./policy.ts";
import { ofObjects, placed, when } from "./policy.ts";

const bindings = ["RoleBinding", "ClusterRoleBinding"];

/** Every pod of Argo reports its result, whether its program speaks to the API server or not. */
const ofExecutor = "workflowtaskresults";

function undeclaredAccounts(objects: readonly DeclaredObject[]): Finding[] {
  const known = declaredAccounts(objects);
  return podsWithAccount(objects)
    .filter((pod) => !known.has(accountOfPod(pod)))
    .map((pod) => ({
      object: pod.object,
      found: placed(`runs as ${accountOfPod(pod)}`, pod.at),
    }));
}

/** One program of a pod uses the token, and none where the account may do nothing but what Argo itself does. */
function needlessTokens(objects: readonly DeclaredObject[]): Finding[] {
  const accounts = declaredAccounts(objects);
  const useful = new Set(
    rightsOf(objects)
      .filter(({ resources }) => !resources.includes(ofExecutor))
      .map(({ account }) => account),
  );
  return podsWithAccount(objects).flatMap((pod) => {
    const account = accountOfPod(pod);
    const seen = seers(pod, accounts.get(account));
    return seen
      .slice(useful.has(account) ? 1 : 0)
      .map((name) => ({ object: pod.object, found: placed(`sees the token of ${account}`, pod.at, name) }));
  });
}

function unknownSubjects(objects: readonly DeclaredObject[]): Finding[] {
  const known = declaredAccounts(objects);
  return ofKind(objects, ...bindings).flatMap((object) =>
    listAt(object.content, "subjects")
      .map((subject) => accountOf(fields(subject)))
      .filter((account) => !known.has(account))
      .map((account) => ({ object, found: `binds ${account}` })),
  );
}

function unknownRoles(objects: readonly DeclaredObject[]): Finding[] {
  return ofKind(objects, ...bindings)
    .filter((binding) => boundRole(binding, objects).length === 0)
    .map((object) => ({
      object,
      found: `gives ${text(object.content, "roleRef", "kind")} ${text(object.content, "roleRef", "name")}`,
    }));
}

/** What Roles cannot narrow, since they go by kinds and verbs. */
const narrowed = ["workflows", "applications", ofExecutor];

function wideWrites(objects: readonly DeclaredObject[]): Finding[] {
  const limits = limitsOf(objects).filter(({ enforced }) => enforced);
  const isLimited = (account: string, resource: string, operation: string) =>
    limits.some(
      (one) => one.limits(account) && one.resources.includes(resource) && one.operations.includes(operation),
    );
  const accounts = declaredAccounts(objects);
  return rightsOf(objects).flatMap((right) => {
    const object = accounts.get(right.account);
    if (object === undefined) return [];
    return written(right)
      .filter(([resource, operation]) => !isLimited(right.account, resource, operation))
      .map(([resource, operation]) => ({ object, found: `${operation} of ${resource} is not limited` }));
  });
}

function written({ resources, verbs }: Right): [resource: string, operation: string][] {
  // What is deleted runs nothing else.
  const operations = operationsOf(verbs).filter((one) => one !== "DELETE");
  return resources
    .filter((one) => narrowed.includes(one))
    .flatMap((resource) => operations.map((operation): [string, string] => [resource, operation]));
}

export const accountPolicies: readonly Policy[] = [
  {
    name: "own-account",
    why: "The account `default` is that of every pod in its namespace: what it is given one day, all have.",
    fix: "Declare a ServiceAccount, and name it in serviceAccountName.",
    find: undeclaredAccounts,
  },
  {
    name: "token-where-used",
    why: "A token in a container that needs none is only of use to whoever takes it over.",
    fix: `Mount an empty folder at ${tokenFolder}, or set automountServiceAccountToken to false.`,
    find: needlessTokens,
  },
  {
    name: "declared-subjects",
    why: "An account that nothing here makes is whoever makes one of that name.",
    fix: "Declare the ServiceAccount, or remove the subject.",
    find: unknownSubjects,
  },
  {
    name: "declared-role",
    why: "What a role of elsewhere gives, nobody sees here, and it may change.",
    fix: "Declare a Role in the namespace of its binding.",
    find: unknownRoles,
  },
  {
    name: "narrowed-writes",
    why: "Whoever may patch a Workflow may change all of it, what it runs included: Roles go by kinds and verbs.",
    fix: "Add a ValidatingAdmissionPolicy for the account (components/kinds/admission.ts).",
    find: wideWrites,
  },
  {
    name: "enforced-admission",
    why: "An admission policy that nothing binds, or that lets pass what it cannot check, limits nothing.",
    fix: "Set failurePolicy to Fail, and bind it with the action Deny.",
    find: (objects) => {
      const loose = limitsOf(objects)
        .filter(({ enforced }) => !enforced)
        .map(({ name }) => name);
      const find = ofObjects(["ValidatingAdmissionPolicy"], ({ name }) =>
        when(loose.includes(name), "does not refuse"),
      );
      return find(objects);
    },
  },
];

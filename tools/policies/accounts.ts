/** Policies for accounts: who uses them, where their tokens are, what binds them, and what limits their writes. */
import type { Right } from "../declared/accounts.ts";
import { accountOf, boundRole, limitsOf, operationsOf, rightsOf } from "../declared/accounts.ts";
import { listAt } from "../../components/builds/programs/json.ts";
import { fields, text } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import { ofKind } from "../declared/objects.ts";
import {
  accountOfPod,
  containersWithToken,
  declaredAccounts,
  podsWithAccount,
  tokenFolder,
} from "../declared/tokens.ts";
import type { Finding, Policy } from "./policy.ts";
import { ofObjects, placed, when } from "./policy.ts";

const bindings = ["RoleBinding", "ClusterRoleBinding"];

/** Every pod of Argo Workflows reports its result, even if its program does not call the API server. */
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

/** One container of a pod may see the token; none if the account has only the rights that Argo itself uses. */
function needlessTokens(objects: readonly DeclaredObject[]): Finding[] {
  const accounts = declaredAccounts(objects);
  const useful = new Set(
    rightsOf(objects)
      .filter(({ resources }) => !resources.includes(ofExecutor))
      .map(({ account }) => account),
  );
  return podsWithAccount(objects).flatMap((pod) => {
    const account = accountOfPod(pod);
    const exposed = containersWithToken(pod, accounts.get(account));
    return exposed
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
      found: `refers to ${text(object.content, "roleRef", "kind")} ${text(object.content, "roleRef", "name")}`,
    }));
}

/** Resources whose fields matter, which a Role cannot limit. */
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
  // Deleting an object cannot change what it runs.
  const operations = operationsOf(verbs).filter((one) => one !== "DELETE");
  return resources
    .filter((one) => narrowed.includes(one))
    .flatMap((resource) => operations.map((operation): [string, string] => [resource, operation]));
}

export const accountPolicies: readonly Policy[] = [
  {
    name: "own-account",
    why: "Every pod of a namespace shares the account `default`: rights that it gets later are rights of all of them.",
    fix: "Declare a ServiceAccount, and set serviceAccountName to it.",
    find: undeclaredAccounts,
  },
  {
    name: "token-where-used",
    why: "A token in a container that does not need it is only of use to an attacker.",
    fix: `Mount an empty folder at ${tokenFolder}, or set automountServiceAccountToken to false.`,
    find: needlessTokens,
  },
  {
    name: "declared-subjects",
    why: "Anyone who creates an account with that name gets its rights.",
    fix: "Declare the ServiceAccount, or remove the subject.",
    find: unknownSubjects,
  },
  {
    name: "declared-role",
    why: "The rights of a role that is declared elsewhere are not visible here, and may change.",
    fix: "Declare a Role in the namespace of its binding.",
    find: unknownRoles,
  },
  {
    name: "narrowed-writes",
    why: "RBAC works by kind and verb: an account that may patch a Workflow may change all of it, including what it runs.",
    fix: "Add a ValidatingAdmissionPolicy for the account (components/kinds/admission.ts).",
    find: wideWrites,
  },
  {
    name: "enforced-admission",
    why: "An admission policy without a binding, or one that admits what it cannot check, limits nothing.",
    fix: "Set failurePolicy to Fail, and bind the policy with the action Deny.",
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

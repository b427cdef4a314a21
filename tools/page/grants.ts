/** Who may do what: the accounts that the stack declares, and what its bindings grant them. */
import type { Rule } from "../declared/accounts.ts";
import { boundRole, limitsOf, rulesOf } from "../declared/accounts.ts";
import { listAt } from "../../components/builds/programs/json.ts";
import { text } from "../declared/fields.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import { ofKind } from "../declared/objects.ts";

/** What a binding grants one subject. */
export interface BoundRole {
  readonly subject: Subject;
  /** Undefined for the whole cluster. */
  readonly namespace: string | undefined;
  readonly binding: DeclaredObject;
  /** Undefined if the stack only refers to it. */
  readonly role: DeclaredObject | undefined;
  readonly rules: readonly Rule[];
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

/** A ServiceAccount with all of its grants, and the policies that limit what it writes. */
export interface Account {
  readonly subject: Subject;
  /** Undefined if the stack does not create it. */
  readonly object: DeclaredObject | undefined;
  readonly grants: readonly BoundRole[];
  readonly policies: readonly DeclaredObject[];
}

export function accounts(objects: readonly DeclaredObject[]): Account[] {
  const all = grants(objects);
  const limits = limitsOf(objects);
  const made = ofKind(objects, "ServiceAccount").map(({ kind, name, folder }) => ({
    kind,
    name,
    namespace: folder,
  }));
  const subjects = new Map([...made, ...all.map(({ subject }) => subject)].map((one) => [keyOf(one), one]));
  return [...subjects].map(([key, subject]) => ({
    subject,
    object: objects.find(({ kind, name, folder }) => key === keyOf({ kind, name, namespace: folder })),
    grants: all.filter((one) => keyOf(one.subject) === key),
    policies: limits.filter((one) => one.limits(subjectName(subject))).map(({ object }) => object),
  }));
}

function grants(objects: readonly DeclaredObject[]): BoundRole[] {
  const bindings = ["RoleBinding", "ClusterRoleBinding"].flatMap((kind) => ofKind(objects, kind));
  return bindings.flatMap((binding) => {
    const [role] = boundRole(binding, objects);
    return listAt(binding.content, "subjects").map((subject) => ({
      subject: subjectOf(subject),
      namespace: binding.kind === "RoleBinding" ? binding.folder : undefined,
      binding,
      role,
      rules: role === undefined ? [] : rulesOf(role),
    }));
  });
}

function subjectOf(subject: unknown): Subject {
  const namespace = text(subject, "namespace");
  return {
    kind: text(subject, "kind"),
    name: text(subject, "name"),
    namespace: namespace === "" ? undefined : namespace,
  };
}

function keyOf({ kind, namespace = "", name }: Subject): string {
  return `${kind} ${namespace} ${name}`;
}

/** `namespace/name`, or the name alone. */
export function subjectName({ name, namespace }: Subject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The accounts that may create a Workflow in a namespace. */
export function starters(all: readonly Account[], namespace: string): string[] {
  return all
    .filter(({ grants }) =>
      grants.some(
        (grant) => (grant.namespace ?? namespace) === namespace && grant.rules.some(createsWorkflows),
      ),
    )
    .map(({ subject }) => subjectName(subject));
}

function createsWorkflows({ apiGroups, resources, verbs }: Rule): boolean {
  const holds = (list: readonly string[], one: string) => list.includes(one) || list.includes("*");
  return holds(apiGroups, "argoproj.io") && holds(resources, "workflows") && holds(verbs, "create");
}

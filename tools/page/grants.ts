/** Who may do what: the accounts that the stack declares, and what its bindings give them. */
import { z } from "zod";
import type { Found, PageObject } from "./objects.ts";
import { objectsLike } from "./objects.ts";

/** What a binding gives to one subject. */
export interface Grant {
  readonly subject: Subject;
  /** A namespace; absent where it is the whole cluster. */
  readonly namespace: string | undefined;
  readonly binding: PageObject;
  /** Absent where the stack only refers to it. */
  readonly role: PageObject | undefined;
  readonly rules: readonly Rule[];
}

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

export type Rule = z.output<typeof rule>;

/** A ServiceAccount with all that it is given, and the policies that limit what it writes. */
export interface Account {
  readonly subject: Subject;
  /** Absent where the stack does not make it. */
  readonly object: PageObject | undefined;
  readonly grants: readonly Grant[];
  readonly policies: readonly PageObject[];
}

const rule = z.object({
  apiGroups: z.array(z.string()).default([]),
  resources: z.array(z.string()).default([]),
  resourceNames: z.array(z.string()).default([]),
  verbs: z.array(z.string()),
});
const role = z.object({ rules: z.array(rule).default([]) });
const binding = z.object({
  roleRef: z.object({ kind: z.string(), name: z.string() }),
  subjects: z
    .array(z.object({ kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .default([]),
});
const policy = z.object({
  spec: z.object({ matchConditions: z.array(z.object({ expression: z.string() })).default([]) }),
});

export function accounts(objects: readonly PageObject[]): Account[] {
  const all = grants(objects);
  const policies = objectsLike(objects, "ValidatingAdmissionPolicy", policy);
  const made = objects
    .filter(({ kind }) => kind === "ServiceAccount")
    .map(({ kind, name, folder }) => ({ kind, name, namespace: folder }));
  const subjects = new Map([...made, ...all.map(({ subject }) => subject)].map((one) => [keyOf(one), one]));
  return [...subjects].map(([key, subject]) => ({
    subject,
    object: objects.find(({ kind, name, folder }) => key === keyOf({ kind, name, namespace: folder })),
    grants: all.filter((one) => keyOf(one.subject) === key),
    policies: policies.filter(limits(subject)).map(({ object }) => object),
  }));
}

function grants(objects: readonly PageObject[]): Grant[] {
  const roles = ["Role", "ClusterRole"].flatMap((kind) => objectsLike(objects, kind, role));
  const bindings = ["RoleBinding", "ClusterRoleBinding"].flatMap((kind) =>
    objectsLike(objects, kind, binding),
  );
  return bindings.flatMap(({ object, data: { roleRef, subjects } }) => {
    const given = roles.find((one) => isReferred(one.object, roleRef, object));
    return subjects.map(({ kind, name, namespace }) => ({
      subject: { kind, name, namespace },
      namespace: object.kind === "RoleBinding" ? object.folder : undefined,
      binding: object,
      role: given?.object,
      rules: given?.data.rules ?? [],
    }));
  });
}

/** A Role is one of the binding's own namespace. */
function isReferred(one: PageObject, to: { kind: string; name: string }, from: PageObject): boolean {
  return (
    one.kind === to.kind && one.name === to.name && (one.kind === "ClusterRole" || one.folder === from.folder)
  );
}

function limits({ name, namespace = "" }: Subject) {
  const user = `'system:serviceaccount:${namespace}:${name}'`;
  return ({ data }: Found<z.output<typeof policy>>) =>
    data.spec.matchConditions.some(({ expression }) => expression.includes(user));
}

function keyOf({ kind, namespace = "", name }: Subject): string {
  return `${kind} ${namespace} ${name}`;
}

/** An account as people write it. */
export function subjectName({ name, namespace }: Subject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The accounts that may make a Workflow in a namespace. */
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

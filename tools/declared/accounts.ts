/** The rights that declared Roles grant to accounts, and the admission policies that limit them. */
import type { Fields } from "./fields.ts";
import { listAt } from "../../components/builds/programs/json.ts";
import { fields, text, texts } from "./fields.ts";
import type { DeclaredObject } from "./objects.ts";
import { ofKind } from "./objects.ts";

/** A rule that a binding grants to an account. */
export interface Right {
  /** `ci/build`. */
  readonly account: string;
  /** Where it applies; "" for the whole cluster. */
  readonly namespace: string;
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Empty for all objects. */
  readonly resourceNames: readonly string[];
  readonly verbs: readonly string[];
}

/** A rule of a Role or a ClusterRole. */
export type Rule = Omit<Right, "account" | "namespace">;

export function rulesOf({ content }: DeclaredObject): Rule[] {
  return listAt(content, "rules").map((rule) => ({
    apiGroups: texts(rule, "apiGroups"),
    resources: texts(rule, "resources"),
    resourceNames: texts(rule, "resourceNames"),
    verbs: texts(rule, "verbs"),
  }));
}

export function rightsOf(objects: readonly DeclaredObject[]): Right[] {
  return ofKind(objects, "RoleBinding", "ClusterRoleBinding").flatMap((binding) => {
    const rules = boundRole(binding, objects).flatMap(rulesOf);
    return listAt(binding.content, "subjects").flatMap((subject) =>
      rules.map((rule) => ({ account: accountOf(fields(subject)), namespace: binding.namespace, ...rule })),
    );
  });
}

/** The role that a binding names, if the stack declares it. */
export function boundRole(
  { namespace, content }: DeclaredObject,
  objects: readonly DeclaredObject[],
): DeclaredObject[] {
  const [kind, name] = [text(content, "roleRef", "kind"), text(content, "roleRef", "name")];
  return ofKind(objects, kind).filter(
    (one) => one.name === name && (kind === "ClusterRole" || one.namespace === namespace),
  );
}

export function accountOf(subject: Fields): string {
  const name = text(subject, "name");
  return subject["kind"] === "ServiceAccount"
    ? `${text(subject, "namespace")}/${name}`
    : `${text(subject, "kind")} ${name}`;
}

/** A ValidatingAdmissionPolicy, and whom it limits. */
export interface Limit {
  readonly object: DeclaredObject;
  readonly name: string;
  readonly resources: readonly string[];
  readonly operations: readonly string[];
  /** Shown for writes that it refuses. */
  readonly messages: readonly string[];
  /** Whether a binding makes it refuse writes. */
  readonly enforced: boolean;
  readonly limits: (account: string) => boolean;
  /** Whether it limits all accounts, because it names none. */
  readonly everybody: boolean;
}

export function limitsOf(objects: readonly DeclaredObject[]): Limit[] {
  return ofKind(objects, "ValidatingAdmissionPolicy").map((object) => {
    const { name, content } = object;
    const rules = listAt(content, "spec", "matchConstraints", "resourceRules");
    const conditions = listAt(content, "spec", "matchConditions").map((one) => text(one, "expression"));
    return {
      object,
      name,
      resources: rules.flatMap((rule) => texts(rule, "resources")),
      operations: rules.flatMap((rule) => texts(rule, "operations")),
      messages: listAt(content, "spec", "validations").map((one) => text(one, "message")),
      enforced: text(content, "spec", "failurePolicy") === "Fail" && isBound(name, objects),
      everybody: conditions.length === 0,
      limits: (account) =>
        conditions.some((one) => one.includes(`'system:serviceaccount:${account.replace("/", ":")}'`)),
    };
  });
}

function isBound(policy: string, objects: readonly DeclaredObject[]): boolean {
  return ofKind(objects, "ValidatingAdmissionPolicyBinding").some(
    ({ content }) =>
      text(content, "spec", "policyName") === policy &&
      texts(content, "spec", "validationActions").includes("Deny"),
  );
}

/** The operations that admission policies see for these verbs. */
export function operationsOf(verbs: readonly string[]): string[] {
  const written: Readonly<Record<string, string>> = {
    create: "CREATE",
    update: "UPDATE",
    patch: "UPDATE",
    delete: "DELETE",
  };
  return [...new Set(verbs.flatMap((verb) => written[verb] ?? []))];
}

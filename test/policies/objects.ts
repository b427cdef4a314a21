/** Objects as the program declares them, for the tests of policies. */
import { fields } from "../../tools/declared/fields.ts";
import type { DeclaredObject } from "../../tools/declared/objects.ts";
import { objectsOf } from "../../tools/declared/objects.ts";

export interface Cases {
  readonly kept: readonly (readonly DeclaredObject[])[];
  /** Each with its findings. */
  readonly broken: readonly (readonly [objects: readonly DeclaredObject[], found: readonly string[]])[];
}

type Given = Readonly<Record<string, unknown>>;

/** @param given the object, with its kind and relevant metadata */
export function object(given: Given): DeclaredObject {
  const { kind = "Pod", metadata = {}, ...rest } = given;
  const inputs = { apiVersion: "v1", kind, metadata: { name: "one", ...fields(metadata) }, ...rest };
  const [made] = objectsOf([{ ...common, ...typed(String(kind), inputs, rest) }]);
  if (made === undefined) throw new Error(`no object of ${String(kind)}`);
  return made;
}

const common = { name: "one", custom: true, provider: "", options: {} };

function typed(kind: string, inputs: Given, rest: Given) {
  if (kind === "RepositoryWebhook" || kind === "OrganizationWebhook")
    return {
      type: `github:index/${kind[0]?.toLowerCase() ?? ""}${kind.slice(1)}:${kind}`,
      inputs: { ...rest },
    };
  if (kind === "Release") return { type: "kubernetes:helm.sh/v3:Release", inputs: { name: "one", ...rest } };
  return { type: `kubernetes:core/v1:${kind}`, inputs: { ...inputs } };
}

/** A Pod with one container. */
export function container(content: Given, spec: Given = {}): DeclaredObject[] {
  return [object({ kind: "Pod", spec: { ...spec, containers: [{ name: "a", ...content }] } })];
}

/** A WorkflowTemplate with one template. */
export function template(content: Given, spec: Given = {}): DeclaredObject[] {
  return [object({ kind: "WorkflowTemplate", spec: { ...spec, templates: [{ name: "t", ...content }] } })];
}

export function role(...rules: readonly Given[]): DeclaredObject[] {
  return [object({ kind: "Role", metadata: { namespace: "ci" }, rules })];
}

/** The account `ci/one` with a Role with these rules. */
export function account(...rules: readonly Given[]): DeclaredObject[] {
  const metadata = { namespace: "ci" };
  const subjects = [{ kind: "ServiceAccount", name: "one", namespace: "ci" }];
  return [
    object({ kind: "ServiceAccount", metadata }),
    ...role(...rules),
    object({ kind: "RoleBinding", metadata, roleRef: { kind: "Role", name: "one" }, subjects }),
  ];
}

/** What a stack declares, as objects for policies and documentation. */
import type { Declared } from "../offline/evaluate.ts";
import { isObject, renderOne, unwrap } from "../offline/render.ts";
import type { Fields } from "./fields.ts";
import { fields, text } from "./fields.ts";

export interface DeclaredObject {
  /** Its file in a preview: `ci/Role-build.yaml`. */
  readonly path: string;
  /** The folder of that file: a namespace, or another folder of a preview. */
  readonly folder: string;
  readonly kind: string;
  /** For a release, the namespace of its chart; "" for what is cluster-wide or outside the cluster. */
  readonly namespace: string;
  readonly name: string;
  /** Its inputs, without Pulumi's marks of secrets. */
  readonly content: Fields;
  /** Its inputs, with the marks. */
  readonly inputs: Fields;
}

/** Everything but components and providers. */
export function objectsOf(declared: readonly Declared[]): DeclaredObject[] {
  return declared.flatMap((one) => {
    if (one.type === "pulumi:pulumi:Stack") return [];
    const rendered = renderOne(one);
    return isObject(rendered) ? [asObject(one, rendered)] : [];
  });
}

function asObject(
  { inputs }: Declared,
  { path, folder, kind, name }: Pick<DeclaredObject, "path" | "folder" | "kind" | "name">,
): DeclaredObject {
  const content = fields(unwrap(inputs));
  const namespace = text(content, "metadata", "namespace") || text(content, "namespace");
  return { path, folder, kind, namespace, name, content, inputs };
}

/** The kinds of GitHub's webhooks. */
export const webhookKinds = ["RepositoryWebhook", "OrganizationWebhook"];

export function ofKind(objects: readonly DeclaredObject[], ...kinds: readonly string[]): DeclaredObject[] {
  return objects.filter(({ kind }) => kinds.includes(kind));
}

/** What a stack declares, as objects that can be asked. */
import type { Declared } from "../offline/evaluate.ts";
import { isObject, renderOne, unwrap } from "../offline/render.ts";
import type { Fields } from "./fields.ts";
import { fields, text } from "./fields.ts";

export interface DeclaredObject {
  /** The file that shows it: `ci/Role-build.yaml`. */
  readonly path: string;
  /** The folder of that file: a namespace, or one of the folders of a preview. */
  readonly folder: string;
  readonly kind: string;
  /** That of the chart, for a release; "" for what is cluster-wide or outside of the cluster. */
  readonly namespace: string;
  readonly name: string;
  /** Its inputs, without the marks of secrets. */
  readonly content: Fields;
  /** Its inputs, with these. */
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

/** What GitHub delivers pushes by. */
export const webhookKinds = ["RepositoryWebhook", "OrganizationWebhook"];

export function ofKind(objects: readonly DeclaredObject[], ...kinds: readonly string[]): DeclaredObject[] {
  return objects.filter(({ kind }) => kinds.includes(kind));
}

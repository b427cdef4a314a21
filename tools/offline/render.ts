/** Turns what a program declared into files: one for each object, as `kubectl` would be given it. */
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { Declared } from "./evaluate.ts";
import { placeholder } from "./stack-file.ts";

/** An object of the stack. */
export interface Rendered {
  /** `<folder>/<file>.yaml`; no two objects share one. */
  readonly path: string;
  /** A namespace, or `_cluster`, `_releases`, `_github`, `_random`. */
  readonly folder: string;
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

/** Everything that a provider would make, in a fixed order. Components and providers are left out. */
export function render(declared: readonly Declared[]): Rendered[] {
  const rendered = declared
    .filter(({ custom, type }) => custom && !type.startsWith("pulumi:"))
    .map(renderOne)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const twice = rendered.find(({ path }, index) => path === rendered[index + 1]?.path);
  if (twice !== undefined) throw new Error(`the program declares ${twice.path} twice`);
  return rendered;
}

function renderOne(resource: Declared): Rendered {
  const inputs = unwrap(resource.inputs) as Record<string, unknown>;
  if (resource.type === "kubernetes:helm.sh/v3:Release") return renderRelease(inputs);
  if (resource.type.startsWith("kubernetes:")) return renderObject(inputs);
  const [provider = "", , kind = ""] = resource.type.split(":");
  const content = { type: resource.type, inputs };
  return file(`_${provider}`, kind, resource.name, resource.name, content);
}

function renderRelease(inputs: Record<string, unknown>): Rendered {
  const { name, chart, version, repositoryOpts, namespace, values } = inputs;
  const repository: unknown = Reflect.get(Object(repositoryOpts), "repo");
  const content = { chart, version, repository, namespace, values };
  return file("_releases", "Release", String(name), String(name), content);
}

function renderObject({ apiVersion, kind, metadata, ...rest }: Record<string, unknown>): Rendered {
  const { name, namespace } = metadata as { name: string; namespace?: string };
  const body = kind === "Secret" ? maskSecret(rest) : rest;
  const content = { apiVersion, kind, metadata, ...body };
  return file(namespace ?? "_cluster", String(kind), name, `${String(kind)}-${name}`, content);
}

function file(folder: string, kind: string, name: string, base: string, content: object): Rendered {
  return { path: `${folder}/${base}.yaml`, folder, kind, name, text: stringify(content, { lineWidth: 0 }) };
}

/** A Secret's values, of whatever they are made, show as one placeholder; its keys stay readable. */
function maskSecret(body: Record<string, unknown>): Record<string, unknown> {
  const { stringData } = body;
  const masked = Object.keys(Object(stringData) as object).map((key) => [key, placeholder]);
  return { ...body, stringData: Object.fromEntries(masked) };
}

/** Takes off Pulumi's mark of a secret; offline every secret is the placeholder already. */
export function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.runtime.isRpcSecret(value)) return unwrap(pulumi.runtime.unwrapRpcSecret(value));
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, unwrap(child)]));
}

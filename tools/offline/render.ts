/** Renders declared resources as files, one for each resource, with all its inputs and options. */
import * as pulumi from "@pulumi/pulumi";
import type { Declared } from "./evaluate.ts";
import type { KnownFiles } from "./yaml.ts";
import { yaml } from "./yaml.ts";

/** A resource of the stack. */
export interface Rendered {
  /** `<folder>/<file>.yaml`; no two resources share one. */
  readonly path: string;
  /** A namespace, or `_cluster`, `_releases`, `_github`, `_random`; `_components` and `_providers` are Pulumi's own. */
  readonly folder: string;
  readonly kind: string;
  readonly name: string;
  /** Renders its YAML. This is slow, and a listing of thousands of resources needs it for few of them. */
  readonly text: () => string;
}

/** All resources in a fixed order, without the stack itself. */
export function render(declared: readonly Declared[], files?: KnownFiles): Rendered[] {
  const rendered = declared
    .filter(({ type }) => type !== "pulumi:pulumi:Stack")
    .map((one) => renderOne(one, files))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const duplicate = rendered.find(({ path }, index) => path === rendered[index + 1]?.path);
  if (duplicate !== undefined) throw new Error(`the program declares ${duplicate.path} twice`);
  return rendered;
}

/** The folder of the Helm releases. */
export const releasesFolder = "_releases";

/** Whether it exists outside of Pulumi. */
export function isObject({ folder }: Rendered): boolean {
  return folder !== "_components" && folder !== "_providers";
}

export function renderOne(resource: Declared, files?: KnownFiles): Rendered {
  const { content, ...place } = placed(resource);
  const { folder, base } = place;
  return { ...place, path: `${folder}/${base}.yaml`, text: () => yaml(content, head(resource), files) };
}

interface Placed {
  readonly folder: string;
  /** The file's name. */
  readonly base: string;
  readonly kind: string;
  readonly name: string;
  readonly content: object;
}

function placed({ type, name, inputs, custom }: Declared): Placed {
  if (type === "kubernetes:helm.sh/v3:Release") return placedRelease(inputs);
  if (type.startsWith("kubernetes:")) return placedObject(inputs);
  const [group = "", module = "", last = ""] = type.split(":");
  const kind = group === "pulumi" ? module : last;
  const folder = custom ? `_${group === "pulumi" ? module : group}` : "_components";
  return { folder, base: encodeURIComponent(name), kind, name, content: inputs };
}

/** The values are long, so they come last. */
function placedRelease(inputs: Record<string, unknown>): Placed {
  const { name, namespace, chart, version, values, ...rest } = inputs;
  const content = { name, namespace, chart, version, ...rest, values };
  return { folder: releasesFolder, base: String(name), kind: "Release", name: String(name), content };
}

/** As a manifest for `kubectl`. */
function placedObject({ apiVersion, kind, metadata, ...rest }: Record<string, unknown>): Placed {
  const { name, namespace } = metadata as { name: string; namespace?: string };
  return {
    folder: namespace ?? "_cluster",
    base: `${String(kind)}-${name}`,
    kind: String(kind),
    name,
    content: { apiVersion, kind, metadata, ...rest },
  };
}

/** Its type and name in the state, and its options. */
function head({ type, name, provider, options }: Declared): string {
  const { parent, ...rest } = options;
  const shown = {
    ...(parent === undefined ? {} : { parent }),
    ...(provider === "" ? {} : { provider: nameOf(provider) }),
    ...rest,
  };
  const inline = Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, inOneLine(value)]));
  return Object.keys(inline).length === 0 ? `${type} ${name}` : `${type} ${name}\n${yaml(inline).trimEnd()}`;
}

/** Joins a list of strings, unless it is too long for a line. */
function inOneLine(value: unknown): unknown {
  if (!Array.isArray(value) || value.some((one) => typeof one !== "string")) return value;
  const text = value.join(", ");
  return text.length > 100 ? value : text;
}

/** The name in a provider's reference, which consists of its URN and its ID. */
function nameOf(reference: string): string {
  return reference.split("::").at(-2) ?? reference;
}

/** Removes Pulumi's marks of secrets at all levels. */
export function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.runtime.isRpcSecret(value)) return unwrap(pulumi.runtime.unwrapRpcSecret(value));
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, unwrap(child)]));
}

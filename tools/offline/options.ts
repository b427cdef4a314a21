/**
 * The options of resources in readable form: other resources by kind and name.
 *
 * Pulumi passes only the inputs to its mocks. A stack transformation also sees the options.
 */
import * as pulumi from "@pulumi/pulumi";

/** The options that are set, by Pulumi's names. */
export type Options = Readonly<Record<string, unknown>>;

export interface OptionsRecorder {
  /** Must be registered before the program runs. */
  readonly transformation: pulumi.ResourceTransformation;
  readonly of: (type: string, name: string) => Options;
}

export function optionsRecorder(): OptionsRecorder {
  const labels = new Map<pulumi.Resource, string>();
  const options = new Map<string, Options>();
  return {
    transformation: ({ resource, type, name, opts }) => {
      labels.set(resource, type.startsWith("pulumi:providers:") ? name : `${lastPart(type)} ${name}`);
      // A resource that is only read may have the name of another one.
      if (opts.id === undefined) options.set(keyOf(type, name), readable(type, opts, labels));
      return undefined;
    },
    of: (type, name) => options.get(keyOf(type, name)) ?? {},
  };
}

/** The engine also distinguishes resources by their parents, which mocks do not receive. */
function keyOf(type: string, name: string): string {
  return `${type} ${name}`;
}

type AllOptions = pulumi.CustomResourceOptions & pulumi.ComponentResourceOptions;
type Labels = ReadonlyMap<pulumi.Resource, string>;

/**
 * Options that are shown in another form or elsewhere: the mocks receive the effective provider of a resource, its own
 * or its parent's; the version is that of the SDK, which package.json pins.
 */
const special = ["parent", "provider", "providers", "dependsOn", "aliases", "version", "pluginDownloadURL"];

function readable(type: string, opts: AllOptions, labels: Labels): Options {
  const { parent, providers, dependsOn, aliases } = opts;
  const plainList = (list: unknown[]) => (list.length === 0 ? undefined : plain(list, labels));
  const shown: Record<string, unknown> = {
    parent: parent && plain(parent, labels),
    providers: providers && plainList(Object.values(providers)),
    dependsOn: plainList(listed(dependsOn)),
    aliases: plainList(listed(aliases).filter((one) => !isOfSdk(type, one))),
    ...Object.fromEntries(
      Object.entries(opts)
        .filter(([key]) => !special.includes(key))
        .map(([key, value]) => [key, plain(value, labels)]),
    ),
  };
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined));
}

/** An option that accepts a single value or a list. */
function listed(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The Kubernetes SDK adds an alias for every older API version of a kind, so that a newer one is the same object. */
function isOfSdk(type: string, alias: unknown): boolean {
  const { type: older, ...others } = Object(alias) as { type?: unknown };
  return typeof older === "string" && lastPart(older) === lastPart(type) && Object.keys(others).length === 0;
}

function plain(value: unknown, labels: Labels): unknown {
  if (pulumi.Resource.isInstance(value)) return labels.get(value) ?? "(a resource)";
  if (pulumi.Output.isInstance(value)) return "(an output)";
  if (typeof value === "function") return "(a function)";
  if (Array.isArray(value)) return value.map((one) => plain(one, labels));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, plain(child, labels)] as const);
  return Object.fromEntries(entries.filter(([, child]) => child !== undefined));
}

function lastPart(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/** The state of an earlier version of the program, derived from today's and from the URNs of that version. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { State, StateResource } from "./engine.ts";

export interface Earlier {
  readonly state: State;
  /** URNs of the resources that have older inputs. */
  readonly older: readonly string[];
  /** URNs of the resources that were added since. */
  readonly added: readonly string[];
}

/**
 * @returns URNs without the stack and the project: the types of the parents, its own type, and the name. If the program
 * has renamed a resource with an alias, today's follows after ` = `.
 */
export function earlierUrns(stack: string): string[] {
  const file = join(import.meta.dirname, "../edits/earlier", `${stack}.txt`);
  return readFileSync(file, "utf8").trimEnd().split("\n");
}

/**
 * Leaves out what was added since, gives the rest its earlier URNs, and Kubernetes objects older images, versions and
 * labels.
 *
 * @param urns as `earlierUrns` returns them
 * @throws AssertionError if one is no longer declared: an update would delete it
 */
export function earlierState(today: State, urns: readonly string[]): Earlier {
  const then = new Map(
    urns.map((line) => {
      const [before = "", now = before] = line.split(" = ");
      return [now, before] as const;
    }),
  );
  const declared = new Set(today.resources.map(({ urn }) => shortUrn(urn)));
  const missing = [...then.keys()].filter((urn) => !declared.has(urn));
  assert.deepEqual(missing, [], "no longer declared");
  const kept = today.resources.filter(({ urn }) => then.has(shortUrn(urn)));
  const added = today.resources.map(({ urn }) => urn).filter((urn) => !then.has(shortUrn(urn)));
  const older = kept.filter(isAged).map(({ urn }) => urn);
  const resources = kept.map((one) => withoutDependencies(isAged(one) ? aged(one) : one, added));
  return { state: renamed({ ...today, resources }, then), older, added };
}

function withoutDependencies(resource: StateResource, added: readonly string[]): StateResource {
  const { dependencies = [], propertyDependencies = {} } = resource;
  const known = (all: readonly string[] | null) => (all ?? []).filter((urn) => !added.includes(urn));
  const ofProperties = Object.entries(propertyDependencies).map(([key, all]) => [key, known(all)] as const);
  return {
    ...resource,
    dependencies: known(dependencies),
    propertyDependencies: Object.fromEntries(ofProperties),
  };
}

/** Without the prefix of all URNs of a stack. */
export function shortUrn(urn: string): string {
  return urn.split("::").slice(2).join("::");
}

/** References contain the URN too, some with an ID after it. */
function renamed(state: State, then: ReadonlyMap<string, string>): State {
  let text = JSON.stringify(state);
  for (const [now, before] of then)
    if (now !== before)
      text = text.replaceAll(`::${now}"`, `::${before}"`).replaceAll(`::${now}::`, `::${before}::`);
  return JSON.parse(text) as State;
}

function isAged({ custom, type, inputs }: StateResource): boolean {
  return custom && type.startsWith("kubernetes:") && JSON.stringify(inputs) !== JSON.stringify(older(inputs));
}

function aged(resource: StateResource): StateResource {
  const { inputs, outputs } = resource;
  return { ...resource, inputs: older(inputs) as Inputs, outputs: older(outputs) as Inputs };
}

type Inputs = NonNullable<StateResource["inputs"]>;

/** Changes tags of images, versions of charts, and names of labels, at any depth. */
function older(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => older(one));
  if (typeof value === "string") return olderText(value, key);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [
    key === "labels" ? `earlier/${name.replace(/^.*[/]/, "")}` : name,
    older(one, name),
  ]);
  return Object.fromEntries(entries);
}

function olderText(text: string, key: string): string {
  if (key === "image") return text.replace(/:[^:/]+$/, ":0.1.0");
  return key === "version" ? "0.1.0" : text;
}

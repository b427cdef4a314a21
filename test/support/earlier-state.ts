/** A state that an earlier version of the program has left, made of today's and of the URNs that it had. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { State, StateResource } from "./engine.ts";

export interface Earlier {
  readonly state: State;
  /** URNs of the resources that have older inputs in it. */
  readonly older: readonly string[];
  /** URNs of those that are new since then. */
  readonly added: readonly string[];
}

/**
 * @returns URNs without the stack and the project: the types of the parents and its own, and the name. Of what the program calls
 * otherwise now, and names by an alias, today's follows behind ` = `.
 */
export function earlierUrns(stack: string): string[] {
  const file = join(import.meta.dirname, "../edits/earlier", `${stack}.txt`);
  return readFileSync(file, "utf8").trimEnd().split("\n");
}

/**
 * What is new since then is left out, the rest has its URN of then, and Kubernetes' objects have older images, versions and labels.
 *
 * @param urns those of then, as `earlierUrns` gives them
 * @throws AssertionError where one is declared no more: an update would delete it
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
  assert.deepEqual(missing, [], "declared no more");
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

/** Without what begins all URNs of a stack. */
export function shortUrn(urn: string): string {
  return urn.split("::").slice(2).join("::");
}

/** References to a resource are its URN too, some with an ID behind it. */
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

/** Tags of images, versions of charts, and the names of labels, in any depth. */
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

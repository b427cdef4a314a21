/** Edits of a stack file, each at a place in its schema. */
import fc from "fast-check";
import { entries } from "../../components/entries.ts";
import type { JsonSchema } from "../docs/schema.ts";
import { fitting, itemOf, odd, oddText } from "./values.ts";

export type Keys = Record<string, unknown>;

/** A step to a place: a key, any item of a list, or any name that a user chooses. */
type Step = string | typeof item | typeof name;
const item = Symbol("item");
const name = Symbol("name");

interface Place {
  readonly steps: readonly Step[];
  readonly schema: JsonSchema;
}

/** Changes the keys in place. */
export type Edit = (keys: Keys) => void;

export function placesOf(schema: JsonSchema, steps: readonly Step[] = []): Place[] {
  const { properties = {}, anyOf = [] } = schema;
  const inner = itemOf(schema);
  const below = [
    ...(properties["secure"] === undefined ? entries(properties) : []).flatMap(([key, one]) =>
      placesOf(one, [...steps, key]),
    ),
    ...(Object.keys(inner).length === 0
      ? []
      : placesOf(inner, [...steps, schema.items === undefined ? name : item])),
    ...anyOf.flatMap((one) => placesOf(one, steps)),
  ];
  return steps.length === 0 ? below : [{ steps, schema }, ...below];
}

/** Sets a value that the schema accepts, at an existing or a missing key. */
export function fittingEdit(places: readonly Place[]): fc.Arbitrary<Edit> {
  return edit(
    places,
    ({ schema }) => fitting(schema),
    (parent, key, value) => {
      put(parent, key, value);
    },
  );
}

/** Copies a value from elsewhere in the file, so that entries refer to each other or share a name. */
export function copyingEdit(places: readonly Place[]): fc.Arbitrary<Edit> {
  const two = fc.tuple(spot(places), spot(places));
  return two.map(([from, to]) => (keys) => {
    const [source, target] = [found(keys, from), found(keys, to)];
    if (source === undefined || target === undefined || from.place.steps[0] === "secrets") return;
    const value: unknown = Reflect.get(source.parent, source.key);
    if (value !== undefined) put(target.parent, target.key, structuredClone(value));
  });
}

export function removingEdit(places: readonly Place[]): fc.Arbitrary<Edit> {
  return edit(
    places,
    () => fc.constant(undefined),
    (parent, key) => {
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else Reflect.deleteProperty(parent, key);
    },
  );
}

/** Sets a value of any type. */
export function oddEdit(places: readonly Place[]): fc.Arbitrary<Edit> {
  return edit(
    places,
    () => odd,
    (parent, key, value) => {
      put(parent, key, value);
    },
  );
}

/** Adds a key: misspelt, hostile, or from another place. */
export function oddKeyEdit(places: readonly Place[]): fc.Arbitrary<Edit> {
  const known = places.map(({ steps }) => steps.at(-1)).filter((step) => typeof step === "string");
  const key = fc.oneof(
    oddText,
    fc.constantFrom(...known),
    fc.constantFrom(...known).map((one) => `${one}s`),
  );
  return edit(
    places,
    () => fc.tuple(key, odd),
    (parent, _, [name, value]) => {
      if (!Array.isArray(parent)) put(parent, name, value);
    },
  );
}

interface Spot {
  readonly place: Place;
  readonly choices: readonly number[];
}

function spot(places: readonly Place[]): fc.Arbitrary<Spot> {
  const choices = fc.array(fc.nat(7), { minLength: 4, maxLength: 4 });
  return fc.record({ place: fc.constantFrom(...places), choices });
}

function edit<Value>(
  places: readonly Place[],
  value: (place: Place) => fc.Arbitrary<Value>,
  apply: (parent: object, key: string, value: Value) => void,
): fc.Arbitrary<Edit> {
  return spot(places).chain((one) =>
    value(one.place).map((made) => (keys: Keys) => {
      const target = found(keys, one);
      if (target !== undefined) apply(target.parent, target.key, made);
    }),
  );
}

interface Found {
  readonly parent: object;
  readonly key: string;
}

/** Finds a place in these keys, and creates missing lists and maps on the way. */
function found(keys: Keys, { place: { steps }, choices }: Spot): Found | undefined {
  let parent: unknown = keys;
  for (const [index, step] of steps.entries()) {
    if (typeof parent !== "object" || parent === null) return undefined;
    const key = typeof step === "string" ? step : chosen(parent, choices[index % choices.length] ?? 0);
    if (index === steps.length - 1) return { parent, key };
    parent = Object.hasOwn(parent, key)
      ? Reflect.get(parent, key)
      : added(parent, key, steps[index + 1] === item);
  }
  return undefined;
}

/** An existing key, or a new one. */
function chosen(parent: object, choice: number): string {
  const all = Object.keys(parent);
  const more = Array.isArray(parent) ? all.length.toString() : "other";
  return choice === 7 ? more : (all[choice % Math.max(all.length, 1)] ?? more);
}

function added(parent: object, key: string, isList: boolean): object {
  const made = isList ? [] : {};
  put(parent, key, made);
  return made;
}

/** Sets an own property, even for a name like `__proto__`. */
function put(parent: object, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}

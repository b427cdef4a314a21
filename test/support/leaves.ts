/** The options of a stack file one by one, from its JSON Schema. */
import type { JsonSchema } from "../../tools/docs/schema.ts";

/** An option that has a value, and no options below it. */
export interface Leaf {
  /** `projects.<name>.repositories[].cache`. */
  readonly option: string;
  readonly schema: JsonSchema;
}

/** A value of an option in a stack file. */
export interface Occurrence extends Leaf {
  readonly steps: readonly (string | number)[];
  readonly value: unknown;
}

export function leaves(schema: JsonSchema, option = ""): Leaf[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((one) => leaves(one, option));
  const below = [
    ...Object.entries(isSecret(schema) ? {} : (schema.properties ?? {})).flatMap(([key, one]) =>
      leaves(one, joined(option, key)),
    ),
    ...inside(schema).flatMap(([step, one]) => leaves(one, option + step)),
  ];
  return below.length === 0 ? [{ option, schema }] : below;
}

export function occurrences(
  value: unknown,
  schema: JsonSchema,
  option = "",
  steps: Occurrence["steps"] = [],
): Occurrence[] {
  if (schema.anyOf !== undefined) {
    const fitting = schema.anyOf.find(({ type }) => type === typeof value) ?? {};
    return occurrences(value, fitting, option, steps);
  }
  const [[step, within] = ["", {}]] = inside(schema);
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => occurrences(one, within, option + step, [...steps, index]));
  }
  if (typeof value !== "object" || value === null || isSecret(schema))
    return [{ option, schema, steps, value }];
  return Object.entries(value).flatMap(([key, one]) => {
    const own = schema.properties?.[key];
    return own === undefined
      ? occurrences(one, within, option + step, [...steps, key])
      : occurrences(one, own, joined(option, key), [...steps, key]);
  });
}

/** The items of a list, or the values of a map whose keys the user chooses. */
function inside({ items, additionalProperties }: JsonSchema): [string, JsonSchema][] {
  const [item] = Array.isArray(items) ? items : [items];
  return [
    ...(item === undefined ? [] : [["[]", item] satisfies [string, JsonSchema]]),
    ...(typeof additionalProperties === "object"
      ? [[".<name>", additionalProperties] satisfies [string, JsonSchema]]
      : []),
  ];
}

/** A value that `pulumi config set --secret` has encrypted is still a single value. */
function isSecret({ properties }: JsonSchema): boolean {
  return properties?.["secure"] !== undefined;
}

function joined(option: string, key: string): string {
  return option === "" ? key : `${option}.${key}`;
}

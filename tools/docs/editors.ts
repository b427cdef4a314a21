/** The JSON Schema for editors, which show a key's description, but not its default. */
import { code, isEmpty } from "./reference.ts";
import type { JsonSchema } from "./schema.ts";

/** Adds each default to the description. */
export function withDefaultsShown(schema: JsonSchema): JsonSchema {
  const { properties, additionalProperties, items, anyOf } = schema;
  return {
    ...schema,
    ...description(schema),
    ...(properties && { properties: shownInEach(properties) }),
    ...(typeof additionalProperties === "object" && {
      additionalProperties: withDefaultsShown(additionalProperties),
    }),
    ...(items && { items: Array.isArray(items) ? items.map(withDefaultsShown) : withDefaultsShown(items) }),
    ...(anyOf && { anyOf: anyOf.map(withDefaultsShown) }),
  };
}

function description({
  description: meaning,
  default: fallback,
}: JsonSchema): Pick<JsonSchema, "description"> {
  if (meaning === undefined || fallback === undefined || isEmpty(fallback)) return {};
  return { description: `${meaning} Default: ${code(fallback)}.` };
}

function shownInEach(properties: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, withDefaultsShown(one)]));
}

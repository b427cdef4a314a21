/** The JSON Schema as editors read it: at a key they show its description, but not its default. */
import { code, isEmpty } from "./reference.ts";
import type { JsonSchema } from "./schema.ts";

/** The same, with each default in the description beside it. */
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

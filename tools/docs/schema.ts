/** The JSON Schema of a stack file, generated from the schema that parses it. */
import { z } from "zod";
import { architecture } from "../../components/settings/build-schema.ts";
import { project, repository } from "../../components/settings/project-schema.ts";
import { topLevel } from "../../components/settings/schema.ts";
import { secrets } from "../../components/settings/secret-schema.ts";
import { fullKey } from "../../components/settings/config-keys.ts";

/** The parts of JSON Schema that ours uses. */
export interface JsonSchema {
  $schema?: string;
  title?: string;
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  patternProperties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema | JsonSchema[];
  additionalItems?: JsonSchema;
}

export function stackSchema(prefix: string): JsonSchema {
  const keys = { ...topLevel, projects: projects(), secrets };
  const properties = Object.entries(keys).map(([key, schema]) => {
    const json = jsonSchema(schema);
    return [fullKey(prefix, key), key === "secrets" ? encrypted(json) : json] as const;
  });
  // From the parser, because zod omits defaults of transformed values from the JSON Schema.
  const required = Object.entries<z.ZodType>(keys).filter(
    ([, schema]) => !schema.safeParse(undefined).success,
  );
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Stack file of argo-cicd",
    type: "object",
    required: ["config"],
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(properties),
        required: required.map(([key]) => fullKey(prefix, key)).filter((key) => !key.endsWith(":secrets")),
        // Keys of Pulumi and of its providers are allowed; a key with our prefix must be known.
        patternProperties: { [`^(?!${fullKey(prefix, "")})`]: {} },
        additionalProperties: false,
      },
    },
  };
}

function projects() {
  return z.record(z.string(), project).describe("The projects by name.");
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    override: ({ zodSchema, jsonSchema: one }) => {
      if (zodSchema === repository) nameOrObject(one as JsonSchema);
      if (zodSchema === architecture) oneOrList(one as JsonSchema);
    },
  }) as JsonSchema;
  // Only needed at the top.
  delete json.$schema;
  return json;
}

/** A repository may be only its name, which the parser's own schema does not express. */
function nameOrObject(json: JsonSchema): void {
  const object = { ...json };
  for (const key of Object.keys(json)) Reflect.deleteProperty(json, key);
  json.anyOf = [object.properties?.["name"] ?? {}, object];
}

/** Likewise, a single architecture may stand without a list. */
function oneOrList(json: JsonSchema): void {
  const list = { ...json };
  for (const key of Object.keys(json)) Reflect.deleteProperty(json, key);
  json.anyOf = [Array.isArray(list.items) ? {} : (list.items ?? {}), list];
}

/** In the file, a secret has the form that `pulumi config set --secret` writes. */
function encrypted(json: JsonSchema): JsonSchema {
  if (json.type === "string") {
    return {
      ...(json.description === undefined ? {} : { description: json.description }),
      type: "object",
      properties: { secure: { type: "string" } },
      required: ["secure"],
      additionalProperties: false,
    };
  }
  const { properties, additionalProperties } = json;
  return {
    ...json,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, one]) => [key, encrypted(one)]),
          ),
        }),
    ...(typeof additionalProperties === "object"
      ? { additionalProperties: encrypted(additionalProperties) }
      : {}),
  };
}

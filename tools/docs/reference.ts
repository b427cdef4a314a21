/** docs/configuration.md: every key of a stack file, from its JSON Schema. */
import type { JsonSchema } from "./schema.ts";

const head = `# Configuration

<!-- Generated from components/settings by \`npm run docs\`. -->

Every key of \`Pulumi.<stack>.yaml\`, below \`config:\`. An unknown or misspelt key is refused. Editors complete
and check the file with [stack.schema.json](stack.schema.json), which the first line of each stack file names.
`;

export function configurationReference(schema: JsonSchema): string {
  const keys = schema.properties?.["config"]?.properties ?? {};
  return [head, ...Object.entries(keys).map(([key, one]) => section(key, one))].join("\n");
}

function section(key: string, schema: JsonSchema): string {
  const rows = fields("", schema);
  const description = schema.description ?? "";
  const table =
    rows.length === 0
      ? `${type(schema)}${defaultOf(schema)}.\n`
      : `| key | type | default | meaning |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  return `## ${key}\n\n${description === "" ? "" : `${description}\n\n`}${table}`;
}

/** A row for each key, nested keys with their path. */
function fields(prefix: string, schema: JsonSchema): string[] {
  const object = schema.anyOf?.find(({ properties }) => properties !== undefined) ?? schema;
  const own = Object.entries(object.properties ?? {}).flatMap(([key, one]) => {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    return [row(path, one, object.required?.includes(key) ?? false), ...nested(path, one)];
  });
  const map = object.additionalProperties;
  if (typeof map !== "object") return own;
  const path = prefix === "" ? "<name>" : `${prefix}.<name>`;
  return isLeaf(map) ? [...own, row(path, map, false)] : [...own, ...fields(path, map)];
}

/** Whether a key has a single value, without keys below it. */
function isLeaf(schema: JsonSchema): boolean {
  return schema.properties === undefined
    ? typeof schema.additionalProperties !== "object"
    : schema.properties["secure"] !== undefined;
}

function nested(path: string, schema: JsonSchema): string[] {
  if (schema.properties?.["secure"] !== undefined) return [];
  if (schema.items !== undefined && !Array.isArray(schema.items)) return fields(`${path}[]`, schema.items);
  return fields(path, schema);
}

function row(path: string, schema: JsonSchema, required: boolean): string {
  const { description = "", default: fallback } = schema;
  const shown = required ? "**required**" : fallback === undefined || isEmpty(fallback) ? "" : code(fallback);
  return `| \`${path}\` | ${type(schema)} | ${shown} | ${cell(description)} |`;
}

function type(schema: JsonSchema): string {
  if (schema.properties?.["secure"] !== undefined) return "secret";
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${String(one)}\``).join(" or ");
  if (schema.anyOf !== undefined) return schema.anyOf.map(type).join(" or ");
  if (schema.type === "array") {
    const items = Array.isArray(schema.items) ? schema.items[0] : schema.items;
    return items === undefined ? "list" : `list of ${type(items)}`;
  }
  return (
    { string: "text", object: "object", integer: "number", number: "number" }[schema.type ?? ""] ??
    schema.type ??
    ""
  );
}

function defaultOf({ default: fallback }: JsonSchema): string {
  return fallback === undefined ? ", required" : `, by default ${code(fallback)}`;
}

export function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

export function code(value: unknown): string {
  return `\`${typeof value === "string" && value !== "" ? value : JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

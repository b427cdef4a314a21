/** Values for a stack file: those that its schema accepts, and odd ones. */
import fc from "fast-check";
import { entries } from "../../components/entries.ts";
import type { JsonSchema } from "../docs/schema.ts";

/** JSON Schema's limits of strings, numbers and lists. */
interface Limits extends JsonSchema {
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
}

/** A value that fits the schema. Rules that the schema cannot express may still refuse it. */
export function fitting(schema: Limits): fc.Arbitrary<unknown> {
  const { anyOf, enum: choices, type } = schema;
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(fitting));
  if (choices !== undefined) return fc.constantFrom(...choices);
  if (type === "object") return fittingObject(schema);
  if (type === "array")
    return fc.array(fitting(itemOf(schema)), { minLength: schema.minItems ?? 0, maxLength: 3 });
  if (type === "boolean") return fc.boolean();
  if (type === "string") return fittingText(schema);
  return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 99, 65_535) });
}

/** An object with all required keys, and some of the others. */
function fittingObject({
  properties = {},
  required = [],
  additionalProperties,
}: JsonSchema): fc.Arbitrary<unknown> {
  if (typeof additionalProperties === "object") {
    return fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/), fitting(additionalProperties), {
      maxKeys: 2,
    });
  }
  const all = entries(properties);
  const own = Object.fromEntries(
    all.map(([key, one]) => [key, required.includes(key) ? fitting(one) : seldom(fitting(one))]),
  );
  return fc
    .record(own)
    .map((object) => Object.fromEntries(entries(object).filter(([, value]) => value !== undefined)));
}

function seldom(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

/** The schema of a list's items, or of values below names that a user chooses. */
export function itemOf({ items, additionalItems, additionalProperties }: JsonSchema): JsonSchema {
  const [item] = Array.isArray(items) ? items : [items];
  return item ?? additionalItems ?? (typeof additionalProperties === "object" ? additionalProperties : {});
}

function fittingText({ pattern, maxLength = 40 }: Limits): fc.Arbitrary<string> {
  if (pattern === undefined) return fc.string({ minLength: 1, maxLength: Math.min(maxLength, 40) });
  const exact = new RegExp(pattern);
  return fc
    .stringMatching(new RegExp(withoutAssertions(pattern)), { size: "-1" })
    .filter((text) => exact.test(text) && text.length <= maxLength);
}

/** fast-check generates strings from patterns without lookaheads and lookbehinds. */
function withoutAssertions(pattern: string): string {
  const start = /\(\?(<?[!=])/.exec(pattern);
  if (start === null) return pattern;
  let depth = 0;
  for (let end = start.index; end < pattern.length; end += 1) {
    const character = pattern[end];
    if (character === "\\") end += 1;
    else if (character === "(") depth += 1;
    else if (character === ")") depth -= 1;
    if (depth === 0) return withoutAssertions(pattern.slice(0, start.index) + pattern.slice(end + 1));
  }
  throw new Error(`${pattern} has an unclosed group`);
}

/** Strings with a special meaning in JavaScript, a terminal, a shell, YAML or Argo. */
export const oddTexts = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length", "then", "toJSON"],
  ...[
    "",
    " ",
    "\n",
    "a\nb",
    "\u0000",
    "\u001b[31mred",
    "\u202eright",
    "\u2028",
    "\ud800",
    "🦊",
    "é",
    "ﬁ",
    "İ",
    "a\tb",
  ],
  ...[
    "'",
    '"',
    "a'b",
    "`id`",
    "$(id)",
    "${HOME}",
    "; rm -rf /",
    "--help",
    "-",
    "../..",
    "/etc/passwd",
    "%s%n",
    "\\",
  ],
  ...[
    "{{workflow.name}}",
    "{{=1}}",
    "{branch}",
    "{sha7}",
    "[x",
    "{x",
    "[]",
    "{}",
    "null",
    "true",
    "~",
    "1e999",
    "0x10",
  ],
  ...[
    "a.b",
    "a[0]",
    'a"b',
    "a]b",
    "<secrets.githubToken>",
    "default",
    "kube-system",
    "refs/heads/main",
    "a:b@c",
    "*",
  ],
] as const;

export const oddText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "a".repeat(64),
      "a".repeat(5000),
      "-".repeat(300),
      "a.".repeat(300),
      "/".repeat(300),
    ),
  },
);

const oddNumber = fc.constantFrom(
  ...[0, -1, 1.5, 1e21, 1e-9, 2 ** 31, 2 ** 53, Number.MAX_VALUE, 30_000, 65_536, 7777, Infinity, NaN, -0],
);

const nested = fc.constantFrom(10, 300).map((depth) => {
  let value: unknown = "deep";
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
});

/** Any YAML value. */
export const odd: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: oddText },
  { weight: 2, arbitrary: oddNumber },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, [], {}, [null], [[]], [{}], { "": "" }) },
  { weight: 1, arbitrary: fc.dictionary(oddText, fc.oneof(oddText, oddNumber), { maxKeys: 2 }) },
  { weight: 1, arbitrary: fc.array(oddText, { maxLength: 3 }) },
  { weight: 1, arbitrary: nested },
);

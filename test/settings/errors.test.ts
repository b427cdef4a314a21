import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import {
  describeErrors,
  errorsOf,
  joinPath,
  pathSteps,
  setSecret,
} from "../../components/settings/errors.ts";

/** The errors of a value below `prefix`. */
function errors(schema: z.ZodType, value: unknown, prefix = "key") {
  const { error } = schema.safeParse(value);
  assert.ok(error !== undefined);
  return errorsOf(prefix, value, error.issues);
}

describe("an error that zod has found", () => {
  const types: [z.ZodType, string][] = [
    [z.strictObject({}), "an object of keys"],
    [z.record(z.string(), z.string()), "an object of keys"],
    [z.array(z.string()), "a list"],
    [z.string(), "a text"],
    [z.boolean(), "true or false"],
    [z.number(), "a number"],
    [z.date(), "date"],
  ];
  for (const [schema, expectedType] of types) {
    it(`of a type names ${expectedType}`, () => {
      const value = expectedType.startsWith("a") && expectedType !== "a text" ? "x" : 1.5;
      const wrong = expectedType === "a number" ? true : expectedType === "a text" ? ["x"] : value;
      const [rule, fix] = [`must be ${expectedType}`, `write ${expectedType} here`];
      assert.deepEqual(errors(schema, wrong), [{ path: "key", value: wrong, rule, fix }]);
      const missing = { path: "key", rule: "required, but missing", fix: `add it (${expectedType})` };
      assert.deepEqual(errors(schema, undefined), [missing]);
    });
  }

  it("of a number that is not whole says so", () => {
    const [rule, fix] = ["must be a whole number", "write a whole number here"];
    assert.deepEqual(errors(z.int(), 1.5), [{ path: "key", value: 1.5, rule, fix }]);
  });

  it("of an empty text or of an enumeration says so", () => {
    const [rule, fix] = ["must not be empty", "write a value, or remove the key"];
    assert.deepEqual(errors(z.string().min(1), ""), [{ path: "key", value: "", rule, fix }]);
    assert.deepEqual(errors(z.enum(["a", "b"]), "c"), [
      { path: "key", value: "c", rule: "must be one of a, b", fix: "choose one of these" },
    ]);
  });

  it("has the rule and the fix of the schema, or a default fix", () => {
    const own = (error: string) => z.string().regex(/^a$/, { error });
    assert.deepEqual(errors(own("the rule\nthe fix"), "b"), [
      { path: "key", value: "b", rule: "the rule", fix: "the fix" },
    ]);
    assert.deepEqual(errors(own("the rule"), "b"), [
      { path: "key", value: "b", rule: "the rule", fix: "correct the value" },
    ]);
  });

  it("reports each unknown key, and an invalid key", () => {
    const strict = z.strictObject({}, { error: "known keys are none\nthe first fix" });
    assert.deepEqual(errors(strict, { a: 1, b: 2 }), [
      { path: "key.a", value: 1, rule: "unknown key; known keys are none", fix: "the first fix" },
      { path: "key.b", value: 2, rule: "unknown key; known keys are none", fix: "remove it" },
    ]);
    const record = z.record(z.string().regex(/^[a-z]$/, { error: "a letter\nwrite one" }), z.number());
    assert.deepEqual(errors(record, { "9": 1 }), [
      { path: "key.9", rule: "the key must be a letter", fix: "write one" },
    ]);
  });

  it("has the path in the file: that of the text if a text is short for an object", () => {
    const named = z.preprocess(
      (value) => (typeof value === "string" ? { name: value } : value),
      z.object({ name: z.string().max(1, { error: "short\nshorten it" }) }),
    );
    const said = { rule: "short", fix: "shorten it" };
    assert.deepEqual(errors(z.array(named), ["a", "long", { name: "longer" }]), [
      { path: "key[1]", value: "long", ...said },
      { path: "key[2].name", value: "longer", ...said },
    ]);
  });

  it("shows no value of secrets, but those of keys with the same prefix", () => {
    const value = { a: 1 };
    const shown = (prefix: string) => errors(z.object({ a: z.string() }), value, prefix)[0]?.value;
    assert.deepEqual(
      [shown("secrets"), shown("secrets.b"), shown('secrets["b.c"]')],
      Array(3).fill(undefined),
    );
    assert.deepEqual([shown("secretsX"), shown("my.secrets")], [1, 1]);
    const text = errors(z.string(), 5, "secrets")[0];
    assert.deepEqual(text, { path: "secrets", rule: "must be a text", fix: "write a text here" });
  });
});

describe("a path", () => {
  it("has the syntax of `pulumi config set --path`, and can be parsed", () => {
    const steps = (...all: (string | number)[]) => joinPath("", all);
    assert.equal(steps("a", "b", 0, "c", 12), "a.b[0].c[12]");
    assert.equal(joinPath("a", ["b"]), "a.b");
    for (const odd of ["b.c", "b[c", "b]c", 'b"c']) {
      const path = steps("a", odd, "d");
      assert.equal(path, `a[${JSON.stringify(odd)}].d`);
      assert.deepEqual(pathSteps(path), ["a", odd, "d"]);
    }
    assert.deepEqual(pathSteps("a.b[0].c[12]"), ["a", "b", "0", "c", "12"]);
  });
});

describe("a key with unusual characters", () => {
  const reported = (path: string) =>
    describeErrors("f", "p", [{ path, value: "\u001b[2J\u202e", rule: "r", fix: "x" }]);

  it("is quoted in a path, with control characters escaped", () => {
    const odd = ["", " ", "a b", "a\nb", "a'b", "a\\b", "\u001b[31m", "\u009b", "\u202e", "\u2028", "\ud800"];
    for (const key of odd) {
      const path = joinPath("a", [key, "b"]);
      assert.match(path, /^a\["[^\p{Cc}\p{Cf}\p{Cs}\u2028]*"\]\.b$/u);
      assert.deepEqual(pathSteps(path), ["a", key, "b"]);
      assert.equal(reported(path).split("\n").length, 6);
    }
    assert.equal(joinPath("a", ["é-🦊_1:/"]), "a.é-🦊_1:/");
  });

  it("stays one word of a shell command", () => {
    assert.equal(setSecret("secrets.x"), "pulumi config set --secret --path 'secrets.x'");
    assert.equal(setSecret('a["\'"]'), String.raw`pulumi config set --secret --path 'a["'\''"]'`);
  });

  it("is escaped and shortened in a message", () => {
    assert.match(reported("a"), /^ {2}p:a = "\\u001b\[2J\\u202e"$/m);
    const long = describeErrors("f", "p", [{ path: "a".repeat(5000), rule: "r\u0007", fix: "x" }]).split(
      "\n",
    );
    assert.equal(long[2], `  p:${"a".repeat(997)}...`);
    assert.equal(long[3], String.raw`      rule: r\u0007`);
  });
});

describe("a message", () => {
  it("reports a value once if it breaks a rule by its length and its characters", () => {
    const error = "short\nshorten it";
    const text = z.string().max(3, { error }).regex(/^a*$/, { error });
    assert.deepEqual(errors(text, "bbbb"), [
      { path: "key", value: "bbbb", rule: "short", fix: "shorten it" },
    ]);
  });

  it("counts its errors, and shortens long values", () => {
    const error = (value: unknown) => ({ path: "a", value, rule: "the rule", fix: "the fix" });
    const reported = (length: number) => describeErrors("f", "p", [error("x".repeat(length))]).split("\n")[2];
    assert.equal(reported(78), `  p:a = "${"x".repeat(78)}"`);
    assert.equal(reported(79), `  p:a = "${"x".repeat(76)}...`);
    assert.equal(
      describeErrors("f", "p", [{ path: "a", rule: "r", fix: "x" }]),
      "f has 1 error; nothing was declared.\n\n  p:a\n      rule: r\n      fix:  x\n",
    );
  });
});

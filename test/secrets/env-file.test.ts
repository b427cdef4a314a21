import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseEnvFile } from "../../tools/secrets/env-file.ts";

const values = (text: string) => {
  const { values: read, errors } = parseEnvFile(text);
  assert.deepEqual(errors, []);
  return Object.fromEntries(read);
};

const errorsOf = (text: string) => {
  const found = parseEnvFile(text).errors;
  return found.map(({ line, key = "-", rule, fix }) => `${line.toString()} ${key} | ${rule} | ${fix}`);
};

describe("an .env file", () => {
  const cases: [string, string, Record<string, string>][] = [
    ["each equals sign after the first", "A=c2VjcmV0==\nB=x=y=", { A: "c2VjcmV0==", B: "x=y=" }],
    ["the last line, with or without an end", "A=1\nLAST=x", { A: "1", LAST: "x" }],
    [
      "what is between quotes",
      'A="two words"\nB=\'x\'\nC=`it\'s "so"`',
      { A: "two words", B: "x", C: 'it\'s "so"' },
    ],
    ["a quote inside a value", "A=it's\nB=5\" wide", { A: "it's", B: '5" wide' }],
    ["spaces around a value and around its key", "  A = 1 \n\tB=\ttwo words\t", { A: "1", B: "two words" }],
    ["an `export` before the key", "export A=1\n  export  B=2", { A: "1", B: "2" }],
    [
      "a value of several lines",
      'KEY="-----BEGIN\n# no comment\n\nx=y\n-----END"\nB=1',
      { KEY: "-----BEGIN\n# no comment\n\nx=y\n-----END", B: "1" },
    ],
    ["line ends of Windows", "A=1\r\nB=\"two\"\r\nC='x\r\ny'\r\n", { A: "1", B: "two", C: "x\ny" }],
    [
      "the \\n of double quotes as a new line, and no other",
      "A=\"a\\nb\"\nB='a\\nb'\nC=a\\nb",
      {
        A: "a\nb",
        B: "a\\nb",
        C: "a\\nb",
      },
    ],
    ["a dollar sign as it is", "A=pa$word\nB='${A}'\nC=$A", { A: "pa$word", B: "${A}", C: "$A" }],
    ["nothing as nothing", "A=\nB=''\nC=", { A: "", B: "", C: "" }],
    [
      "comments for what they are",
      "# A=no\n  # B=no\nC=1 # tail\nD='x # y' # tail\nE=\"a#b\"\n",
      { C: "1", D: "x # y", E: "a#b" },
    ],
  ];
  for (const [what, text, expected] of cases) {
    it(`is read with ${what}`, () => assert.deepEqual(values(text), expected));
  }

  const refused: [string, string, string[]][] = [
    [
      "a line that is no entry",
      "A=1\njust words\nB: 2\n=x",
      [2, 3, 4].map(
        (line) =>
          `${line.toString()} - | a line must be KEY=value, a comment that begins with #, or empty | write it as KEY=value; put a value of several lines in quotes`,
      ),
    ],
    [
      "a quote that is never closed, without losing what follows",
      'A="half\nB=1\nB=2',
      [
        "1 A | the opening quote is never closed | close it, or remove it",
        "3 B | line 2 has this key too | remove one of them",
      ],
    ],
    [
      "what copied text has, unless it is in quotes",
      "A=“x”\nB=ghp_1\u200b\nC=a\u00a0b\nD='“x” \u200b'\nE=ok\nF='a\0b'",
      [
        ...["1 A", "2 B", "3 C"].map(
          (at) =>
            `${at} | it has typographic quotes or invisible characters, as copied text often has | retype them, or if they are intended, put the value in single quotes`,
        ),
        "6 F | a value cannot contain NUL | remove it",
      ],
    ],
    [
      "something after the closing quote",
      "A='a' 'b'\nB=\"x\"y",
      ["1 A", "2 B"].map(
        (at) => `${at} | something follows the closing quote | put the whole value in quotes of another kind`,
      ),
    ],
    [
      "a # that may or may not end the value",
      "A=pa#ss\nB=#x\nC=a#b # c",
      ["1 A", "2 B", "3 C"].map(
        (at) => `${at} | without quotes, some programs end the value at # | put the value in single quotes`,
      ),
    ],
    [
      "a backslash in double quotes",
      'A="a\\"b"\nB="c:\\\\x"',
      ["1 A", "2 B"].map(
        (at) =>
          `${at} | in double quotes, only some programs keep a backslash | put the value in single quotes`,
      ),
    ],
    [
      "a value that another one is to be put into",
      'A=1\nB="${A}"\nC=x$(id)',
      ["2 B", "3 C"].map(
        (at) => `${at} | \${…} is not replaced | write the value itself, or put the value in single quotes`,
      ),
    ],
  ];
  for (const [what, text, expected] of refused) {
    it(`is refused for ${what}`, () => assert.deepEqual(errorsOf(text), expected));
  }

  it("is read in one pass, however many quotes are never closed or keys repeated", () => {
    // To look at every other line for each line would take minutes.
    const lines = 100_000;
    assert.equal(errorsOf("A='x\n".repeat(lines)).length, lines - 1);
    assert.equal(errorsOf(`B="x\n${"A=1\n".repeat(lines)}`).length, lines);
  });

  it("returns every value in single quotes unchanged", () => {
    const value = fc.string({ unit: "binary" }).filter((text) => !/['\r\0]/.test(text));
    fc.assert(
      fc.property(value, fc.boolean(), (one, isLast) => {
        assert.deepEqual(values(`A='${one}'${isLast ? "" : "\nB=1\n"}`), {
          A: one,
          ...(isLast ? {} : { B: "1" }),
        });
      }),
    );
  });

  it("returns every unquoted value, or refuses it", () => {
    fc.assert(
      fc.property(fc.string(), (one) => {
        const { values: read, errors: found } = parseEnvFile(`A=${one}`);
        const isPlain = found.length === 0 && !/^\s*["'`]|\s#/.test(one);
        if (isPlain) assert.equal(read.get("A"), one.trim());
      }),
    );
  });
});

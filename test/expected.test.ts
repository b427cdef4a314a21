import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { everything, expectedStacks, filesOf, readExpected } from "../tools/offline/expected.ts";
import { difference } from "../tools/offline/folder.ts";
import { stackFileOf } from "../tools/offline/project.ts";
import { evaluateApart } from "./support/evaluator.ts";
import { leaves, occurrences } from "./support/leaves.ts";
import { keysOf, ownSchema } from "./support/stack-file.ts";

describe("what is declared", () => {
  for (const [stack, file] of expectedStacks) {
    it(`by ${stack} equals test/expected/${stack}`, async () => {
      const changes = difference(readExpected(stack), filesOf(await evaluateApart(file)));
      if (changes.length > 0) assert.fail(listOf(changes));
    });
  }
});

/** Templates of builds differ in the same way, so the full diff of a few files is enough. */
function listOf(changes: readonly string[]): string {
  const more = changes.slice(8).map((one) => one.split("\n")[0] ?? "");
  return [
    ...changes.slice(0, 8),
    ...more,
    `${changes.length.toString()} files differ. If this is intended: npm run expected`,
  ].join("\n");
}

describe("the stack everything", () => {
  const schema = ownSchema();
  const found = occurrences(keysOf(everything), schema);

  /** The options that it cannot have, and the stack that has each. */
  const elsewhere: Readonly<Record<string, string>> = {
    // Excluded by argocd.ingress.
    "argocd.nodePort": "develop",
    // Excluded by workflows.ingress.
    "workflows.nodePort": "develop",
  };

  // An architecture is there as a text too, which means a list of one.
  const options = leaves(schema).filter(({ option }) => !option.endsWith(".architecture[]"));

  it("has every option", () => {
    const here = new Set(found.map(({ option }) => option));
    const missing = options.filter(({ option }) => !here.has(option));
    assert.deepEqual(
      missing.map(({ option }) => option),
      Object.keys(elsewhere),
    );
    for (const [option, stack] of Object.entries(elsewhere)) {
      const there = occurrences(keysOf(stackFileOf(stack)), schema);
      assert.ok(
        there.some((one) => one.option === option),
        option,
      );
    }
  });

  it("has every choice of an option that may occur several times", () => {
    for (const { option, schema: one } of options) {
      if (one.enum === undefined || !/\[\]|<name>/.test(option)) continue;
      const chosen = found.filter((other) => other.option === option).map(({ value }) => value);
      assert.deepEqual(
        one.enum.filter((choice) => !chosen.includes(choice)),
        [],
        option,
      );
    }
  });
});

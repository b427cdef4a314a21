/**
 * Writes what is derived: docs/stack.schema.json, which editors read, and the pages of docs that say so in their first
 * lines. With --check it only tells whether they are current.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeclaredObject } from "./declared/objects.ts";
import { objectsOf } from "./declared/objects.ts";
import { configurationReference } from "./docs/reference.ts";
import { groups } from "../test/conformance/cases.ts";
import { readResults } from "../test/conformance/results.ts";
import { conformanceTable } from "./docs/conformance.ts";
import { parts } from "../test/support/cluster-versions.ts";
import { policyTables } from "./docs/policies.ts";
import { rightsPage } from "./docs/rights.ts";
import { stackSchema } from "./docs/schema.ts";
import { testedTable } from "./docs/tested.ts";
import { evaluateStackFile, expectedStacks } from "./offline/expected.ts";
import { exceptions } from "./policies/exceptions.ts";
import { policies } from "./policies/policies.ts";

const docs = join(import.meta.dirname, "../docs");
const schema = stackSchema("argo-cicd");
const files = {
  "stack.schema.json": `${JSON.stringify(schema, undefined, 2)}\n`,
  "configuration.md": configurationReference(schema),
  "tested.md": testedTable(parts()),
  "conformance.md": conformanceTable(groups, readResults()),
  "policies.md": policyTables(policies, exceptions),
  "rights.md": rightsPage(await expectedObjects()),
};

const check = process.argv.includes("--check");
for (const [name, text] of Object.entries(files)) {
  const file = join(docs, name);
  if (!check) {
    writeFileSync(file, text);
  } else if (current(file) !== text) {
    console.error(`docs/${name} is not current. Run: npm run docs`);
    process.exitCode = 1;
  }
}

async function expectedObjects(): Promise<Map<string, DeclaredObject[]>> {
  const objects = new Map<string, DeclaredObject[]>();
  for (const [stack, file] of expectedStacks) {
    objects.set(stack, objectsOf((await evaluateStackFile(file)).declared));
  }
  return objects;
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

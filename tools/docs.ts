/**
 * Generates docs/stack.schema.json for editors, the pages of docs that are marked as generated, and the dashboard that
 * a stack declares. With --check, it only reports whether they are up to date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeclaredObject } from "./declared/objects.ts";
import { objectsOf } from "./declared/objects.ts";
import { configurationReference } from "./docs/reference.ts";
import { groups } from "../test/conformance/cases.ts";
import { readResults } from "../test/conformance/results.ts";
import { conformanceTable } from "./docs/conformance.ts";
import { withDefaultsShown } from "./docs/editors.ts";
import { parts } from "../test/support/cluster-versions.ts";
import { dashboard } from "./docs/dashboard.ts";
import { policyTables } from "./docs/policies.ts";
import { rightsPage } from "./docs/rights.ts";
import { stackSchema } from "./docs/schema.ts";
import { testedTable } from "./docs/tested.ts";
import { evaluateStackFile, expectedStacks } from "./offline/expected.ts";
import { exceptions } from "./policies/exceptions.ts";
import { policies } from "./policies/policies.ts";

const root = join(import.meta.dirname, "..");
const schema = stackSchema("argo-cicd");
const files = {
  "docs/stack.schema.json": `${JSON.stringify(withDefaultsShown(schema), undefined, 2)}\n`,
  "docs/configuration.md": configurationReference(schema),
  "docs/tested.md": testedTable(parts()),
  "docs/conformance.md": conformanceTable(groups, readResults()),
  "docs/policies.md": policyTables(policies, exceptions),
  "docs/rights.md": rightsPage(await expectedObjects()),
  "components/monitoring/dashboard.json": `${JSON.stringify(dashboard(), undefined, 2)}\n`,
};

const check = process.argv.includes("--check");
for (const [name, text] of Object.entries(files)) {
  const file = join(root, name);
  if (!check) {
    writeFileSync(file, text);
  } else if (current(file) !== text) {
    console.error(`${name} is out of date. Run: npm run docs`);
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

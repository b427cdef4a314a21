/**
 * Generates docs/stack.schema.json for editors, the pages of docs that are marked as generated, and the dashboard that
 * a stack declares.
 *
 * npm run docs [-- --check]
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { command, print, readArguments } from "./command.ts";
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
import { UserError } from "./offline/user-error.ts";
import { writeWhole } from "./system/files.ts";

const root = join(import.meta.dirname, "..");

const usage = `npm run docs [-- --check]

Generates the schema for editors, the generated pages of docs, and the dashboard.

  --check  only report what is out of date, with the exit status 1`;

const options = {
  check: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

await command(async () => {
  const { values, positionals } = readArguments(options, usage);
  if (positionals.length > 0) throw new UserError(`This command takes no names.\n\n${usage}`);
  if (values.help) await print(usage);
  else if (values.check) requireCurrent(await generated());
  else for (const [name, text] of Object.entries(await generated())) writeWhole(join(root, name), text);
});

/** The texts of the files. */
async function generated(): Promise<Record<string, string>> {
  const schema = stackSchema("argo-cicd");
  return {
    "docs/stack.schema.json": `${JSON.stringify(withDefaultsShown(schema), undefined, 2)}\n`,
    "docs/configuration.md": configurationReference(schema),
    "docs/tested.md": testedTable(parts()),
    "docs/conformance.md": conformanceTable(groups, readResults()),
    "docs/policies.md": policyTables(policies, exceptions),
    "docs/rights.md": rightsPage(await expectedObjects()),
    "components/monitoring/dashboard.json": `${JSON.stringify(dashboard(), undefined, 2)}\n`,
  };
}

/** @throws UserError that lists what is out of date */
function requireCurrent(files: Readonly<Record<string, string>>): void {
  const outdated = Object.entries(files).filter(([name, text]) => current(join(root, name)) !== text);
  if (outdated.length === 0) return;
  throw new UserError(outdated.map(([name]) => `${name} is out of date. Run: npm run docs`).join("\n"));
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

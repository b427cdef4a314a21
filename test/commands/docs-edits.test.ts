/** docs/edits.md: each edit is made to the committed file, and the preview compared with the page. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { objectsOf } from "../../tools/declared/objects.ts";
import { changesBetween } from "../../tools/offline/folder.ts";
import { render } from "../../tools/offline/render.ts";
import { readStackFile } from "../../tools/offline/stack-file.ts";
import { violations } from "../../tools/policies/policies.ts";
import { project, root } from "../support/declare.ts";
import type { DocumentedEdit } from "../support/documented-edits.ts";
import { assertShown, assertPrinted, documentedEdits, edited } from "../support/documented-edits.ts";
import { evaluateApart } from "../support/evaluator.ts";
import { temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("edits");
const committed = readFileSync(join(root, "Pulumi.develop.yaml"), "utf8");

/** The preview of a stack file: the objects, and the lines below them. */
async function preview(text: string) {
  const file = join(folder, "Pulumi.develop.yaml");
  writeFileSync(file, text);
  const { declared, warnings } = await evaluateApart(file);
  assert.deepEqual(violations(objectsOf(declared)), []);
  return {
    files: new Map(render(declared).map((one) => [one.path, one.text()])),
    reported: [
      ...warnings.map((warning) => `Warning: ${warning}`),
      ...readStackFile(file, project).missingSecrets.map(({ fix }) => `${fix} --stack develop`),
    ],
  };
}

describe("docs/edits.md", () => {
  const edits = Map.groupBy(
    // test/commands/preview-against.test.ts raises a chart, in a program of its own.
    documentedEdits().filter(({ title }) => title !== "Raise a chart"),
    ({ title }) => title,
  );
  const untouched = preview(committed);

  it("has the common edits", () => {
    assert.deepEqual(
      [...edits.keys()],
      [
        "Add a repository",
        "Build a second service of a repository",
        "Add a build argument with a secret value",
        "Build with BuildKit",
        "Roll back, and forward again",
        "Change the moving tags",
        "Add an application",
        "Add a project",
      ],
    );
  });

  for (const [title, steps] of edits) {
    it(`shows what the preview shows: ${title}`, async () => {
      let before: Previewed = { text: committed, ...(await untouched) };
      for (const step of steps) before = await compared(step, before);
    });
  }
});

interface Previewed {
  readonly text: string;
  readonly files: ReadonlyMap<string, string>;
  readonly reported: readonly string[];
}

/** @returns the stack after the edit */
async function compared(edit: DocumentedEdit, before: Previewed): Promise<Previewed> {
  const text = edited(before.text, edit.diff);
  const after = await preview(text);
  assertShown(edit, changesBetween(before.files, after.files));
  assertPrinted(
    edit,
    after.reported.filter((line) => !before.reported.includes(line)),
  );
  return { text, ...after };
}

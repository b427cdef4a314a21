/** Editors complete, explain and check a stack file by the schema that its first line names. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { expectedStacks } from "../tools/offline/expected.ts";
import { stackFileOf } from "../tools/offline/project.ts";
import { completions, hover, marks } from "./support/editor.ts";

const file = stackFileOf("develop");
const committed = readFileSync(file, "utf8");
const repository = "        - alog-service-user\n";

/** The committed file with other lines in place of one repository. */
const withRepository = (...lines: readonly string[]) =>
  committed.replace(repository, lines.map((line) => `        ${line}\n`).join(""));

describe("an editor", () => {
  for (const [stack, path] of expectedStacks) {
    it(`finds nothing wrong in the stack file of ${stack}`, async () => {
      assert.deepEqual(await marks(path, readFileSync(path, "utf8")), []);
    });
  }

  it("accepts what pulumi writes into the file", async () => {
    const secrets = "  argo-cicd:secrets:\n    githubToken:\n      secure: v1:abc=\n";
    assert.deepEqual(await marks(file, `${committed}${secrets}encryptionsalt: v1:abc=\n`), []);
  });

  it("marks an unknown key, a wrong value, and a secret in plain text", async () => {
    const text = `${withRepository("- name: alog-service-user", "  chache: false", "  cache: maybe")}  argo-cicd:secrets:\n    githubToken: abc\n`;
    const [at, end] = [lineOf(text, "chache"), lineOf(text, "githubToken: abc")];
    assert.deepEqual(await marks(file, text), [
      `${at.toString()}: Property chache is not allowed.`,
      `${(at + 1).toString()}: Incorrect type. Expected "boolean".`,
      `${end.toString()}: Incorrect type. Expected "object(Stack file of argo-cicd)".`,
    ]);
  });

  it("marks a misspelt key of the program, and the key that is therefore missing", async () => {
    assert.deepEqual(await marks(file, committed.replace("argo-cicd:branch:", "argo-cicd:brnch:")), [
      '3: Missing property "argo-cicd:branch".',
      "9: Property argo-cicd:brnch is not allowed.",
    ]);
  });

  it("completes the keys of a repository, with their descriptions", async () => {
    const text = withRepository("- name: alog-service-user", '  pin: "1a2b3c4"', "  ");
    const offered = await completions(file, text, '  pin: "1a2b3c4"\n          ');
    assert.equal(
      offered.get("dockerfile"),
      "Dockerfile, relative to `context`; with a leading /, from the repository's root. Default: `Dockerfile`.",
    );
    assert.equal(offered.get("cache"), "Use the layer cache, if the stack has one. Default: `true`.");
    // Existing keys are not offered again.
    assert.deepEqual([offered.has("pin"), offered.has("name")], [false, false]);
  });

  it("completes the values of an enumerated key", async () => {
    const text = withRepository("- name: alog-service-user", "  builder: ");
    assert.deepEqual([...(await completions(file, text, "  builder: ")).keys()], ["kaniko", "buildkit"]);
  });

  it("shows the description and the default of a key", async () => {
    const text = withRepository("- name: alog-service-user", "  submodules: true");
    assert.deepEqual(await hover(file, text, "  submodules"), {
      kind: "markdown",
      value: "#### Stack file of argo-cicd\n\nCheck out submodules too. Default: \\`false\\`.",
    });
  });
});

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split("\n").length;
}

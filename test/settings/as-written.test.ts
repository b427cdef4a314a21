/** What stands in the stack file is shown, and read, as it stands there. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RunError } from "@pulumi/pulumi/errors.js";
import { evaluate } from "../../tools/offline/evaluate.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import { smallConfig, smallProject, stackOf } from "../support/declare.ts";

describe("an error of a rule between keys", () => {
  const chart = { repository: "https://charts.example", name: "a", version: "1.0.0" };
  const withChart = (more: object) => {
    const [application] = smallProject().applications;
    const projects = { shop: { ...smallProject(), applications: [{ ...application, chart, ...more }] } };
    return parseConfig(smallConfig({ projects })).errors.filter(({ path }) => path.endsWith("writeBack"));
  };

  it("shows the value that stands there, and no default", () => {
    assert.deepEqual(
      withChart({ writeBack: "argocd" }).map(({ value }) => value),
      ["argocd"],
    );
    assert.deepEqual(
      withChart({}).map((error) => "value" in error),
      [false],
    );
  });
});

describe("a text that begins like an object", () => {
  it("is a text, which the engine hands over as it is", async () => {
    for (const branch of ["[x", "{branch}"]) {
      await assert.rejects(
        evaluate(
          stackOf(smallConfig({ branch })),
          () => import(`../../index.ts?${branch}`) as Promise<object>,
        ),
        (error) => {
          assert.ok(RunError.isInstance(error));
          assert.ok(
            error.message.includes(`argo-cicd:branch = "${branch}"\n      rule: a branch name`),
            error.message,
          );
          return true;
        },
      );
    }
  });
});

describe("a key that the program does not know", () => {
  it("is shown in quotes where it could not be read otherwise", () => {
    const paths = ["", "a.b", "a\nb"].map(
      (key) => parseConfig({ ...smallConfig(), [key]: 1 }).errors[0]?.path,
    );
    assert.deepEqual(paths, ['[""]', '["a.b"]', '["a\\nb"]']);
  });
});

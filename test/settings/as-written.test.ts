/** Values of the stack file are shown and read as written. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RunError } from "@pulumi/pulumi/errors.js";
import { evaluate } from "../../tools/offline/evaluate.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig, smallProject, stackOf } from "../support/declare.ts";

describe("an error of a rule between keys", () => {
  const chart = { repository: "https://charts.example", name: "a", version: "1.0.0" };
  const withChart = (more: object) => {
    const [application] = smallProject().applications;
    const projects = { shop: { ...smallProject(), applications: [{ ...application, chart, ...more }] } };
    return parseConfig(smallConfig({ projects })).errors.filter(({ path }) => path.endsWith("writeBack"));
  };

  it("shows the value of the file, and no default", () => {
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
  it("is read as a text, unchanged by the engine", async () => {
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
  it("is shown in quotes if it would be ambiguous without", () => {
    const paths = ["", "a.b", "a\nb"].map(
      (key) => parseConfig({ ...smallConfig(), [key]: 1 }).errors[0]?.path,
    );
    assert.deepEqual(paths, ['[""]', '["a.b"]', '["a\\nb"]']);
  });
});

describe("a value of the wrong kind", () => {
  const errorLines = (differences: Config) =>
    parseConfig(smallConfig(differences)).errors.map(({ path, value, rule, fix }) =>
      [path, ...(value === undefined ? [] : [JSON.stringify(value)]), rule, fix].join(" | "),
    );

  it("has the fix to add or remove quotes, if nothing else is wrong", () => {
    const shop = { ...smallProject(), branch: 1.1, tags: { moving: [2] } };
    assert.deepEqual(errorLines({ projects: { shop } }), [
      "projects.shop.branch | 1.1 | a branch name that git accepts, without refs/heads/ | write it in quotes",
      "projects.shop.tags.moving[0] | 2 | letters, digits, '_', '.' and '-', with {branch} and {sha7} as the only placeholders | write it in quotes",
    ]);
    assert.deepEqual(errorLines({ argocd: { nodePort: "30443" }, github: { statuses: "true" } }), [
      'github.statuses | "true" | must be true or false | write it without quotes',
      'argocd.nodePort | "30443" | a NodePort: a whole number from 30000 to 32767 | write it without quotes',
    ]);
  });

  it("is reported once, even if it breaks two rules", () => {
    assert.deepEqual(errorLines({ builds: { resources: { memory: "4GB" } } }), [
      'builds.resources.memory | "4GB" | a Kubernetes quantity with a binary unit, below 1Ei | write it like 512Mi or 10Gi',
    ]);
  });

  it("is not shown if it may be a secret", () => {
    const to = ["https://hooks.slack.com/services/T1/B1/hunter2"];
    const shop = { ...smallProject(), env: { DB_PASSWORD: "hunter2" }, notifications: { to } };
    const registry = { host: "registry.example:5000", namespace: "team", password: "hunter2" };
    const found = errorLines({ registry, projects: { shop } });
    assert.deepEqual(
      found.map((text) => text.slice(0, text.indexOf(" | "))),
      ["registry.password", "projects.shop.notifications.to[0]", "projects.shop.env"],
    );
    assert.doesNotMatch(found.join("\n"), /hunter2/);
  });
});

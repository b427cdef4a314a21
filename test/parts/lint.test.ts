/** Argo's own validators on the rendered objects: they check what no CRD does. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse, stringify } from "yaml";
import { recipes } from "../support/cluster-tools.ts";
import { readExpected } from "../../tools/offline/expected.ts";
import { declaredFiles, stackConfig } from "../support/declare.ts";
import { goTool } from "../support/go-tools.ts";

const folder = mkdtempSync(join(tmpdir(), "lint-"));
after(() => rmSync(folder, { recursive: true }));

interface Lint {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a linter on objects, in an empty environment: it must not contact a cluster. */
function lint(program: string, args: readonly string[], objects: readonly string[]): Lint {
  const work = mkdtempSync(join(folder, "objects-"));
  const files = objects.map((text, index) => {
    const file = join(work, `${index.toString()}.yaml`);
    writeFileSync(file, text);
    return file;
  });
  const home = join(work, "home");
  mkdirSync(home);
  const { status, stdout, stderr } = spawnSync(program, [...args, ...files], {
    encoding: "utf8",
    env: { HOME: home },
  });
  return { status, output: stdout + stderr };
}

for (const [stack, projects, services] of [
  ["develop", 2, 14],
  ["publish", 1, 9],
  // With every option.
  ["everything", 3, 6],
] as const) {
  describe(`the objects of ${stack}`, () => {
    let files: ReadonlyMap<string, string>;
    let argo: string;
    let argoEvents: string;
    before(async () => {
      files = stack === "everything" ? readExpected(stack) : await declaredFiles(stackConfig(stack), stack);
      argo = await goTool("argo", recipes.argo);
      argoEvents = await goTool("argo-events", recipes["argo-events"]);
    });

    const ofKind = (...kinds: string[]) =>
      [...files].filter(([path]) => kinds.some((kind) => path.includes(`/${kind}-`))).map(([, text]) => text);

    it("pass Argo Events' own validation", () => {
      const objects = ofKind("EventBus", "EventSource", "Sensor");
      assert.equal(objects.length, 2 + projects);
      const { status, output } = lint(argoEvents, ["lint"], objects);
      assert.equal(status, 0, output);
    });

    it("pass Argo Workflows' own strict validation", () => {
      const templates = ofKind("WorkflowTemplate");
      // And that of the catch-up.
      assert.equal(templates.length, services + 1);
      const scheduled = ofKind("CronWorkflow");
      assert.equal(scheduled.length, 1);
      const { status, output } = lint(argo, strict, [...templates.flatMap(withRun), ...scheduled]);
      assert.equal(status, 0, output);
    });

    it("would not pass with a mistake, so the validators work", () => {
      const [sensor = ""] = ofKind("Sensor");
      const [template = ""] = ofKind("WorkflowTemplate");
      const noEvent = sensor.replace(/eventName: .*/, "eventName: ''");
      assert.notEqual(lint(argoEvents, ["lint"], [noEvent]).status, 0);
      const noParameter = template.replaceAll("{{inputs.parameters.commit}}", "{{inputs.parameters.comit}}");
      assert.notEqual(lint(argo, strict, withRun(noParameter)).status, 0);
      const misspelt = template.replace("serviceAccountName:", "serviceAccount:");
      assert.notEqual(lint(argo, strict, [misspelt]).status, 0);
    });
  });
}

const strict = [
  "lint",
  "--offline",
  "--strict",
  "--kinds=workflowtemplates,workflows,cronworkflows",
  "--no-color",
];

/** A template and the Workflow that a Sensor creates from it: only that has values for the template's parameters. */
function withRun(template: string): string[] {
  const { metadata } = parse(template) as { metadata: { name: string; namespace: string } };
  const run = {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Workflow",
    metadata,
    spec: {
      workflowTemplateRef: { name: metadata.name },
      arguments: { parameters: [{ name: "commit", value: "0123456789abcdef0123456789abcdef01234567" }] },
    },
  };
  return [template, stringify(run)];
}

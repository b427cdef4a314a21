/** Authors' input is data: it reaches neither a manifest in a form that Argo expands nor a file that later steps trust. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PodTemplate } from "../../components/kinds/workflows.ts";
import { label } from "../support/builders.ts";
import type { Given } from "../support/build-template.ts";
import { step, template } from "../support/build-template.ts";
import { expand } from "../support/argo-template.ts";

const delivered = {
  ...{ tag: "main", registry: "docker.io", path: "team/web", environmentUrl: undefined },
  applications: [label("shop")],
  byCommit: [label("shop")],
  withWindows: [],
  namespace: label("argocd"),
};
const everything: Given = [{ signing: true }, { delivered, scan: { mode: "warn", severity: "HIGH" } }];
const whole = JSON.stringify(template(...everything));

/** What a program can print in its last line, or write into a file. */
const attacks = [
  '{{=sprig.repeat(50000000,"x")}}',
  "{{workflow.name}}",
  "{{",
  "a{{b",
  "}}",
  '"}, {"x": "',
  "1a2b3c4d".repeat(5) + "{{",
  "\n{{=1}}",
];

/** Argo's variables with values that Argo makes itself or the API server has validated. */
const safe = [
  "workflow.name",
  "workflow.namespace",
  "workflow.status",
  "workflow.creationTimestamp",
  "workflow.creationTimestamp.s",
  "retries",
  "tasks.build.startedAt",
  "tasks.build.finishedAt",
];
/** Outputs that only this project's containers write, used where a number or a Boolean is expected. */
const ours = ["tasks.publish.outputs.parameters.moved", "outputs.parameters.seconds"];

/** The inputs of steps, whose values are those of the tasks' arguments. */
const inputs = (name: string) => name.startsWith("inputs.parameters.");

describe("a manifest of a build", () => {
  const names = new Set([...whole.matchAll(/\{\{(?!=)([^}]*)\}\}/g)].map(([, name = ""]) => name));
  const expressions = [...whole.matchAll(/\{\{=(.*?)\}\}/g)].map(([, one = ""]) => one);

  it("substitutes without a check only values that Argo makes itself", () => {
    const others = [...names].filter((name) => ![...safe, ...ours].includes(name) && !inputs(name));
    assert.deepEqual(others, []);
  });

  it("has only expressions that check the format first", () => {
    const others = expressions.filter(
      (one) => !/^([a-z.]+) matches '\^\(.*\)\$' \? \1 : '[a-z ]*'$/.test(one),
    );
    assert.deepEqual(others, []);
  });

  for (const attack of attacks)
    it(`holds nothing to expand after ${JSON.stringify(attack).slice(0, 40)} has replaced every value`, () => {
      const values = (name: string) => (safe.includes(name) || inputs(name) ? undefined : attack);
      const texts = [...whole.matchAll(/\{\{=.*?\}\}/g)].map(([text]) => expand(text, values));
      for (const text of texts) assert.doesNotMatch(text, /\{\{(?!=inputs\.)|\}\}"|sprig/, text);
    });

  it("keeps values that have the format", () => {
    const commit = "1a2b3c4d".repeat(5);
    const { initContainers = [] } = step("begin");
    const [tip] = initContainers;
    const given = tip?.env.find(({ name }) => name === "COMMIT");
    assert.ok(given !== undefined && "value" in given);
    assert.equal(
      expand(given.value, () => commit),
      commit,
    );
    assert.equal(
      expand(given.value, () => ""),
      "",
    );
    assert.equal(
      expand(given.value, () => commit.slice(1)),
      "no full commit",
    );
  });
});

describe("the container that runs a Dockerfile", () => {
  for (const builder of ["kaniko", "buildkit"] as const)
    it(`writes to no volume that another container of its pod reads, with ${builder}`, () => {
      const {
        container,
        initContainers = [],
        outputs,
      } = step("build", { builder, signing: true }, everything[1]);
      const writable = container.volumeMounts.filter(({ readOnly }) => readOnly !== true);
      // The checkout, which no later container reads, and BuildKit's own layers.
      const expected = builder === "kaniko" ? ["workspace"] : ["workspace", "buildkit"];
      assert.deepEqual(
        writable.map(({ name }) => name),
        expected,
      );
      assert.ok(initContainers.length > 0);
      assert.deepEqual(outputsOutside(outputs, "/kaniko/argo-cicd/results"), []);
      const results = container.volumeMounts.find(({ name }) => name === "results");
      assert.deepEqual(results, { name: "results", mountPath: "/kaniko/argo-cicd/results", readOnly: true });
    });
});

describe("the token of a pod's account", () => {
  const pods = template(...everything).templates.filter((one) => "container" in one);
  const containers = pods.flatMap((one) => [...(one.initContainers ?? []), one.container]);

  it("is only in the containers that call the API server", () => {
    const withToken = containers.filter(
      ({ volumeMounts }) => !volumeMounts.some(({ mountPath }) => mountPath === account),
    );
    const calls = withToken.map(({ command }) => /[a-z]+\.(ts|sh)/.exec(command.join(" "))?.[0]);
    assert.deepEqual(calls, ["begin.ts", "published.ts", "live.ts", "end.ts"]);
  });

  it("is hidden by an empty folder of its pod in every other container", () => {
    for (const { initContainers = [], container, volumes } of pods)
      for (const { volumeMounts } of [...initContainers, container])
        for (const { name, readOnly } of volumeMounts.filter(({ mountPath }) => mountPath === account)) {
          assert.equal(readOnly, true);
          assert.deepEqual(
            volumes.find((one) => one.name === name),
            { name, emptyDir: {} },
          );
        }
  });
});

/** The API server mounts the token here in each container that mounts nothing else at this path. */
const account = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Outputs outside of the folder: Argo reads these from a copy that the container itself makes. */
function outputsOutside(outputs: PodTemplate["outputs"], folder: string): string[] {
  const paths = outputs?.parameters.map(({ valueFrom }) => valueFrom.path) ?? [];
  return paths.filter((path) => !path.startsWith(`${folder}/`));
}

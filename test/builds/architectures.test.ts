/** The steps of a build whose image is an index. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { imageOutput } from "../../components/builds/steps/step.ts";
import type { Given } from "../support/build-template.ts";
import { command, retryStrategy, step, template } from "../support/build-template.ts";
import {
  checkedFindings,
  delivered,
  frame,
  login,
  mounted,
  noAccount,
  read,
  results,
  scripts,
  strictScan,
  temporary,
  tokenless,
} from "../support/steps.ts";

const scan = strictScan;
const ofIndex = imageOutput("tasks.index");

describe("a build for several architectures", () => {
  const several: Given = [
    { architectures: ["amd64", "arm64"], nodeSelector: { pool: "builds" } },
    { scan, delivered },
  ];
  const given = "{{inputs.parameters.architecture}}";
  const part = (task: string, key: string, form: string, otherwise: string) =>
    `{{=tasks['${task}'].outputs.parameters.${key} matches '^(${form})$' ? tasks['${task}'].outputs.parameters.${key} : '${otherwise}'}}`;
  const parts = (["amd64", "arm64"] as const).flatMap((one) => [
    one,
    part(`build-${one}`, "commit", "[0-9a-f]{40}", "none"),
    part(`build-${one}`, "digest", "sha256:[0-9a-f]{64}", "none"),
    part(`build-${one}`, "built", "true|false", "false"),
  ]);

  it("builds them in parallel, and continues with their index", () => {
    const commit = { name: "commit", value: ofIndex.commit };
    const digest = { name: "digest", value: ofIndex.digest };
    const named = (value: string) => ({ parameters: [{ name: "architecture", value }] });
    const { templates } = template(...several);
    assert.deepEqual(templates[0], {
      name: "pipeline",
      dag: {
        failFast: false,
        tasks: [
          { name: "begin", template: "begin" },
          { name: "build-amd64", template: "build", arguments: named("amd64") },
          { name: "build-arm64", template: "build", arguments: named("arm64") },
          {
            name: "index",
            template: "index",
            depends: "build-amd64 && build-arm64",
            arguments: { parameters: [{ name: "parts", value: parts.join(" ") }] },
          },
          { name: "scan", template: "scan", depends: "index", arguments: { parameters: [digest] } },
          {
            name: "publish",
            template: "publish",
            depends: "scan && (begin || begin.Failed || begin.Errored)",
            arguments: { parameters: [commit, digest, { name: "findings", value: checkedFindings }] },
          },
          {
            name: "live",
            template: "live",
            depends: "publish",
            arguments: { parameters: [commit, digest] },
            when: "{{tasks.publish.outputs.parameters.moved}} == true",
          },
        ],
      },
    });
    const [environments] = step("report-failure", ...several).container.env.filter(
      ({ name }) => name === "STEPS",
    );
    assert.deepEqual(environments, { name: "STEPS", value: "build index scan attest publish" });
  });

  it("differs from a build for one in its nodes, its tag, and where it looks for an image", () => {
    const { inputs, outputs, nodeSelector, ...rest } = step("build", ...several);
    const { outputs: own, nodeSelector: none, ...one } = step("build");
    assert.deepEqual(inputs, { parameters: [{ name: "architecture" }] });
    assert.deepEqual(outputs, { parameters: [...(own?.parameters ?? []), read("built")] });
    assert.deepEqual([none, nodeSelector], [undefined, { pool: "builds", "kubernetes.io/arch": given }]);
    const looked = JSON.stringify([
      { name: "ARCHITECTURE", value: given },
      { name: "TAGS", value: `release-1.x-{sha7} release-1.x-{sha7}-${given}` },
    ]).slice(1, -1);
    const named = JSON.stringify({ name: "_imagetag", value: `release-1.x-{sha7}-${given}` });
    const text = JSON.stringify(rest)
      .replace(`,${looked}`, "")
      .replace(`,${named}`, "")
      .replace("{own-tag}", "release-1.x-{sha7}")
      .replaceAll(`{sha7}-${given}`, "{sha7}");
    assert.equal(text, JSON.stringify(one));
    // The builder pushes its own tag, and the proxy allows no other.
    const { container, initContainers = [] } = step("build", ...several);
    const proxy = initContainers.find(({ name }) => name === "registry");
    assert.ok(container.args?.includes("--destination=127.0.0.1:5500/team/web:{own-tag}"));
    assert.ok(JSON.stringify(container.env).includes(named));
    assert.deepEqual(
      proxy?.env.find(({ name }) => name === "COMMIT_TAG"),
      { name: "COMMIT_TAG", value: `release-1.x-{sha7}-${given}` },
    );
  });

  it("reuses no single image that the build of an index would have to sign", () => {
    const { initContainers = [] } = step("build", { architectures: ["amd64", "arm64"], signing: true });
    const find = initContainers.find(({ name }) => name === "find");
    assert.deepEqual(
      find?.env.find(({ name }) => name === "TAGS"),
      { name: "TAGS", value: "release-1.x-{sha7}" },
    );
  });

  it("keeps BuildKit's layers of each architecture under a tag of their own", () => {
    const { args = [] } = step("build", {
      builder: "buildkit",
      architectures: ["amd64", "arm64"],
    }).container;
    const ref = `127.0.0.1:5500/team/web-cache:buildkit-${given}`;
    assert.ok(args.includes(`--import-cache=type=registry,ref=${ref}`));
    assert.ok(args.includes(`--export-cache=type=registry,ref=${ref},mode=max,ignore-error=true`));
  });

  it("makes the index in a pod that runs no code of the authors, with the registry's login only", () => {
    assert.deepEqual(frame("index", ...several), {
      name: "index",
      inputs: { parameters: [{ name: "parts" }] },
      outputs: { parameters: [read("commit"), read("digest"), read("built")] },
      activeDeadlineSeconds: 600,
      retryStrategy,
      volumes: [scripts, results, temporary, noAccount, login],
      containers: [{ name: "main", ...tokenless(undefined, mounted("registry-login")) }],
    });
    const { script, env } = command(step("index", ...several).container);
    assert.equal(script, "sh /kaniko/argo-cicd/scripts/index.sh");
    assert.deepEqual(
      [env["IMAGE"], env["COMMIT_TAG"], env["PARTS"]],
      ["team/web", "release-1.x-{sha7}", "{{inputs.parameters.parts}}"],
    );
  });

  it("scans each image, and signs an SBOM of each", () => {
    const signing: Given = [{ architectures: ["amd64", "arm64"], signing: true }, { scan }];
    const attest = step("attest", ...signing);
    const environments = [step("scan", ...signing).container, attest.initContainers?.[0]].map((one) =>
      one?.env.find(({ name }) => name === "ARCHITECTURES"),
    );
    const both = { name: "ARCHITECTURES", value: "amd64 arm64" };
    assert.deepEqual(environments, [both, both]);
    const [pipeline] = template(...signing).templates;
    assert.ok(pipeline !== undefined && "dag" in pipeline);
    const task = pipeline.dag.tasks.find(({ name }) => name === "attest");
    assert.deepEqual(task?.arguments?.parameters.slice(-2), [
      { name: "started", value: "{{tasks.build-amd64.startedAt}},{{tasks.build-arm64.startedAt}}" },
      { name: "finished", value: "{{tasks.index.finishedAt}}" },
    ]);
  });
});

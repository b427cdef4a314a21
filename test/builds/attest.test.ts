/** The whole step that signs an image, and which containers have its key. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { images } from "../../components/builds/images.ts";
import { asData } from "../../components/builds/steps/provenance.ts";
import type { PodTemplate } from "../../components/kinds/workflows.ts";
import type { Given } from "../support/build-template.ts";
import { command, confined, names, retryStrategy, step, template } from "../support/build-template.ts";
import { deliveredToOne } from "../support/steps.ts";

const signing = { platform: "https://workflows.example", publicKeys: 2 };
const signed: Given = [{ signing: true, cache: undefined }, { signing }];

const shared = [
  { name: "scripts", mountPath: "/kaniko/argo-cicd/scripts", readOnly: true },
  { name: "results", mountPath: "/kaniko/argo-cicd/results" },
  { name: "temporary", mountPath: "/tmp" },
];
const login = { name: "registry-login", mountPath: "/registry-login", readOnly: true };
const statements = { name: "statements", mountPath: "/statements" };
const key = { name: "signing-key", mountPath: "/signing-key", readOnly: true };
const withoutToken = {
  name: "no-account",
  mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
  readOnly: true,
};

/** A container without its program and variables. */
function surroundings(memory: string, ...mounts: object[]) {
  return {
    volumeMounts: [...shared, ...mounts, withoutToken],
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: confined,
  };
}

function containersOf({ initContainers = [], container }: PodTemplate) {
  return [...initContainers, { name: "main", ...container }];
}

const common = {
  HOME: "/tmp",
  RESULTS: "/kaniko/argo-cicd/results",
  BUILT: "{{inputs.parameters.built}}",
  STATEMENTS: "/statements",
};
const registry = {
  IMAGE: "team/web@{{inputs.parameters.digest}}",
  COMMIT_TAG: "release-1.x-{sha7}",
  INSECURE: "false",
  DOCKER_CONFIG: "/registry-login",
};

describe("the step that signs", () => {
  const attest = step("attest", ...signed);

  it("has these containers and volumes", () => {
    const { initContainers, container, ...frame } = attest;
    assert.deepEqual(frame, {
      name: "attest",
      inputs: { parameters: ["commit", "digest", "built", "started", "finished"].map((name) => ({ name })) },
      activeDeadlineSeconds: 1800,
      retryStrategy,
      volumes: [
        { name: "scripts", configMap: { name: "build-scripts", defaultMode: 0o555 } },
        { name: "results", emptyDir: { sizeLimit: "16Mi" } },
        { name: "temporary", emptyDir: {} },
        { name: "no-account", emptyDir: {} },
        {
          name: "registry-login",
          secret: { secretName: "regcred", items: [{ key: ".dockerconfigjson", path: "config.json" }] },
        },
        { name: "statements", emptyDir: { sizeLimit: "256Mi" } },
        {
          name: "signing-key",
          secret: {
            secretName: "image-signing",
            items: ["cosign.key", "cosign.password", "cosign.pub", "earlier-1.pub"].map((file) => ({
              key: file,
              path: file,
            })),
          },
        },
      ],
    });
    const around = containersOf(attest).map(({ image, command: run, env, ...rest }) => {
      assert.ok(image !== "" && run.length > 0 && env.length > 0);
      return rest;
    });
    assert.ok(initContainers !== undefined && container.env.length > 0);
    assert.deepEqual(around, [
      { name: "sbom", ...surroundings("2Gi", login, statements) },
      { name: "provenance", ...surroundings("256Mi", statements) },
      { name: "main", ...surroundings("1Gi", login, { ...statements, readOnly: true }, key) },
    ]);
  });

  it("runs Trivy, a program of ours, and cosign, one after the other", () => {
    const [sbom, provenance, main] = containersOf(attest).map(command);
    assert.deepEqual(sbom, {
      image: images.trivy,
      script: "sh /kaniko/argo-cicd/scripts/sbom.sh",
      env: { ...common, ...registry, TRIVY_CACHE_DIR: "/tmp" },
    });
    assert.deepEqual(main, {
      image: images.cosign,
      script: "sh /kaniko/argo-cicd/scripts/attest.sh",
      env: { ...common, ...registry, PATH: "/ko-app:/busybox", SIGNING_KEY: "/signing-key" },
    });
    assert.deepEqual(provenance, {
      image: images.node,
      script: "exec node /kaniko/argo-cicd/scripts/provenance.ts",
      env: {
        ...common,
        BRANCH: "release/1.x",
        GIT_TAG:
          "{{=workflow.parameters.tag matches '^([A-Za-z0-9._-]*)$' ? workflow.parameters.tag : 'no tag'}}",
        NAME: "docker.io/team/web",
        DIGEST: "{{inputs.parameters.digest}}",
        COMMIT: "{{inputs.parameters.commit}}",
        REBUILD:
          "{{=workflow.parameters.rebuild matches '^(true|false)$' ? workflow.parameters.rebuild : 'false'}}",
        REPOSITORY_URL: "https://github.com/acme/web.git",
        PARAMETERS:
          '{"dockerfile":"Dockerfile","context":".","args":{},"buildArgs":[],"secrets":[],"submodules":false,"builder":"kaniko","builderFlags":[],"nodeSelector":{}}',
        PLATFORM: JSON.stringify({ builderImage: images.kaniko }),
        BUILDER: "https://workflows.example/workflow-templates/ci/web",
        INVOCATION: "https://workflows.example/workflows/{{workflow.namespace}}/{{workflow.name}}",
        STARTED: "{{inputs.parameters.started}}",
        FINISHED: "{{inputs.parameters.finished}}",
      },
    });
  });

  it("runs before a tag moves to the image, and after the scan if there is one", () => {
    for (const [scan, before] of [
      [{ mode: "off", severity: "HIGH" }, "build"],
      [{ mode: "stop", severity: "HIGH" }, "scan"],
    ] as const) {
      const [pipeline] = template({ signing: true }, { signing, scan }).templates;
      assert.ok(pipeline !== undefined && "dag" in pipeline);
      const depends = Object.fromEntries(pipeline.dag.tasks.map((task) => [task.name, task.depends]));
      assert.deepEqual(
        [depends["attest"], depends["publish"]],
        [before, "attest && (begin || begin.Failed || begin.Errored)"],
      );
    }
  });

  it("gets from the build whether it built the image, and from Argo the times", () => {
    const [pipeline] = template(...signed).templates;
    assert.ok(pipeline !== undefined && "dag" in pipeline);
    const task = pipeline.dag.tasks.find(({ name }) => name === "attest");
    const values = task?.arguments?.parameters.slice(2).map(({ name, value }) => [name, value]);
    assert.deepEqual(values, [
      [
        "built",
        "{{=tasks.build.outputs.parameters.built matches '^(true|false)$' ? tasks.build.outputs.parameters.built : 'false'}}",
      ],
      ["started", "{{tasks.build.startedAt}}"],
      ["finished", "{{tasks.build.finishedAt}}"],
    ]);
    const outputs = step("build", ...signed).outputs?.parameters.map(({ name }) => name);
    assert.deepEqual(outputs, ["commit", "digest", "built"]);
  });

  it("is absent if nothing is signed", () => {
    assert.ok(!names().includes("attest"));
    const outputs = step("build").outputs?.parameters.map(({ name }) => name);
    assert.deepEqual(outputs, ["commit", "digest"]);
  });
});

describe("the signing key", () => {
  for (const builder of ["kaniko", "buildkit"] as const)
    it(`is in a single container, which runs no code of the authors, with ${builder}`, () => {
      const scan = { mode: "warn", severity: "HIGH" } as const;
      const { templates } = template(
        { signing: true, builder },
        { signing, scan, delivered: deliveredToOne },
      );
      const pods = templates.filter((one) => "container" in one);
      const mounting = pods.flatMap((pod) =>
        containersOf(pod)
          .filter(({ volumeMounts }) => volumeMounts.some(({ name }) => name === "signing-key"))
          .map(({ name }) => `${pod.name}/${name}`),
      );
      assert.deepEqual(mounting, ["attest/main"]);
      const holding = pods.filter((pod) => JSON.stringify(pod).includes("image-signing"));
      assert.deepEqual(
        holding.map(({ name }) => name),
        ["attest"],
      );
    });
});

describe("the build options of a stack file, as data", () => {
  const hostile = {
    args: { A: "{{=sprig.repeat(5)}}", B: "$(HOME) ${PATH} {", C: '"quoted\\" \u2028' },
    buildArgs: ["TOKEN"],
  };

  it("reach the program unchanged, and hold nothing that Argo or the kubelet would expand", () => {
    const text = asData(hostile);
    assert.deepEqual(JSON.parse(text), hostile);
    assert.doesNotMatch(text, /\{\{|\$/);
  });
});

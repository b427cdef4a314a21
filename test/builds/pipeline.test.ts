import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { images } from "../../components/builds/images.ts";
import { repositoryName } from "../../components/names.ts";
import { named } from "../support/builders.ts";
import { command, confined, names, retryStrategy, step, template } from "../support/build-template.ts";
import { delivered, githubEnv, output, registryEnv, updaterEnv } from "../support/step-environment.ts";

const givenCommit =
  "{{=workflow.parameters.commit matches '^(|[0-9a-f]{40})$' ? workflow.parameters.commit : 'no full commit'}}";
const givenTag =
  "{{=workflow.parameters.tag matches '^([A-Za-z0-9._-]*)$' ? workflow.parameters.tag : 'no tag'}}";
const url = "https://github.com/acme/web.git";
const craneEnv = {
  HOME: "/tmp",
  RESULTS: "/kaniko/argo-cicd/results",
  PATH: "/ko-app:/busybox",
  ...registryEnv,
};
const statusEnv = { ...githubEnv, CONTEXT: "argo-cicd/develop" };

describe("a WorkflowTemplate", () => {
  it("is a pipeline with labels to select it by", () => {
    const { templates, ...rest } = template();
    assert.deepEqual(rest, {
      entrypoint: "pipeline",
      onExit: "end",
      serviceAccountName: "build",
      imagePullSecrets: [{ name: "regcred" }],
      arguments: {
        parameters: [
          {
            name: "commit",
            description: "The full commit to build; if empty, the newest of the branch.",
            value: "",
          },
          { name: "tag", description: "The Git tag that was pushed, if any.", value: "" },
          {
            name: "rebuild",
            description: "Build even if the image of the commit exists.",
            value: "false",
            enum: ["false", "true"],
          },
        ],
      },
      ttlStrategy: { secondsAfterCompletion: 345600, secondsAfterSuccess: 86400 },
      podGC: { strategy: "OnPodSuccess" },
      podSpecPatch: '{"enableServiceLinks":false}',
      workflowMetadata: {
        labels: {
          "argo-cicd/project": "shop",
          "argo-cicd/repository": "web",
          "argo-cicd/service": "web",
          "argo-cicd/branch": "release-1.x",
        },
        labelsFrom: {
          "argo-cicd/commit": { expression: "workflow.parameters.commit" },
          "argo-cicd/git-tag": { expression: "workflow.parameters.tag" },
        },
      },
    });
    assert.deepEqual(names(), ["pipeline", "begin", "build", "publish", "end", "report-failure"]);
    assert.equal(templates.length, 6);
  });

  it("builds and begins in parallel, then publishes", () => {
    const commit = { name: "commit", value: output.commit };
    assert.deepEqual(template().templates[0], {
      name: "pipeline",
      dag: {
        failFast: false,
        tasks: [
          { name: "begin", template: "begin" },
          { name: "build", template: "build" },
          {
            name: "publish",
            template: "publish",
            depends: "build && (begin || begin.Failed || begin.Errored)",
            arguments: {
              parameters: [commit, { name: "digest", value: output.digest }, { name: "findings", value: "" }],
            },
          },
        ],
      },
    });
  });

  it("scans after the commit's tag and before the others, if the stack turns it on", () => {
    const scan = { mode: "stop", severity: "CRITICAL" } as const;
    assert.deepEqual(names({}, { scan }), [
      "pipeline",
      "begin",
      "build",
      "scan",
      "publish",
      "end",
      "report-failure",
    ]);
    const [pipeline] = template({}, { scan }).templates;
    assert.ok(pipeline !== undefined && "dag" in pipeline);
    const [, , scanned, published] = pipeline.dag.tasks;
    assert.equal(scanned?.depends, "build");
    assert.deepEqual(scanned.arguments?.parameters, [{ name: "digest", value: output.digest }]);
    assert.equal(published?.depends, "scan && (begin || begin.Failed || begin.Errored)");
    assert.deepEqual(published.arguments?.parameters[2], {
      name: "findings",
      value: output.findings,
    });
    const { container, outputs } = step("scan", {}, { scan });
    assert.deepEqual(outputs, {
      parameters: [{ name: "findings", valueFrom: { path: "/kaniko/argo-cicd/results/findings" } }],
    });
    assert.deepEqual(command(container), {
      image: images.trivy,
      script: "sh /kaniko/argo-cicd/scripts/scan.sh",
      env: {
        ...registryEnv,
        HOME: "/tmp",
        RESULTS: "/kaniko/argo-cicd/results",
        IMAGE: "team/web@{{inputs.parameters.digest}}",
        MODE: "stop",
        SEVERITY: "CRITICAL",
        TRIVY_CACHE_DIR: "/cache",
      },
    });
  });

  it("reports nothing to GitHub if the stack turns it off", () => {
    assert.deepEqual(names({}, { statuses: undefined }), ["pipeline", "begin", "build", "publish"]);
    assert.equal(template({}, { statuses: undefined }).onExit, undefined);
    const { container, initContainers } = step("publish", {}, { statuses: undefined });
    assert.equal(command(container).script, "sh /kaniko/argo-cicd/scripts/tag.sh");
    assert.deepEqual(
      initContainers?.map(({ name }) => name),
      ["tip"],
    );
    assert.equal(
      command(step("begin", {}, { statuses: undefined }).container).script,
      "exec node /kaniko/argo-cicd/scripts/begin.ts",
    );
  });

  it("archives its logs if the stack has an object store", () => {
    const { archiveLogs, artifactRepositoryRef } = template({}, { keepLogs: true });
    assert.deepEqual([archiveLogs, artifactRepositoryRef], [true, { configMap: "build-logs", key: "s3" }]);
  });
});

describe("the steps around the build", () => {
  it("begin: stops older builds with an account that may, and reports to GitHub", () => {
    const { container, initContainers = [], ...rest } = step("begin");
    assert.deepEqual(rest, {
      name: "begin",
      serviceAccountName: "build-control",
      activeDeadlineSeconds: 600,
      retryStrategy,
      volumes: [
        { name: "scripts", configMap: { name: "build-scripts", defaultMode: 0o555 } },
        { name: "results", emptyDir: { sizeLimit: "16Mi" } },
        { name: "temporary", emptyDir: { sizeLimit: "1Gi" } },
        { name: "no-account", emptyDir: {} },
        {
          name: "github-token",
          secret: { secretName: "github-status", items: [{ key: "token", path: "token" }] },
        },
      ],
    });
    assert.deepEqual([...initContainers, container].map(command), [
      {
        image: images.git,
        script: "sh /kaniko/argo-cicd/scripts/tip.sh",
        env: {
          HOME: "/tmp",
          RESULTS: "/kaniko/argo-cicd/results",
          REPOSITORY_URL: url,
          TOKEN_FILE: "",
          BRANCH: "release/1.x",
          GIT_TAG: givenTag,
          COMMIT: givenCommit,
        },
      },
      {
        image: images.node,
        script: "exec node /kaniko/argo-cicd/scripts/begin.ts",
        env: {
          ...statusEnv,
          NAMESPACE: "{{workflow.namespace}}",
          WORKFLOW: "{{workflow.name}}",
          SERVICE: "web",
          BRANCH_LABEL: "release-1.x",
        },
      },
    ]);
  });

  it("publish: moves the tags, one build at a time, and reports to GitHub", () => {
    const { container, initContainers = [], synchronization, serviceAccountName } = step("publish");
    assert.equal(serviceAccountName, "build-control");
    assert.deepEqual(synchronization, {
      semaphores: [{ namespace: "ci", configMapKeyRef: { name: "build-limits", key: "tags-web" } }],
    });
    assert.deepEqual(
      [...initContainers, container].map((one) => command(one).script),
      [
        "sh /kaniko/argo-cicd/scripts/tip.sh",
        "sh /kaniko/argo-cicd/scripts/tag.sh",
        "exec node /kaniko/argo-cicd/scripts/published.ts",
      ],
    );
    assert.deepEqual(command(initContainers[1] ?? container).env, {
      ...craneEnv,
      MOVING_TAGS: "release-1.x latest",
      GIT_TAG: givenTag,
      DIGEST: "{{inputs.parameters.digest}}",
    });
    assert.deepEqual(command(initContainers[0] ?? container).env, {
      HOME: "/tmp",
      RESULTS: "/kaniko/argo-cicd/results",
      REPOSITORY_URL: url,
      TOKEN_FILE: "",
      BRANCH: "release/1.x",
      GIT_TAG: givenTag,
      COMMIT: "{{inputs.parameters.commit}}",
      LATER: "true",
    });
    assert.deepEqual(command(container).env, {
      ...statusEnv,
      ...updaterEnv,
      UPDATER: "",
      NAMESPACE: "{{workflow.namespace}}",
      WORKFLOW: "{{workflow.name}}",
      FINDINGS: "{{inputs.parameters.findings}}",
    });
  });

  it("publish: also notifies the Image Updater if an application follows the image", () => {
    const { container, volumes } = step("publish", {}, { delivered });
    assert.deepEqual(command(container).env["UPDATER"], "http://updater:8080/webhook");
    assert.deepEqual(command(container).env["IMAGE_PATH"], "team/web");
    assert.deepEqual(volumes.at(-1), {
      name: "updater-token",
      secret: { secretName: "image-updater-webhook", items: [{ key: "token", path: "token" }] },
    });
  });

  it("end: reports to GitHub what failed, and nothing after a success", () => {
    assert.deepEqual(template().templates.at(-2), {
      name: "end",
      steps: [
        [{ name: "report-failure", template: "report-failure", when: "{{workflow.status}} != Succeeded" }],
      ],
    });
    assert.deepEqual(command(step("report-failure").container), {
      image: images.node,
      script: "exec node /kaniko/argo-cicd/scripts/end.ts",
      env: {
        ...statusEnv,
        NAMESPACE: "{{workflow.namespace}}",
        WORKFLOW: "{{workflow.name}}",
        COMMIT:
          "{{=workflow.parameters.commit matches '^([0-9a-f]{40})$' ? workflow.parameters.commit : ''}}",
        STEPS: "build scan attest publish",
      },
    });
  });

  it("run confined, with only the volumes that they need", () => {
    assert.deepEqual(step("publish").initContainers?.[1], {
      name: "tag",
      image: images.crane,
      command: ["/busybox/sh", "-c", "exec 2>&1; sh /kaniko/argo-cicd/scripts/tag.sh"],
      env: step("publish").initContainers?.[1]?.env,
      volumeMounts: [
        { name: "scripts", mountPath: "/kaniko/argo-cicd/scripts", readOnly: true },
        { name: "results", mountPath: "/kaniko/argo-cicd/results" },
        { name: "temporary", mountPath: "/tmp" },
        { name: "registry-login", mountPath: "/registry-login", readOnly: true },
        { name: "no-account", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true },
      ],
      resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
      securityContext: confined,
      terminationMessagePolicy: "FallbackToLogsOnError",
    });
  });

  it("set a separate status for each service of a repository", () => {
    const service = named(repositoryName, "worker");
    assert.equal(
      command(step("report-failure", { service }).container).env["CONTEXT"],
      "argo-cicd/develop/worker",
    );
  });
});

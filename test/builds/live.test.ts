import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { images } from "../../components/builds/images.ts";
import { command, names, retryStrategy, step, template } from "../support/build-template.ts";
import { delivered, githubEnv, output, updaterEnv } from "../support/step-environment.ts";

describe("the step that waits for deployments", () => {
  it("waits until the applications have the image, with an account that may read them", () => {
    const given = [{}, { delivered }] as const;
    assert.deepEqual(names(...given), [
      "pipeline",
      "begin",
      "build",
      "publish",
      "live",
      "end",
      "report-failure",
    ]);
    const [pipeline] = template(...given).templates;
    assert.ok(pipeline !== undefined && "dag" in pipeline);
    assert.deepEqual(pipeline.dag.tasks.at(-1), {
      name: "live",
      template: "live",
      depends: "publish",
      when: "{{tasks.publish.outputs.parameters.moved}} == true",
      arguments: {
        parameters: [
          { name: "commit", value: output.commit },
          { name: "digest", value: output.digest },
        ],
      },
    });
    const { container, metrics, volumes, ...rest } = step("live", ...given);
    assert.deepEqual(rest, {
      name: "live",
      serviceAccountName: "build-live",
      inputs: { parameters: [{ name: "commit" }, { name: "digest" }] },
      outputs: {
        parameters: [{ name: "seconds", valueFrom: { path: "/kaniko/argo-cicd/results/seconds" } }],
      },
      activeDeadlineSeconds: 900,
      retryStrategy,
    });
    assert.equal(volumes.length, 5);
    assert.deepEqual(command(container), {
      image: images.node,
      script: "exec node /kaniko/argo-cicd/scripts/live.ts",
      env: {
        ...githubEnv,
        ...updaterEnv,
        REGISTRY: "docker.io",
        IMAGE_PATH: "team/web",
        TAG: "release-1.x",
        UPDATER: "http://updater:8080/webhook",
        REMIND_AFTER: "10",
        COMMIT: "{{inputs.parameters.commit}}",
        DIGEST: "{{inputs.parameters.digest}}",
        IMAGE: "team/web",
        APPLICATIONS: "shop other",
        BY_COMMIT: "other",
        WITH_WINDOWS: "shop",
        NAMESPACE: "argocd",
        ENVIRONMENT: "develop",
        ENVIRONMENT_URL: "https://shop.example",
        TIME_LIMIT: "600",
        RETRIES: "{{retries}}",
        REPORT_AFTER: "10",
        WORKFLOW: "{{workflow.name}}",
        WORKFLOW_NAMESPACE: "{{workflow.namespace}}",
        CREATED: "{{workflow.creationTimestamp.s}}",
      },
    });
    assert.deepEqual(metrics?.prometheus, [
      {
        name: "push_to_live_seconds",
        help: "Seconds from a push until its image runs",
        when: "{{outputs.parameters.seconds}} > 0",
        labels: [
          { key: "project", value: "shop" },
          { key: "service", value: "web" },
        ],
        histogram: {
          value: "{{outputs.parameters.seconds}}",
          buckets: [15, 30, 60, 120, 300, 600, 1800],
        },
      },
    ]);
  });

  it("is left out if the stack turns it off, or if there is nothing to wait for", () => {
    assert.ok(!names({}, { delivered, live: undefined }).includes("live"));
    assert.ok(!names({}, { delivered: { ...delivered, applications: [] } }).includes("live"));
  });
});

/** What pipeline.test.ts and builders.test.ts leave out: whole steps, and steps of a stack without some option. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RepositorySettings } from "../../components/settings/resolve.ts";
import { tagTemplate } from "../../components/names.ts";
import { label, named } from "../support/builders.ts";
import type { Given } from "../support/build-template.ts";
import { command, retryStrategy, step, template } from "../support/build-template.ts";
import {
  checkedFindings,
  clone,
  delivered,
  frame,
  github,
  login,
  mounted,
  noAccount,
  read,
  results,
  scripts,
  shared,
  strictScan,
  surroundings,
  temporary,
  tokenless,
  unlimited,
  updater,
  withoutToken,
} from "../support/steps.ts";

const scan = strictScan;
const checkedCommit =
  "{{=tasks.build.outputs.parameters.commit matches '^([0-9a-f]{40})$' ? tasks.build.outputs.parameters.commit : 'no full commit'}}";
const checkedDigest =
  "{{=tasks.build.outputs.parameters.digest matches '^(sha256:[0-9a-f]{64})$' ? tasks.build.outputs.parameters.digest : 'no digest'}}";

describe("each step whole", () => {
  it("begin", () => {
    assert.deepEqual(frame("begin", {}, { cloneToken: label("shop-clone") }), {
      name: "begin",
      serviceAccountName: "build-control",
      activeDeadlineSeconds: 600,
      retryStrategy,
      volumes: [scripts, results, temporary, noAccount, clone, github],
      containers: [
        { name: "tip", ...tokenless(undefined, mounted("clone-token")) },
        { name: "main", ...surroundings(undefined, mounted("github-token")) },
      ],
    });
  });

  it("scan", () => {
    const cache = { name: "cache", mountPath: "/cache" };
    assert.deepEqual(frame("scan", {}, { scan }), {
      name: "scan",
      inputs: { parameters: [{ name: "digest" }] },
      outputs: { parameters: [read("findings")] },
      activeDeadlineSeconds: 1800,
      retryStrategy,
      volumes: [scripts, results, unlimited, noAccount, login, { name: "cache", emptyDir: {} }],
      containers: [{ name: "main", ...tokenless("2Gi", mounted("registry-login"), cache) }],
    });
  });

  it("publish", () => {
    assert.deepEqual(frame("publish", {}, { delivered, cloneToken: label("shop-clone") }), {
      name: "publish",
      serviceAccountName: "build-control",
      inputs: { parameters: [{ name: "commit" }, { name: "digest" }, { name: "findings" }] },
      outputs: { parameters: [read("digest"), read("summary"), read("moved")] },
      activeDeadlineSeconds: 600,
      retryStrategy,
      synchronization: {
        semaphores: [{ namespace: "ci", configMapKeyRef: { name: "build-limits", key: "tags-web" } }],
      },
      volumes: [scripts, results, temporary, noAccount, clone, login, github, updater],
      containers: [
        { name: "tip", ...tokenless(undefined, mounted("clone-token")) },
        { name: "tag", ...tokenless(undefined, mounted("registry-login")) },
        { name: "main", ...surroundings(undefined, mounted("github-token"), mounted("updater-token")) },
      ],
    });
  });

  it("live", () => {
    const { metrics, ...rest } = frame("live", {}, { delivered });
    assert.equal(metrics?.prometheus.length, 1);
    assert.deepEqual(rest, {
      name: "live",
      serviceAccountName: "build-live",
      inputs: { parameters: [{ name: "commit" }, { name: "digest" }] },
      outputs: { parameters: [read("seconds")] },
      activeDeadlineSeconds: 900,
      retryStrategy,
      volumes: [scripts, results, temporary, github, updater],
      containers: [
        { name: "main", ...surroundings(undefined, mounted("github-token"), mounted("updater-token")) },
      ],
    });
  });

  it("report-failure", () => {
    assert.deepEqual(frame("report-failure"), {
      name: "report-failure",
      serviceAccountName: "build-control",
      activeDeadlineSeconds: 600,
      retryStrategy,
      volumes: [scripts, results, temporary, github],
      containers: [{ name: "main", ...surroundings(undefined, mounted("github-token")) }],
    });
  });

  it("the pipeline, with a scan and a deployment", () => {
    const commit = { name: "commit", value: checkedCommit };
    const digest = { name: "digest", value: checkedDigest };
    assert.deepEqual(template({}, { delivered, scan }).templates[0], {
      name: "pipeline",
      dag: {
        failFast: false,
        tasks: [
          { name: "begin", template: "begin" },
          { name: "build", template: "build" },
          { name: "scan", template: "scan", depends: "build", arguments: { parameters: [digest] } },
          {
            name: "publish",
            template: "publish",
            depends: "scan && (begin || begin.Failed || begin.Errored)",
            arguments: {
              parameters: [commit, digest, { name: "findings", value: checkedFindings }],
            },
          },
          {
            name: "live",
            template: "live",
            depends: "publish",
            when: "{{tasks.publish.outputs.parameters.moved}} == true",
            arguments: {
              parameters: [commit, digest],
            },
          },
        ],
      },
    });
  });
});

describe("a stack that reports nothing to GitHub", () => {
  const given: Given = [{}, { delivered, statuses: undefined, live: undefined }];

  it("gives no step GitHub's token or addresses", () => {
    const { containers, volumes } = frame("publish", ...given);
    assert.deepEqual(volumes, [scripts, results, temporary, noAccount, login, updater]);
    assert.deepEqual(containers.at(-1), {
      name: "main",
      ...surroundings(undefined, mounted("updater-token")),
    });
    const { GITHUB_API, CONTEXT, TARGET_URL, UPDATER } = command(step("publish", ...given).container).env;
    assert.deepEqual([GITHUB_API, CONTEXT, TARGET_URL], ["", "", ""]);
    assert.equal(UPDATER, "http://updater:8080/webhook");
    assert.deepEqual(command(step("begin", ...given).container).env, {
      HOME: "/tmp",
      RESULTS: "/kaniko/argo-cicd/results",
      NAMESPACE: "{{workflow.namespace}}",
      WORKFLOW: "{{workflow.name}}",
      SERVICE: "web",
      BRANCH_LABEL: "release-1.x",
      CONTEXT: "",
      GITHUB_API: "",
      REPOSITORY: "acme/web",
      TARGET_URL: "",
      TOKEN_FILE: "/github-token/token",
    });
  });
});

describe("a stack without", () => {
  it("an application that follows the image gives no step the Image Updater's token", () => {
    const { containers, volumes } = frame("publish");
    assert.deepEqual(volumes, [scripts, results, temporary, noAccount, login, github]);
    assert.deepEqual(containers.at(-1), {
      name: "main",
      ...surroundings(undefined, mounted("github-token")),
    });
  });

  it("an address of Argo Workflows puts no link on GitHub", () => {
    const statuses = { token: label("github-status"), api: "https://api.github.com", context: "c" };
    const { env } = command(
      step("report-failure", {}, { statuses: { ...statuses, workflowsUrl: undefined } }).container,
    );
    assert.equal(env["TARGET_URL"], "");
  });

  it("an address of Argo CD passes no link, but all Applications", () => {
    const { ENVIRONMENT_URL, APPLICATIONS, BY_COMMIT } = command(
      step("live", {}, { delivered }).container,
    ).env;
    assert.deepEqual([ENVIRONMENT_URL, APPLICATIONS, BY_COMMIT], ["", "shop other", "shop other"]);
  });

  it("a login of the registry mounts none", () => {
    const { containers, volumes } = frame("scan", {}, { scan, pullSecret: undefined });
    assert.deepEqual(volumes, [scripts, results, unlimited, noAccount, { name: "cache", emptyDir: {} }]);
    assert.deepEqual(containers[0]?.["volumeMounts"], [
      ...shared,
      { name: "cache", mountPath: "/cache" },
      withoutToken,
    ]);
  });
});

describe("the build step", () => {
  const bare = [
    "--label=org.opencontainers.image.created={{workflow.creationTimestamp}}",
    "--label=org.opencontainers.image.revision={commit}",
    "--label=org.opencontainers.image.source=https://www.github.example/acme/web",
    "--destination=127.0.0.1:5500/team/web:release-1.x-{sha7}",
    "--registry-mirror=127.0.0.1:5500",
    "--skip-default-registry-fallback",
    "--image-download-retry=5",
    "--image-fs-extract-retry=5",
    "--push-retry=5",
  ];
  const cloneUrl = "https://www.github.example/acme/web.git";

  it("passes no cache to Kaniko without one, and labels the image with the repository's page", () => {
    assert.deepEqual(step("build", { cache: undefined, cloneUrl }).container.args, [
      "--context=dir:///kaniko/argo-cicd/workspace",
      "--dockerfile=/kaniko/argo-cicd/workspace/Dockerfile",
      ...bare,
    ]);
  });

  it("looks for the Dockerfile in the context", () => {
    const differences = { context: "services/web", dockerfile: "docker/prod" };
    const [checkout] = step("build", differences).initContainers ?? [];
    assert.ok(checkout !== undefined);
    const { DOCKERFILE, CONTEXT } = command(checkout).env;
    assert.deepEqual([DOCKERFILE, CONTEXT], ["services/web/docker/prod", "services/web"]);
  });

  for (const context of ["services/web", undefined]) {
    const folder = context === undefined ? "" : `/${context}`;
    it(`finds a Dockerfile by its path from the repository's root, with the context ${context ?? "at the root too"}`, () => {
      const differences = { context, dockerfile: "/docker/web.Dockerfile" };
      const [checkout] = step("build", differences).initContainers ?? [];
      assert.ok(checkout !== undefined);
      assert.equal(command(checkout).env["DOCKERFILE"], "docker/web.Dockerfile");
      assert.deepEqual(step("build", differences).container.args?.slice(0, 2), [
        `--context=dir:///kaniko/argo-cicd/workspace${folder}`,
        "--dockerfile=/kaniko/argo-cicd/workspace/docker/web.Dockerfile",
      ]);
      assert.deepEqual(step("build", { ...differences, builder: "buildkit" }).container.args?.slice(2, 5), [
        `--local=context=/kaniko/argo-cicd/workspace${folder}`,
        "--local=dockerfile=/kaniko/argo-cicd/workspace",
        "--opt=filename=docker/web.Dockerfile",
      ]);
    });
  }

  it("gives BuildKit the context's folder, a volume for its layers, and no other options", () => {
    const { container, volumes } = step("build", {
      builder: "buildkit",
      context: "services/web",
      cache: undefined,
      cloneUrl,
    });
    assert.deepEqual(container.args, [
      "build",
      "--frontend=dockerfile.v0",
      "--local=context=/kaniko/argo-cicd/workspace/services/web",
      "--local=dockerfile=/kaniko/argo-cicd/workspace/services/web",
      "--opt=filename=Dockerfile",
      ...bare.slice(0, 3).map((one) => one.replace("--label=", "--opt=label:")),
      "--output=type=image,name=127.0.0.1:5500/team/web:release-1.x-{sha7},push=true",
    ]);
    const workspace = { name: "workspace", emptyDir: {} };
    assert.deepEqual(volumes, [
      workspace,
      scripts,
      results,
      temporary,
      noAccount,
      { name: "buildkit", emptyDir: {} },
      { name: "buildkitd", configMap: { name: "buildkitd", defaultMode: 0o444 } },
      login,
    ]);
  });

  for (const builder of ["kaniko", "buildkit"] as const) {
    it(`limits the disk of its node that ${builder} may use`, () => {
      const resources = { cpu: "1", memory: "2Gi", disk: "10Gi" };
      const { container, volumes } = step("build", { builder, resources });
      assert.deepEqual(container.resources, {
        requests: { cpu: "1", memory: "2Gi", "ephemeral-storage": "10Gi" },
        limits: { memory: "2Gi", "ephemeral-storage": "10Gi" },
      });
      const limited = volumes.flatMap((one) =>
        "emptyDir" in one && one.emptyDir.sizeLimit === "10Gi" ? [one.name] : [],
      );
      assert.deepEqual(limited, builder === "kaniko" ? ["workspace"] : ["workspace", "buildkit"]);
    });
  }

  it("is the only step that runs on the nodes of the stack file", () => {
    const nodeSelector = { pool: "builds", "kubernetes.io/arch": "arm64" };
    const tolerations = [{ key: "builds", operator: "Exists" as const }];
    const { templates } = template({ nodeSelector, tolerations }, { scan, delivered });
    const placed = templates.filter((one) => "nodeSelector" in one || "tolerations" in one);
    assert.deepEqual(
      placed.map(({ name }) => name),
      ["build"],
    );
    const one = step("build", { nodeSelector, tolerations });
    assert.deepEqual([one.nodeSelector, one.tolerations], [nodeSelector, tolerations]);
  });

  it("publishes the one moving tag, from its template", () => {
    const tags: RepositorySettings["tags"] = {
      commit: named(tagTemplate, "c-{sha7}"),
      moving: [named(tagTemplate, "{branch}-newest")],
    };
    const [, tag] = step("publish", { tags }).initContainers ?? [];
    assert.ok(tag !== undefined);
    const { MOVING_TAGS, COMMIT_TAG } = command(tag).env;
    assert.deepEqual([MOVING_TAGS, COMMIT_TAG], ["release-1.x-newest", "c-{sha7}"]);
  });
});

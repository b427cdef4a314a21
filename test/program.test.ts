import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { Declared } from "../tools/offline/evaluate.ts";
import { appKey } from "./support/app-key.ts";
import { declare, declaredFiles, smallConfig, smallProject, stackConfig } from "./support/declare.ts";
import { holds } from "./support/disguises.ts";

const alog = ["front-web", "service-aggregator", "service-auth", "service-file", "service-issue"]
  .concat(["service-notification", "service-project", "service-release", "service-user"])
  .map((name) => `alog-${name}`);
const aform = ["front-web", "service-ai", "service-post", "service-survey", "service-user"].map(
  (name) => `aform-${name}`,
);

const policies = [
  "arguments",
  "build-control",
  "build-live",
  "build-live-notes",
  "catch-up",
  "catch-up-pods",
  "results",
  "sensor",
  "sensor-dead-letters",
];

/** The objects that both stacks declare. */
const common = [
  "_cluster/ClusterRole-argo-cicd-argo-server.yaml",
  "_cluster/ClusterRoleBinding-argo-cicd-argo-server.yaml",
  "_cluster/Namespace-argo-events.yaml",
  "_cluster/Namespace-argo.yaml",
  "_cluster/Namespace-argocd.yaml",
  "_cluster/Namespace-ci.yaml",
  ...policies.map((name) => `_cluster/ValidatingAdmissionPolicy-argo-cicd-${name}.yaml`),
  ...policies.map((name) => `_cluster/ValidatingAdmissionPolicyBinding-argo-cicd-${name}.yaml`),
  ...alog.map((name) => `_github/${name}.yaml`),
  "_random/updater-webhook-key.yaml",
  "_random/webhook-key.yaml",
  "_releases/argo-cd.yaml",
  "_releases/argo-events.yaml",
  "_releases/argo-workflows.yaml",
  "_releases/argocd-image-updater.yaml",
  "argo-events/EventBus-default.yaml",
  "argo-events/EventSource-github.yaml",
  "argo-events/Ingress-github-webhook.yaml",
  "argo-events/Role-leave-dead-letters.yaml",
  "argo-events/RoleBinding-leave-dead-letters.yaml",
  "argo-events/Secret-github-webhook.yaml",
  "argo-events/Sensor-alog.yaml",
  "argo-events/Service-eventbus-metrics.yaml",
  "argo-events/Service-github-webhook.yaml",
  "argo-events/Service-sensor-metrics.yaml",
  "argo-events/ServiceAccount-github-eventsource.yaml",
  "argo-events/ServiceAccount-github-sensor.yaml",
  "argocd/AppProject-alog.yaml",
  "argocd/AppProject-default.yaml",
  "argocd/Application-alog.yaml",
  "argocd/ImageUpdater-alog.yaml",
  "argocd/Role-build-live.yaml",
  "argocd/Role-catch-up.yaml",
  "argocd/RoleBinding-build-live.yaml",
  "argocd/RoleBinding-catch-up.yaml",
  "argocd/Secret-image-updater-webhook.yaml",
  "argocd/Secret-regcred.yaml",
  "ci/ConfigMap-build-limits.yaml",
  "ci/ConfigMap-build-scripts.yaml",
  "ci/ConfigMap-catch-up.yaml",
  "ci/CronWorkflow-catch-up.yaml",
  "ci/Role-build-control.yaml",
  "ci/Role-build-live.yaml",
  "ci/Role-build.yaml",
  "ci/Role-catch-up.yaml",
  "ci/Role-start-builds.yaml",
  "ci/RoleBinding-build-control.yaml",
  "ci/RoleBinding-build-live.yaml",
  "ci/RoleBinding-build.yaml",
  "ci/RoleBinding-catch-up.yaml",
  "ci/RoleBinding-start-builds.yaml",
  "ci/Secret-github-status.yaml",
  "ci/Secret-image-updater-webhook.yaml",
  "ci/Secret-regcred.yaml",
  "ci/ServiceAccount-build-control.yaml",
  "ci/ServiceAccount-build-live.yaml",
  "ci/ServiceAccount-build.yaml",
  "ci/ServiceAccount-catch-up.yaml",
  ...alog.map((name) => `ci/WorkflowTemplate-${name}.yaml`),
  "ci/WorkflowTemplate-catch-up.yaml",
  "argo/Role-argo-server.yaml",
  "argo/RoleBinding-argo-server.yaml",
  "argocd/Secret-in-cluster.yaml",
  ...["argocd-application-controller", "argocd-server"].flatMap((name) => [
    `default/Role-${name}.yaml`,
    `default/RoleBinding-${name}.yaml`,
  ]),
  "default/Secret-alog-secret.yaml",
  "default/Secret-regcred.yaml",
];

describe("the committed stacks", () => {
  it("develop declares the pipeline of both projects, its storage and its ingress controller", async () => {
    const files = await declaredFiles(stackConfig("develop"), "develop");
    assert.deepEqual(
      [...files.keys()],
      [
        ...common,
        "_cluster/IngressClass-nginx.yaml",
        "_cluster/Namespace-rook-ceph.yaml",
        "_cluster/Namespace-traefik.yaml",
        "_releases/ceph-csi-drivers.yaml",
        "_releases/rook-ceph-cluster.yaml",
        "_releases/rook-ceph.yaml",
        "_releases/traefik.yaml",
        ...aform.map((name) => `_github/${name}.yaml`),
        "argo-events/Sensor-aform.yaml",
        "argocd/AppProject-aform.yaml",
        "argocd/Application-aform.yaml",
        "argocd/ImageUpdater-aform.yaml",
        ...aform.map((name) => `ci/WorkflowTemplate-${name}.yaml`),
        "default/Secret-aform-secret.yaml",
        "ci/Secret-aform-secret.yaml",
        "ci/Secret-alog-secret.yaml",
      ].sort(),
    );
  });

  it("publish declares only the pipeline of A-Log, with the build keys in a separate Secret", async () => {
    const files = await declaredFiles(stackConfig("publish"), "publish");
    assert.deepEqual([...files.keys()], [...common, "ci/Secret-alog-secret-main.yaml"].sort());
  });

  it("export addresses and the command for the initial password, and no password", async () => {
    const { outputs, warnings } = await declare(stackConfig("publish"), "publish");
    assert.ok(!warnings.some((one) => one.includes("stack output")));
    assert.deepEqual(outputs, {
      argocdInitialPasswordCommand:
        "kubectl --context 'publish' --namespace argocd get secret argocd-initial-admin-secret --output jsonpath='{.data.password}' | base64 --decode",
      argocdUrl: "https://<any node>:30443",
      imageKey: "none: images are not signed (builds.signing)",
      webhookUrls: { alog: "https://alog.acceler.kr/github-webhook" },
      workflowsUrl: "https://<any node>:32746",
    });
  });
});

describe("secrets", () => {
  it("reach the engine only as secrets, and each is used", async () => {
    const config = stackConfig("develop");
    const { declared, outputs } = await declare(config, "develop");
    const given = JSON.stringify(declared.map(({ inputs }) => inputs));
    const readable = JSON.stringify([declared.map(({ inputs }) => withoutSecrets(inputs)), outputs]);
    for (const value of leaves(config["secrets"])) {
      assert.ok(holds(given, value), `${value} reaches no object`);
      assert.ok(!holds(readable, value), `${value} can be read`);
    }
  });

  it("would be found in base64 too, at any offset", () => {
    for (const before of ["", "a", "ab", "abc"]) {
      const text = `${before}secret password:`;
      assert.ok(holds(text, "secret password"));
      assert.ok(holds(Buffer.from(text).toString("base64"), "secret password"), before);
      assert.ok(holds(Buffer.from(text).toString("base64url"), "secret password"), before);
      assert.ok(!holds(Buffer.from(text).toString("base64"), "secret passport"), before);
    }
  });

  it("of builds are the keys that repositories name, and no others", async () => {
    const { declared } = await declare(stackConfig("develop"), "develop");
    const secret = only(declared, "kubernetes:core/v1:Secret", "ci/aform-secret");
    assert.deepEqual(Object.keys(unwrapped(secret.inputs["stringData"]) as object).sort(), [
      "REACT_APP_AI_API_URL",
      "REACT_APP_POST_API_URL",
      "REACT_APP_SURVEY_API_URL",
      "REACT_APP_USER_API_URL",
    ]);
  });

  it("of a login equal those of kubectl create secret docker-registry", async () => {
    const { declared } = await declare(stackConfig("develop"), "develop");
    const secret = only(declared, "kubernetes:core/v1:Secret", "default/regcred");
    assert.equal(secret.inputs["type"], "kubernetes.io/dockerconfigjson");
    const data = unwrapped(secret.inputs["stringData"]) as Record<string, string>;
    const password = "secret password of the registry";
    const login = {
      username: "chromato99",
      password,
      auth: Buffer.from(`chromato99:${password}`).toString("base64"),
    };
    assert.deepEqual(JSON.parse(data[".dockerconfigjson"] ?? ""), {
      auths: { "https://index.docker.io/v1/": login, "https://registry-1.docker.io": login },
    });
  });

  it("are not required for a registry without a login", async () => {
    const files = await declaredFiles(smallConfig());
    assert.deepEqual(
      [...files.keys()].filter((path) => path.includes("/Secret-")),
      [
        "argo-events/Secret-github-webhook.yaml",
        "argocd/Secret-image-updater-webhook.yaml",
        // Holds no secret value.
        "argocd/Secret-in-cluster.yaml",
        "ci/Secret-github-status.yaml",
        "ci/Secret-image-updater-webhook.yaml",
      ],
    );
  });
});

describe("the namespaces of applications", () => {
  it("are created, except the one of Kubernetes", async () => {
    const application = (name: string, namespace: string) => ({
      name,
      namespace,
      repository: "shop-cluster",
      path: "k8s",
    });
    const applications = [application("a", "default"), application("c", "shop")];
    const files = await declaredFiles(
      smallConfig({ projects: { shop: { ...smallProject(), applications } } }),
    );
    const made = [...files.keys()].filter((path) => path.includes("/Namespace-"));
    assert.deepEqual(
      made,
      ["argo", "argo-events", "argocd", "ci", "shop"]
        .map((name) => `_cluster/Namespace-${name}.yaml`)
        .toSorted(),
    );
    // The applications choose their own pod security level.
    const { metadata } = parse(files.get("_cluster/Namespace-shop.yaml") ?? "") as { metadata: object };
    assert.deepEqual(metadata, { name: "shop", labels: {} });
  });
});

describe("providers", () => {
  it("have no EventSource without repositories, since one without events never becomes ready", async () => {
    const projects = { shop: { ...smallProject(), repositories: [] } };
    const files = [...(await declaredFiles(smallConfig({ projects }))).keys()];
    assert.deepEqual(
      files.filter((path) => /EventSource-|Ingress-|Sensor-|_github/.test(path)),
      [],
    );
    assert.ok(files.includes("argo-events/EventBus-default.yaml"));
  });

  it("are all explicit: no object is left to a default provider", async () => {
    const { declared } = await declare(stackConfig("develop"), "develop");
    const left = declared.filter(
      ({ custom, type, provider }) => custom && !type.startsWith("pulumi:") && provider === "",
    );
    assert.deepEqual(
      left.map(({ name }) => name),
      [],
    );
  });

  it("change ConfigMaps and Secrets in place, and adopt only when configured to", async () => {
    const plain = await declare(smallConfig());
    assert.deepEqual(only(plain.declared, "pulumi:providers:kubernetes", "kubernetes").inputs, {
      context: "test",
      enableConfigMapMutable: "true",
      enablePatchForce: "true",
      enableSecretMutable: "true",
    });
    const cluster = { context: "test", storageClass: "standard", adoptExisting: true };
    const adopting = await declare(smallConfig({ cluster }));
    const { inputs } = only(adopting.declared, "pulumi:providers:kubernetes", "kubernetes");
    assert.equal(inputs["upsertExistingObjects"], "true");
  });

  it("use a GitHub Enterprise Server if the stack names one", async () => {
    const { declared } = await declare(smallConfig({ github: { url: "https://github.acme.example/" } }));
    const { inputs } = only(declared, "pulumi:providers:github", "github-acme");
    assert.equal(inputs["baseUrl"], "https://github.acme.example/");
    assert.equal(inputs["owner"], "acme");
    assert.ok(pulumi.runtime.isRpcSecret(inputs["token"]));
  });

  it("use the GitHub App of an owner for webhooks, and the tokens of the others", async () => {
    const project = (owner: string, repository: string, more: object = {}) => ({
      owner,
      webhook: { url: `https://ci.example/${repository}` },
      repositories: [repository],
      ...more,
    });
    const { declared, outputs } = await declare(
      smallConfig({
        github: { app: { id: 271828, installations: { acme: 31415926 } } },
        projects: {
          shop: project("acme", "web", { private: true }),
          videos: project("acme-videos", "lobby"),
          tools: project("acme-labs", "cli"),
        },
        secrets: {
          githubAppKey: appKey,
          githubToken: "hunter2 of the stack",
          statusToken: "hunter2 of statuses",
          owners: {
            "acme-videos": { githubToken: "hunter2 of videos", statusToken: "hunter2 of videos' statuses" },
          },
        },
      }),
    );
    const inputsOf = (owner: string) => only(declared, "pulumi:providers:github", `github-${owner}`).inputs;
    const { appAuth, ...others } = inputsOf("acme");
    assert.deepEqual(JSON.parse(String(unwrapped(appAuth))), {
      id: "271828",
      installationId: "31415926",
      pemFile: appKey,
    });
    assert.deepEqual(others, { owner: "acme", baseUrl: "https://api.github.com/" });
    assert.equal(unwrapped(inputsOf("acme-videos")["token"]), "hunter2 of videos");
    assert.equal(unwrapped(inputsOf("acme-labs")["token"]), "hunter2 of the stack");
    const secrets = declared.filter(({ type }) => type === "kubernetes:core/v1:Secret");
    const ofGitHub = secrets.filter(({ name }) => /^ci\/.*(github|clone)/.test(name));
    assert.deepEqual(ofGitHub.map(({ name, inputs }) => [name, unwrapped(inputs["stringData"])]).toSorted(), [
      ["ci/acme-videos-github-status", { token: "hunter2 of videos' statuses" }],
      ["ci/github-app", { key: appKey }],
      ["ci/github-status", { token: "hunter2 of statuses" }],
    ]);
    const readable = JSON.stringify([declared.map(({ inputs }) => withoutSecrets(inputs)), outputs]);
    for (const line of appKey.trim().split("\n").slice(1, -1)) assert.ok(!holds(readable, line));
    assert.doesNotMatch(readable, /PRIVATE KEY|hunter2/);
  });

  it("keep the App's key out of the cluster if only webhooks need it", async () => {
    const { declared } = await declare(
      smallConfig({
        github: { statuses: false, deployments: false, app: { id: 1, installations: { acme: 2 } } },
        secrets: { githubAppKey: appKey },
      }),
    );
    const inCluster = declared.filter(
      ({ type, name }) => type.endsWith(":Secret") && name.includes("github-app"),
    );
    assert.deepEqual(inCluster, []);
  });
});

function only(declared: readonly Declared[], type: string, name: string): Declared {
  const [found, ...more] = declared.filter((one) => one.type === type && one.name === name);
  assert.ok(found !== undefined && more.length === 0, `one ${type} ${name}`);
  return found;
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.runtime.isRpcSecret(value)) return "(secret)";
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withoutSecrets(child)]));
}

function unwrapped(value: unknown): unknown {
  assert.ok(pulumi.runtime.isRpcSecret(value), "is a secret");
  return pulumi.runtime.unwrapRpcSecret(value);
}

function leaves(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [String(value)];
}

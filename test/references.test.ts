/** Every object that another one references exists, with the referenced keys. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rootCertificates } from "node:tls";
import { parse } from "yaml";
import { readExpected } from "../tools/offline/expected.ts";
import { appKey } from "./support/app-key.ts";
import type { Config } from "./support/declare.ts";
import { declaredFiles, secretsFor, smallConfig, smallProject, stackConfig } from "./support/declare.ts";
import type { Objects } from "./support/references.ts";
import { missingReferences, referencesOf, repeatedNames } from "./support/references.ts";

async function objectsOf(config: Config, stack?: string): Promise<Objects> {
  const files = await declaredFiles(config, stack);
  return new Map([
    ...ofCharts,
    ...[...files].map(([path, text]): [string, object] => [path, parse(text) as object]),
  ]) as Objects;
}

/** The accounts that charts create. */
const ofCharts = [
  ...["argo", "part-workflows"].map((namespace) => `${namespace}/ServiceAccount-argo-workflows-server.yaml`),
  ...["argocd", "part-delivery"].flatMap((namespace) => [
    `${namespace}/ServiceAccount-argocd-application-controller.yaml`,
    `${namespace}/ServiceAccount-argocd-server.yaml`,
  ]),
].map((path): [string, object] => [path, {}]);

const [authority = ""] = rootCertificates;

/** A stack with every option that makes objects reference others. */
function wholeConfig(): Config {
  const cluster = { repository: "shop-cluster", path: "k8s", access: "token" };
  const config: Config = {
    ...smallConfig(),
    cluster: { context: "test", storageClass: "standard", highAvailability: true },
    registry: { namespace: "team", username: "robot" },
    registries: { "ghcr.io": { mirror: "mirror.example" } },
    network: { ca: authority },
    builds: {
      logs: { endpoint: "ceph.example", bucket: "logs", privateCa: true },
      scan: { mode: "warn" },
      gitTags: "v*",
    },
    argocd: { host: "cd.example", ingress: {} },
    workflows: { host: "wf.example" },
    signOn: {
      issuer: "https://id.example",
      clientId: "argo",
      argocd: { admins: ["platform"] },
      workflows: { admins: ["platform"], viewers: ["developers"] },
    },
    projects: {
      shop: {
        ...smallProject(),
        private: true,
        secret: { name: "shop-keys", keys: ["DB_PASSWORD"] },
        repositories: [
          { name: "web", buildArgs: ["API_URL"], secrets: ["NPM_TOKEN"] },
          { name: "api", builder: "buildkit", secrets: ["NPM_TOKEN"] },
          { name: "mono", service: "jobs", paths: ["jobs"] },
        ],
        applications: [
          { ...cluster, name: "shop", writeBack: "git" },
          { ...cluster, name: "next", namespace: "next" },
        ],
      },
    },
  };
  return { ...config, secrets: secretsFor(config) };
}

/** The GitHub App is installed only for an owner without a repository that is built. */
function unusedAppConfig(): Config {
  const infra = {
    ...smallProject(),
    owner: "acme-infra",
    webhook: { url: "https://ci.example/infra" },
    repositories: [],
    applications: [{ name: "infra", repository: "infra-cluster", path: "k8s" }],
  };
  const config: Config = {
    ...smallConfig({ projects: { shop: smallProject(), infra } }),
    github: { app: { id: 1, installations: { "acme-infra": 5 } } },
  };
  return { ...config, secrets: { ...secretsFor(config), githubAppKey: appKey } };
}

describe("references", () => {
  const stacks: [string, () => Config, string | undefined][] = [
    ["develop", () => stackConfig("develop"), "develop"],
    ["publish", () => stackConfig("publish"), "publish"],
    ["a stack with everything", wholeConfig, undefined],
    ["a stack whose App has nothing to report", unusedAppConfig, undefined],
  ];
  for (const [name, config, stack] of stacks) {
    it(`of ${name} resolve to objects of the stack and to their keys`, async () => {
      assert.deepEqual(missingReferences(await objectsOf(config(), stack)), []);
    });
  }

  it("of the stack with every option resolve, and no pod has two things of one name", () => {
    const files = [...readExpected("everything")].filter(
      ([path]) => !/^_(components|providers)\//.test(path),
    );
    const objects = new Map([
      ...ofCharts,
      ...files.map(([path, text]) => [path, parse(text, { logLevel: "silent" }) as object] as const),
    ]) as Objects;
    assert.deepEqual(missingReferences(objects), []);
    assert.deepEqual(
      [...objects].flatMap(([path, object]) => repeatedNames(object).map((one) => `${path}: ${one}`)),
      [],
    );
    const twice = { spec: { volumes: [{ name: "a" }, { name: "a" }], env: [{ name: "b" }, { name: "c" }] } };
    assert.deepEqual(repeatedNames(twice), ["volumes a"]);
  });

  it("are found in every kind that has references", async () => {
    const kinds = new Set(
      [...(await objectsOf(wholeConfig()))].flatMap(([path, object]) =>
        referencesOf(path, object).map(
          ({ to }) => `${path.replace(/.*\/|-.*/g, "")} -> ${to.split("-")[0] ?? ""}`,
        ),
      ),
    );
    assert.deepEqual([...kinds].sort(), [
      "Application -> AppProject",
      "ClusterRoleBinding -> ClusterRole",
      "ClusterRoleBinding -> ServiceAccount",
      "ConfigMap -> Secret",
      "CronWorkflow -> WorkflowTemplate",
      "EventSource -> Secret",
      "EventSource -> ServiceAccount",
      "ImageUpdater -> Application",
      "Ingress -> Service",
      "RoleBinding -> Role",
      "RoleBinding -> ServiceAccount",
      "Secret -> ServiceAccount",
      "Sensor -> EventSource",
      "Sensor -> ServiceAccount",
      "Sensor -> WorkflowTemplate",
      "WorkflowTemplate -> ConfigMap",
      "WorkflowTemplate -> Secret",
      "WorkflowTemplate -> ServiceAccount",
      "argo -> ConfigMap",
      "argo -> Secret",
      "argocd -> ConfigMap",
      "argocd -> Secret",
    ]);
  });

  it("to missing objects are found", async () => {
    const objects = await objectsOf(wholeConfig());
    for (const path of [
      "argo-events/Secret-github-webhook.yaml",
      "argo-events/EventSource-github.yaml",
      "argo-events/Service-github-webhook.yaml",
      "_cluster/ClusterRole-argo-cicd-argo-server.yaml",
      "argo/Role-argo-server.yaml",
      "argo/Secret-sign-on.yaml",
      "argo/ServiceAccount-workflows-viewers.yaml",
      "argocd/AppProject-shop.yaml",
      "argocd/Application-shop.yaml",
      "argocd/ConfigMap-certificate-authorities.yaml",
      "argocd/Role-build-live.yaml",
      "argocd/Secret-argocd-github-webhook.yaml",
      "argocd/Secret-image-updater-webhook.yaml",
      "argocd/Secret-regcred.yaml",
      "ci-buildkit/ConfigMap-buildkitd.yaml",
      "ci-buildkit/ConfigMap-certificate-authorities.yaml",
      "ci-buildkit/Secret-shop-clone.yaml",
      "ci/ConfigMap-build-limits.yaml",
      "ci/ConfigMap-build-logs.yaml",
      "ci/Secret-build-logs.yaml",
      "ci/Secret-regcred.yaml",
      "ci/Secret-shop-build.yaml",
      "ci/ConfigMap-catch-up.yaml",
      "ci/Secret-shop-clone.yaml",
      "ci/ServiceAccount-build-live.yaml",
      "ci/ServiceAccount-catch-up.yaml",
      "ci/WorkflowTemplate-catch-up.yaml",
      "ci/WorkflowTemplate-jobs.yaml",
    ]) {
      const without = new Map([...objects].filter(([one]) => one !== path));
      assert.equal(without.size, objects.size - 1, path);
      assert.notDeepEqual(missingReferences(without), [], path);
    }
    const [path, object] = [...objects].find(([one]) => one === "ci/Secret-shop-build.yaml") ?? ["", {}];
    const changed = new Map([...objects, [path, { ...object, stringData: { API_URL: "x" } }]]);
    assert.deepEqual(missingReferences(changed), [
      "ci/WorkflowTemplate-web.yaml -> ci/Secret-shop-build.yaml key NPM_TOKEN",
    ]);
  });
});

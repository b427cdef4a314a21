import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { declaredFiles, smallConfig } from "../support/declare.ts";

describe("a repository of several services", () => {
  const projects = {
    shop: {
      owner: "acme",
      webhook: { url: "https://ci.example/shop" },
      applications: [{ name: "shop", repository: "shop-cluster", path: "k8s" }],
      private: true,
      repositories: [
        "web",
        { name: "mono", service: "api", paths: ["api"] },
        { name: "Mono", service: "jobs" },
      ],
    },
  };

  it("has one webhook, and a template and a trigger for each of them", async () => {
    const files = await declaredFiles(smallConfig({ projects, builds: { gitTags: "v*" } }));
    const paths = [...files.keys()];
    assert.deepEqual(
      paths.filter((path) => /_github|WorkflowTemplate/.test(path)),
      [
        "_github/mono.yaml",
        "_github/web.yaml",
        "ci/WorkflowTemplate-api.yaml",
        "ci/WorkflowTemplate-catch-up.yaml",
        "ci/WorkflowTemplate-jobs.yaml",
        "ci/WorkflowTemplate-web.yaml",
      ],
    );
    const sensor = parse(files.get("argo-events/Sensor-shop.yaml") ?? "") as {
      spec: { dependencies: { name: string }[] };
    };
    const names = ["build", "service-api", "service-jobs"];
    assert.deepEqual(
      sensor.spec.dependencies.map(({ name }) => name),
      [...names, ...names.map((name) => `git-tag-${name}`)],
    );
    const updater = parse(files.get("argocd/ImageUpdater-shop.yaml") ?? "") as {
      spec: { applicationRefs: { images: { imageName: string }[] }[] };
    };
    assert.deepEqual(
      updater.spec.applicationRefs.map(({ images }) => images.map(({ imageName }) => imageName)),
      [["web", "api", "jobs"].map((name) => `registry.example:5000/team/${name}:main`)],
    );
  });

  it("is cloned with the project's token if it is private", async () => {
    const files = await declaredFiles(smallConfig({ projects }));
    assert.ok(files.has("ci/Secret-shop-clone.yaml"));
    assert.match(files.get("ci/WorkflowTemplate-api.yaml") ?? "", /secretName: shop-clone/);
  });
});

describe("the logs of builds", () => {
  it("go to the stack's object store", async () => {
    const logs = { endpoint: "ceph.example:8080", bucket: "logs" };
    const files = await declaredFiles(smallConfig({ builds: { logs } }));
    assert.match(files.get("ci/ConfigMap-build-logs.yaml") ?? "", /"endpoint": "ceph\.example:8080"/);
    assert.ok(files.has("ci/Secret-build-logs.yaml"));
    assert.match(files.get("ci/WorkflowTemplate-web.yaml") ?? "", /archiveLogs: true/);
  });
});

describe("finished Workflows", () => {
  it("are kept for four days, or one day after a success, unless the stack sets other times", async () => {
    const kept = async (builds: object) => {
      const files = await declaredFiles(smallConfig({ builds }));
      const { spec } = parse(files.get("ci/WorkflowTemplate-web.yaml") ?? "") as {
        spec: { ttlStrategy: { secondsAfterCompletion: number; secondsAfterSuccess: number } };
      };
      return [spec.ttlStrategy.secondsAfterCompletion, spec.ttlStrategy.secondsAfterSuccess];
    };
    assert.deepEqual(await kept({}), [345_600, 86_400]);
    assert.deepEqual(await kept({ keep: "6h" }), [21_600, 21_600]);
    assert.deepEqual(await kept({ keep: "6h", keepSucceeded: "2d" }), [21_600, 172_800]);
  });
});

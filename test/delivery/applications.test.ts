import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { appProject, application, imageUpdater } from "../../components/delivery/applications.ts";
import { cascade } from "../../components/kinds/argocd.ts";
import type { DeliveredApplication } from "../../components/delivery/applications.ts";
import { dockerConfig } from "../../components/cluster/secrets/docker-config.ts";
import { registryHost } from "../../components/names.ts";
import { branch, label, named } from "../support/builders.ts";

const shop: DeliveredApplication = {
  name: label("shop"),
  repositoryUrl: "https://github.com/acme/shop-cluster.git",
  path: "k8s",
  revision: branch("main"),
  namespace: label("default"),
  helm: undefined,
  chart: undefined,
  writeBack: "argocd",
  ignoreDifferences: [],
  syncOptions: [],
  syncWindows: [],
};
const server = "https://kubernetes.default.svc";

describe("the AppProject", () => {
  it("allows the project's repositories and namespaces, each once, and the named cluster-wide kinds", () => {
    const ci = { ...shop, name: label("shop-ci"), path: "ci", namespace: label("argocd") };
    const kinds = [{ group: "", kind: "PersistentVolume" }];
    assert.deepEqual(appProject(label("shop"), [shop, { ...shop, name: label("again") }, ci], kinds), {
      description: "The applications of shop",
      sourceRepos: ["https://github.com/acme/shop-cluster.git"],
      destinations: [
        { server, namespace: "default" },
        { server, namespace: "argocd" },
      ],
      clusterResourceWhitelist: [{ group: "", kind: "PersistentVolume" }],
    });
  });
});

describe("the sync windows of an AppProject", () => {
  it("are those of its applications, each for one application", () => {
    const window = { schedule: "0 22 * * *", timeZone: "UTC", manualSync: false };
    const held = {
      ...shop,
      syncWindows: [
        { ...window, kind: "deny" as const, duration: 28800 },
        { ...window, kind: "allow" as const, duration: 5400, timeZone: "Asia/Seoul", manualSync: true },
      ],
    };
    assert.deepEqual(appProject(label("shop"), [shop, held], []).syncWindows, [
      { ...window, kind: "deny", duration: "8h", applications: ["shop"] },
      {
        ...window,
        kind: "allow",
        duration: "90m",
        timeZone: "Asia/Seoul",
        manualSync: true,
        applications: ["shop"],
      },
    ]);
  });
});

describe("an Application", () => {
  it("has its sync options and ignored differences", () => {
    const nothing = { jsonPointers: [], jqPathExpressions: [], managedFieldsManagers: [] };
    const of = { name: undefined, namespace: undefined };
    const { syncPolicy, ignoreDifferences } = application(label("shop"), {
      ...shop,
      syncOptions: ["ServerSideApply=true", "PruneLast=true"],
      ignoreDifferences: [
        { group: "", kind: "Service", ...of, ...nothing, jsonPointers: ["/spec/ports"] },
        {
          ...{ group: "apps", kind: "Deployment", name: "web", namespace: "shop" },
          ...{ jsonPointers: [], jqPathExpressions: [".spec.replicas"], managedFieldsManagers: ["keda"] },
        },
      ],
    });
    assert.deepEqual(syncPolicy.syncOptions, ["ServerSideApply=true", "PruneLast=true"]);
    assert.deepEqual(ignoreDifferences, [
      { kind: "Service", jsonPointers: ["/spec/ports"] },
      {
        ...{ group: "apps", kind: "Deployment", name: "web", namespace: "shop" },
        ...{ jqPathExpressions: [".spec.replicas"], managedFieldsManagers: ["keda"] },
      },
    ]);
  });

  it("syncs automatically, and leaves the images of its source to the Image Updater", () => {
    assert.deepEqual(application(label("shop"), shop), {
      project: "shop",
      source: {
        repoURL: "https://github.com/acme/shop-cluster.git",
        path: "k8s",
        targetRevision: "main",
      },
      destination: { server, namespace: "default" },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        retry: { limit: 5, backoff: { duration: "5s", factor: 2, maxDuration: "3m" } },
      },
    });
  });
});

describe("the removal of an Application", () => {
  it("keeps the namespace permitted in which Argo CD still deletes objects", () => {
    const { destinations } = appProject(label("shop"), [shop], [], [label("old"), label("default")]);
    assert.deepEqual(
      destinations.map(({ namespace }) => namespace),
      ["default", "old"],
    );
  });

  it("deletes its objects through Argo CD's own finalizer", () => {
    assert.equal(cascade, "resources-finalizer.argocd.argoproj.io");
  });
});

describe("an Application of a chart from a Helm repository", () => {
  const chart = { repository: "https://charts.example.com", name: "web", version: "1.2.3" };
  const helm = { valueFiles: ["values.yaml", "main/values.yaml"], image: "image", tag: "tag" };
  const charted = { ...shop, chart, helm, writeBack: "git" as const };

  it("has two sources, with the values in the cluster repository", () => {
    const made = application(label("shop"), charted);
    assert.deepEqual("sources" in made ? made.sources : [], [
      {
        repoURL: "https://charts.example.com",
        chart: "web",
        targetRevision: "1.2.3",
        helm: { valueFiles: ["$values/k8s/values.yaml", "$values/k8s/main/values.yaml"] },
      },
      { repoURL: "https://github.com/acme/shop-cluster.git", targetRevision: "main", ref: "values" },
    ]);
    assert.ok(!("source" in made));
  });

  it("may have values at the root of the cluster repository", () => {
    const made = application(label("shop"), { ...charted, path: "." });
    assert.deepEqual("sources" in made ? made.sources[0].helm.valueFiles : [], [
      "$values/values.yaml",
      "$values/main/values.yaml",
    ]);
  });

  it("is allowed by its AppProject", () => {
    assert.deepEqual(appProject(label("shop"), [charted], []).sourceRepos, [
      "https://github.com/acme/shop-cluster.git",
      "https://charts.example.com",
    ]);
  });

  it("gets its images by commits to the values file, by its path from the root of the cluster repository", () => {
    const [reference] = imageUpdater([{ ...charted, images: [] }]).applicationRefs;
    assert.deepEqual(reference?.writeBackConfig, {
      method: "git",
      gitConfig: {
        repository: "https://github.com/acme/shop-cluster.git",
        branch: "main",
        writeBackTarget: "helmvalues:/k8s/main/values.yaml",
      },
    });
  });
});

describe("an Application of a chart", () => {
  it("names its values files, and leaves the parameters to the Image Updater", () => {
    const helm = { valueFiles: ["values-main.yaml"], image: "image", tag: "tag" };
    const made = application(label("shop"), { ...shop, helm });
    assert.deepEqual("source" in made ? made.source : undefined, {
      repoURL: "https://github.com/acme/shop-cluster.git",
      path: "k8s",
      targetRevision: "main",
      helm: { valueFiles: ["values-main.yaml"] },
    });
  });
});

describe("the ImageUpdater", () => {
  const image = {
    alias: label("web"),
    image: "team/web",
    tag: "develop",
  };
  const references = (differences: object) =>
    imageUpdater([{ ...shop, images: [image], ...differences }]).applicationRefs[0];

  it("follows the values of a chart, by the name of the service", () => {
    const helm = { valueFiles: [], image: "{service}.image.name", tag: "{service}.image.tag" };
    assert.deepEqual(references({ helm })?.images[0]?.manifestTargets, {
      helm: { name: "web.image.name", tag: "web.image.tag" },
    });
  });

  it("writes to the cluster repository if configured, with Argo CD's own credentials", () => {
    const gitConfig = { branch: "main", writeBackTarget: "kustomization" };
    assert.deepEqual(references({ writeBack: "git" })?.writeBackConfig, { method: "git", gitConfig });
    const files = (...valueFiles: string[]) => ({ valueFiles, image: "image", tag: "tag" });
    const target = (helm: object) =>
      references({ writeBack: "git", helm })?.writeBackConfig?.gitConfig.writeBackTarget;
    assert.equal(target(files("values.yaml", "values-b.yaml", "values-a.yaml")), "helmvalues:values-a.yaml");
    assert.equal(target(files()), "helmvalues:values.yaml");
  });

  it("opens a pull request with the new image if configured", () => {
    assert.deepEqual(references({ writeBack: "pullRequest" })?.writeBackConfig, {
      method: "git",
      gitConfig: { branch: "main", writeBackTarget: "kustomization", pullRequest: { github: {} } },
    });
  });

  it("follows the digest of a tag for an image of the manifests, even if no pod has it, and for any platform", () => {
    assert.deepEqual(imageUpdater([{ ...shop, images: [image] }]), {
      commonUpdateSettings: {
        updateStrategy: "digest",
        forceUpdate: true,
        platforms: ["linux/amd64", "linux/arm64"],
      },
      writeBackConfig: { method: "argocd" },
      applicationRefs: [
        {
          namePattern: "shop",
          images: [
            {
              alias: "web",
              imageName: "team/web:develop",
              manifestTargets: { kustomize: { name: "team/web" } },
            },
          ],
        },
      ],
    });
  });
});

describe("the registry's login", () => {
  it("is keyed by host, and has an e-mail if there is one", () => {
    const login = { host: named(registryHost, "registry:5000"), username: "robot", password: "pass" };
    const auth = "cm9ib3Q6cGFzcw==";
    assert.equal(
      dockerConfig([{ ...login, email: undefined }]),
      `{"auths":{"registry:5000":{"username":"robot","password":"pass","auth":"${auth}"}}}`,
    );
    assert.equal(
      dockerConfig([{ ...login, email: "a@b.c" }]),
      `{"auths":{"registry:5000":{"username":"robot","password":"pass","email":"a@b.c","auth":"${auth}"}}}`,
    );
  });

  it("of Docker Hub has the keys of builders and the kubelet, and of the Image Updater", () => {
    const login = { host: named(registryHost, "docker.io"), username: "robot", password: "pass" };
    const entry = { username: "robot", password: "pass", auth: "cm9ib3Q6cGFzcw==" };
    assert.deepEqual(JSON.parse(dockerConfig([{ ...login, email: undefined }])), {
      auths: { "https://index.docker.io/v1/": entry, "https://registry-1.docker.io": entry },
    });
  });

  it("is listed with those of other registries", () => {
    const login = { username: "robot", password: "pass", email: undefined };
    const hosts = ["registry:5000", "ghcr.io"].map((host) => named(registryHost, host));
    const { auths } = JSON.parse(dockerConfig(hosts.map((host) => ({ ...login, host })))) as {
      auths: object;
    };
    assert.deepEqual(Object.keys(auths), ["registry:5000", "ghcr.io"]);
    assert.equal(dockerConfig([]), '{"auths":{}}');
  });
});

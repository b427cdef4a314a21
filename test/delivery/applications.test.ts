import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { appProject, application, cascade, imageUpdater } from "../../components/delivery/applications.ts";
import { dockerConfig } from "../../components/cluster/docker-config.ts";
import { registryHost } from "../../components/names.ts";
import { branch, label, named } from "../support/builders.ts";

const shop = {
  name: label("shop"),
  repositoryUrl: "https://github.com/acme/shop-cluster.git",
  path: "k8s",
  revision: branch("main"),
  namespace: label("default"),
  helm: undefined,
  writeBack: "argocd",
} as const;
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

describe("an Application", () => {
  it("synchronizes by itself, and leaves the images of its source to the Image Updater", () => {
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
  it("takes its objects with it by Argo CD's own finalizer", () => {
    assert.equal(cascade, "resources-finalizer.argocd.argoproj.io");
  });
});

describe("an Application of a chart", () => {
  it("names its files of values, and leaves the parameters to the Image Updater", () => {
    const helm = { valueFiles: ["values-main.yaml"], image: "image", tag: "tag" };
    assert.deepEqual(application(label("shop"), { ...shop, helm }).source, {
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

  it("writes to the cluster repository where that is wanted, with Argo CD's own credentials", () => {
    const gitConfig = { branch: "main", writeBackTarget: "kustomization" };
    assert.deepEqual(references({ writeBack: "git" })?.writeBackConfig, { method: "git", gitConfig });
    const files = (...valueFiles: string[]) => ({ valueFiles, image: "image", tag: "tag" });
    const target = (helm: object) =>
      references({ writeBack: "git", helm })?.writeBackConfig?.gitConfig.writeBackTarget;
    assert.equal(target(files("values.yaml", "values-b.yaml", "values-a.yaml")), "helmvalues:values-a.yaml");
    assert.equal(target(files()), "helmvalues:values.yaml");
  });

  it("follows the digest behind a tag, for the image that the manifests name", () => {
    assert.deepEqual(imageUpdater([{ ...shop, images: [image] }]), {
      commonUpdateSettings: { updateStrategy: "digest" },
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
  it("is keyed by host, and carries an e-mail where there is one", () => {
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

  it("of Docker Hub is where builders and the kubelet look, and where the Image Updater does", () => {
    const login = { host: named(registryHost, "docker.io"), username: "robot", password: "pass" };
    const entry = { username: "robot", password: "pass", auth: "cm9ib3Q6cGFzcw==" };
    assert.deepEqual(JSON.parse(dockerConfig([{ ...login, email: undefined }])), {
      auths: { "https://index.docker.io/v1/": entry, "https://registry-1.docker.io": entry },
    });
  });

  it("stands beside those of other registries", () => {
    const login = { username: "robot", password: "pass", email: undefined };
    const hosts = ["registry:5000", "ghcr.io"].map((host) => named(registryHost, host));
    const { auths } = JSON.parse(dockerConfig(hosts.map((host) => ({ ...login, host })))) as {
      auths: object;
    };
    assert.deepEqual(Object.keys(auths), ["registry:5000", "ghcr.io"]);
    assert.equal(dockerConfig([]), '{"auths":{}}');
  });
});

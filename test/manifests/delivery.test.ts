import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { appProject, application, imageUpdater } from "../../components/manifests/delivery.ts";
import { dockerConfig } from "../../components/manifests/docker-config.ts";
import { registryHost } from "../../components/names.ts";
import { branch, label, named } from "../support/builders.ts";

const shop = {
  name: label("shop"),
  repositoryUrl: "https://github.com/acme/shop-cluster.git",
  path: "k8s",
  revision: branch("main"),
  namespace: label("default"),
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

describe("the ImageUpdater", () => {
  it("follows the digest behind a tag, for the image that the manifests name", () => {
    const image = { alias: label("web"), image: "team/web", tag: "develop" };
    assert.deepEqual(imageUpdater([{ name: label("shop"), images: [image] }]), {
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
      dockerConfig({ ...login, email: undefined }),
      `{"auths":{"registry:5000":{"username":"robot","password":"pass","auth":"${auth}"}}}`,
    );
    assert.equal(
      dockerConfig({ ...login, email: "a@b.c" }),
      `{"auths":{"registry:5000":{"username":"robot","password":"pass","email":"a@b.c","auth":"${auth}"}}}`,
    );
  });
});

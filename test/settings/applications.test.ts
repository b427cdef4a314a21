import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { joinPath, pathSteps } from "../../components/settings/errors.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig } from "../support/declare.ts";
import { applications as shops, invalidPaths, inShop, project as projectAt } from "../support/rules.ts";

/** The errors of a stack of these applications, one line each: path, rule, fix. */
function errors(applications: Config[], differences: Config = {}, project: Config = {}): string[] {
  const shop = {
    owner: "acme",
    webhook: { url: "https://ci.example/shop" },
    repositories: ["web", "api"],
    applications,
    ...project,
  };
  const config = smallConfig({ projects: { shop }, ...differences });
  return parseConfig(config).errors.map(({ path, rule, fix }) => `${path} | ${rule} | ${fix}`);
}

const app = { name: "shop", repository: "shop-cluster", path: "k8s" };
const helm = { image: "{service}.image.name", tag: "{service}.image.tag" };
const at = "projects.shop.applications[0]";

describe("applications", () => {
  it("with every kind of source and access are valid", () => {
    assert.deepEqual(
      errors([
        { ...app, access: "deployKey", writeBack: "git", url: "https://shop.example" },
        { ...app, access: "deployKey", name: "chart", path: "chart", helm },
        { ...app, name: "plain", repository: "plain-cluster", images: [] },
      ]),
      [],
    );
  });

  it("that follow several images by one value of a chart are an error", () => {
    assert.deepEqual(errors([{ ...app, helm: { ...helm, tag: "image.tag" } }]), [
      `${at}.helm.tag | an application that follows several images needs a value for each | write {service} where their names differ`,
    ]);
    assert.deepEqual(
      errors([{ ...app, images: ["web"], helm: { image: "image.name", tag: "image.tag" } }]),
      [],
    );
  });

  it("show the value of the file in an error, if there is one", () => {
    const shown = (change: Config, differences: Config = {}) => {
      const shop = { owner: "acme", webhook: { url: "https://ci.example/shop" }, repositories: ["web"] };
      const projects = { shop: { ...shop, applications: [{ ...app, ...change }] } };
      return parseConfig(smallConfig({ projects, ...differences })).errors.map(({ value }) => value);
    };
    assert.deepEqual(shown({ writeBack: "git" }), ["git"]);
    assert.deepEqual(shown({ access: "deployKey" }, { github: { url: "https://git.example" } }), [
      "deployKey",
    ]);
    assert.deepEqual(shown({ repository: "web", access: "token", writeBack: "git" }), ["git"]);
  });

  it("that read one repository in two ways are an error", () => {
    assert.deepEqual(
      errors([
        { ...app, access: "token" },
        { ...app, name: "two", path: "two", access: "deployKey" },
        { ...app, name: "three", path: "three", access: "public" },
      ]),
      [1, 2].map(
        (index) =>
          `projects.shop.applications[${index.toString()}].access | cluster repositories of the same name must have the same owner and access; the first is ${at}.access | write the same in both`,
      ),
    );
  });

  it("do not share manifests in a namespace, unless they are a chart's", () => {
    const twice = (first: Config, second: Config) =>
      inShop({ applications: shops({ path: "k8s", ...first }, { path: "./k8s/", ...second }) });
    const second = "projects.shop.applications[1].path";
    assert.deepEqual(twice({}, {}), [second]);
    assert.deepEqual(twice({}, { revision: "main", repository: "Shop-Cluster", images: [] }), [
      "projects.shop.applications[1].repository",
      second,
    ]);
    for (const other of [{ path: "k8s/b" }, { namespace: "b" }, { revision: "b" }, { repository: "b" }])
      assert.deepEqual(twice({}, other), [], JSON.stringify(other));
    const helm = { image: "{service}.image", tag: "{service}.tag" };
    assert.deepEqual(twice({ helm }, { helm }), []);
    const owners = (owner: string) => ({
      a: projectAt("a", { applications: [{ ...app, name: "a" }] }),
      b: projectAt("b", { applications: [{ ...app, name: "b" }], owner }),
    });
    assert.deepEqual(invalidPaths({ projects: owners("acme") }), ["projects.b.applications[0].path"]);
    assert.deepEqual(invalidPaths({ projects: owners("other") }), []);
  });

  it("need a token or key under the name of their repository; others are refused", () => {
    const secrets = { githubToken: "a", statusToken: "b", clusterRepositories: { "shop-clustr": "hunter2" } };
    assert.deepEqual(errors([{ ...app, access: "token" }], { secrets }), [
      "secrets.clusterRepositories.shop-clustr | no application's `access` uses a token or deploy key for this repository | did you mean shop-cluster?",
      "secrets.clusterRepositories.shop-cluster | a secret without a value | pulumi config set --secret --path 'secrets.clusterRepositories.shop-cluster'",
    ]);
  });

  it("of a repository with a dot in its name have a path that can be parsed", () => {
    const path = joinPath("secrets.clusterRepositories", ["shop.cluster"]);
    assert.equal(path, 'secrets.clusterRepositories["shop.cluster"]');
    assert.deepEqual(pathSteps(path), ["secrets", "clusterRepositories", "shop.cluster"]);
  });

  it("with a public key as the secret are an error that does not show it", () => {
    const clusterRepositories = { "shop-cluster": "ssh-ed25519 AAAA" };
    const secrets = { githubToken: "a", statusToken: "b", clusterRepositories };
    assert.deepEqual(errors([{ ...app, access: "deployKey" }], { secrets }), [
      "secrets.clusterRepositories.shop-cluster | a private key or a token; this is the public half, which belongs to GitHub | set the private half, which begins with -----BEGIN",
    ]);
  });

  it("with a deploy key must be on github.com", () => {
    assert.deepEqual(errors([{ ...app, access: "deployKey" }], { github: { url: "https://git.example" } }), [
      `${at}.access | Argo CD has the SSH host key of github.com, but not that of a GitHub Enterprise Server | write token`,
    ]);
  });

  it("that write to git without a key, or to a repository that is built, are errors", () => {
    assert.deepEqual(errors([{ ...app, writeBack: "git" }]), [
      `${at}.writeBack | the Image Updater needs a token or deploy key with write access | add access: token, or write argocd`,
    ]);
    const own = { ...app, repository: "Web", path: "deploy/k8s", access: "token", writeBack: "git" };
    const loop = (name: string) =>
      `${at}.writeBack | ${name} is built too: each commit of the Image Updater would start a build, whose image would cause the next commit | write argocd, or give each entry of ${name} paths outside of deploy/k8s`;
    assert.deepEqual(errors([own]), [loop("web")]);
    for (const paths of [["deploy"], ["deploy/k8s/base"], ["src", "deploy/k8s"]]) {
      assert.deepEqual(errors([own], {}, { repositories: [{ name: "web", paths }] }), [loop("web")]);
    }
    assert.deepEqual(
      errors([own], {}, { repositories: [{ name: "web", paths: ["src", "deploy/k8s2"] }] }),
      [],
    );
  });
});

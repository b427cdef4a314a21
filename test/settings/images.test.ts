/** Names that registries, builders or the cluster would refuse or read differently. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Config } from "../support/declare.ts";
import { secretsFor, smallConfig, smallProject } from "../support/declare.ts";
import { applications, invalidPaths, inShop, project } from "../support/rules.ts";

describe("a combination", () => {
  it("of a registry's keys is checked only for Docker Hub", () => {
    const secrets = secretsFor(smallConfig());
    const namespace = "team";
    assert.deepEqual(invalidPaths({ registry: { host: "registry.example", insecure: true } }), []);
    assert.deepEqual(invalidPaths({ registry: { namespace, username: "robot" }, secrets }), []);
    assert.deepEqual(invalidPaths({ registry: { namespace, username: "robot", insecure: true } }), [
      "registry.insecure",
    ]);
    assert.deepEqual(invalidPaths({ registry: { namespace } }), ["registry.username"]);
  });

  it("of a registry and a namespace must exist on Docker Hub", () => {
    const hub = { username: "robot", namespace: "team" };
    assert.deepEqual(invalidPaths({ registry: { ...hub, namespace: "team/sub" } }), ["registry.namespace"]);
    assert.deepEqual(invalidPaths({ registry: { username: "robot" } }), ["registry.namespace"]);
    assert.deepEqual(inShop({ imageNamespace: "team" }, { registry: { username: "robot" } }), []);
    assert.deepEqual(inShop({ imageNamespace: "a/b" }, { registry: hub }), ["projects.shop.imageNamespace"]);
    const nested = { cache: { repository: "{image}/cache" } };
    assert.deepEqual(invalidPaths({ registry: hub, builds: nested }), ["builds.cache.repository"]);
    assert.deepEqual(
      invalidPaths({ registry: hub, builds: { cache: { ...nested.cache, enabled: false } } }),
      [],
    );
    assert.deepEqual(
      invalidPaths({ registry: { host: "ghcr.io", namespace: "team/sub" }, builds: nested }),
      [],
    );
  });

  it("of a host and an image must be a valid image reference", () => {
    for (const host of ["index.docker.io", "registry-1.docker.io", "hub.docker.com", "registry"])
      assert.deepEqual(invalidPaths({ registry: { host } }), ["registry.host"], host);
    for (const host of ["localhost", "registry:5000", "registry.example"])
      assert.deepEqual(invalidPaths({ registry: { host } }), [], host);
  });

  it("of a repository and its image must be valid in a registry", () => {
    const at = "projects.shop.repositories[0]";
    for (const name of ["-A-Form_Flask_AIModel", "web-", "_web", "a..b", "a___b"]) {
      assert.deepEqual(inShop({ repositories: [name] }), [at], name);
      assert.deepEqual(inShop({ repositories: [{ name, image: "web" }] }), [], name);
    }
    assert.deepEqual(inShop({ repositories: [{ name: "-a", service: "Web.js" }] }), []);
    assert.deepEqual(inShop({ repositories: [{ name: "web", image: "Web" }] }), [`${at}.image`]);
  });

  it("of an image and its tags must belong to one service", () => {
    const at = "projects.shop.repositories";
    const shop = (...repositories: Config[]) => inShop({ repositories });
    assert.deepEqual(shop({ name: "web" }, { name: "api", image: "web" }), [`${at}[1]`]);
    assert.deepEqual(
      shop({ name: "mono", service: "a", image: "x" }, { name: "mono", service: "b", image: "x" }),
      [`${at}[1]`],
    );
    // One image repository for all services, distinguished by tags.
    const named = (name: string) => ({
      name,
      image: "all",
      tags: { commit: `${name}-{branch}-{sha7}`, moving: [`${name}-{branch}`] },
    });
    assert.deepEqual(shop(named("web"), named("api")), []);
    const moving = { commit: "api-{sha7}", moving: ["api", "web-main"] };
    assert.deepEqual(shop(named("web"), { ...named("api"), tags: moving }), [`${at}[1]`]);
    // Git tags and tags of pull requests do not distinguish services.
    const shared = (builds: Config, ...more: Config[]) =>
      inShop({ repositories: [named("web"), { ...named("api"), ...more[0] }] }, { builds });
    assert.deepEqual(shared({ gitTags: "v*" }), [`${at}[1]`]);
    assert.deepEqual(shared({ pullRequests: true }), [`${at}[1]`]);
    assert.deepEqual(shared({}, { pullRequests: true }), []);
    assert.deepEqual(shared({ pullRequests: true }, { pullRequests: false }), []);
    assert.deepEqual(shared({ pullRequests: true, gitTags: "v*" }, { image: "api" }), []);
    const others = (...more: Config[]) =>
      inShop({ otherBranches: ["feature/*"], repositories: [named("web"), { ...named("api"), ...more[0] }] });
    assert.deepEqual(others(), [`${at}[1]`]);
    assert.deepEqual(others({ otherBranches: false }), []);
    const other = project("other", { repositories: [{ name: "api", image: "web" }] });
    const projects = (more: Config) => ({ shop: smallProject(), other: { ...other, ...more } });
    assert.deepEqual(invalidPaths({ projects: projects({}) }), ["projects.other.repositories[0]"]);
    assert.deepEqual(invalidPaths({ projects: projects({ imageNamespace: "elsewhere" }) }), []);
    assert.deepEqual(invalidPaths({ projects: projects({ branch: "next" }) }), []);
  });

  it("of a cache and a registry must not be an official image of Docker", () => {
    const invalid = (repository: string) => invalidPaths({ builds: { cache: { repository } } });
    assert.deepEqual(invalid("cache"), ["builds.cache.repository"]);
    for (const repository of ["{image}-layers", "acme/cache", "registry.example/cache"])
      assert.deepEqual(invalid(repository), [], repository);
  });

  it("of a cache and an image must differ, since a build may set any tag of its cache", () => {
    const at = "projects.shop.repositories";
    const shop = (repositories: readonly (string | Config)[], builds: Config = {}) =>
      inShop({ repositories }, { builds });
    const repository = (name: string) => ({ cache: { repository: name } });
    assert.deepEqual(shop(["web", "web-cache"]), [`${at}[1]`]);
    assert.deepEqual(shop(["web-cache", "web"]), [`${at}[0]`]);
    assert.deepEqual(shop([{ name: "web", cache: false }, "web-cache"]), []);
    assert.deepEqual(shop(["web", "web-cache"], { cache: { enabled: false } }), []);
    assert.deepEqual(shop(["web", "web-cache"], repository("{image}-layers")), []);
    assert.deepEqual(shop(["web", "api"], repository("{image}")), ["builds.cache.repository"]);
    const literal = repository("registry.example:5000/team/api");
    assert.deepEqual(shop(["web", "api"], literal), [`${at}[1]`, "builds.cache.repository"]);
    const hub = { registry: { namespace: "team", username: "team" } };
    const cached = (name: string) => inShop({}, { ...hub, builds: repository(name) });
    assert.deepEqual(cached("docker.io/team/web"), ["builds.cache.repository"]);
    assert.deepEqual(cached("team/web"), ["builds.cache.repository"]);
    assert.deepEqual(cached("docker.io/team/cache"), []);
  });

  it("of a branch and a tag must not be too long for a registry", () => {
    const tags = { commit: `${"x".repeat(60)}-{branch}-{sha7}` };
    const shop = (branch: string) => inShop({ branch, repositories: [{ name: "web", tags }] });
    assert.deepEqual(shop("b".repeat(59)), []);
    assert.deepEqual(shop("b".repeat(60)), ["projects.shop.repositories[0]"]);
  });

  it("of a build argument and the builder's own environment is refused", () => {
    const shop = (...buildArgs: string[]) => inShop({ repositories: [{ name: "web", buildArgs }] });
    assert.deepEqual(shop("REACT_APP_API_URL", "PATHS", "MY_PATH"), []);
    for (const name of ["PATH", "RESULTS", "DOCKER_CONFIG", "LD_PRELOAD", "BUILDKITD_FLAGS"])
      assert.deepEqual(shop("A", name), ["projects.shop.repositories[0].buildArgs[1]"], name);
  });

  it("of an application and a namespace of the cluster's or the stack's own is refused", () => {
    for (const namespace of ["kube-system", "argocd", "argo-events", "ci", "rook-ceph"])
      assert.deepEqual(
        inShop({ applications: applications({ namespace }) }),
        ["projects.shop.applications[0].namespace"],
        namespace,
      );
    assert.deepEqual(inShop({ applications: applications({ namespace: "shop" }, {}) }), []);
  });
});

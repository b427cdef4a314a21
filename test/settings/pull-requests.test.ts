/** What a stack file may not say beside pull requests that are built. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig, smallProject } from "../support/declare.ts";

function errors(repositories: readonly unknown[], more: Config = {}): string[] {
  const projects = { shop: { ...smallProject(), repositories } };
  const { errors: found } = parseConfig(smallConfig({ builds: { pullRequests: true }, projects, ...more }));
  return found.map(({ path, rule, fix }) => `${path} | ${rule} | ${fix}`);
}

const at = "projects.shop.repositories[0]";
const tagFix = "begin the tag with something else, or set pullRequests to false";

describe("the tags of a repository whose pull requests are built", () => {
  const rule = "the tag can be that of a pull request's image, pull-<number>-<commit>";
  it("are none that an image of a pull request can have", () => {
    for (const commit of ["pull-17-{sha7}", "pull-1{sha7}-{sha7}", "{branch}-17-{sha7}"]) {
      const branch = commit.startsWith("{branch}") ? "pull" : "main";
      assert.deepEqual(errors([{ name: "web", tags: { commit } }], { branch }), [
        `${at} | with the branch ${branch} ${rule} | ${tagFix}`,
      ]);
    }
    assert.deepEqual(errors([{ name: "web", tags: { moving: ["pull-1-0123456"] } }]), [
      `${at} | with the branch main ${rule} | ${tagFix}`,
    ]);
  });

  it("may be like it, and anything where no pull requests are built", () => {
    for (const commit of ["pull-{sha7}", "pull-17-{sha7}x", "a-pull-17-{sha7}", "pull-17.{sha7}"])
      assert.deepEqual(errors([{ name: "web", tags: { commit } }]), [], commit);
    assert.deepEqual(errors([{ name: "web", pullRequests: false, tags: { commit: "pull-17-{sha7}" } }]), []);
    assert.deepEqual(errors(["web"], { branch: "pull-requests" }), []);
  });
});

describe("a branch whose pull requests are built", () => {
  it("has no name that the builds of one have as a label", () => {
    assert.deepEqual(errors([{ name: "web", tags: { commit: "{sha7}" } }], { branch: "pull/17" }), [
      `${at} | builds of this branch would be taken for those of the pull request of this number | rename the branch, or set pullRequests to false`,
    ]);
  });
});

describe("a service beside pull requests that are built", () => {
  it("has no name that their commit status has", () => {
    const services = ["mono", { name: "mono", service: "pull-request", pullRequests: false }];
    assert.deepEqual(errors(services), [
      "projects.shop.repositories[1].service | the commit status of the repository's pull requests has this name | rename the service, or set pullRequests of the repository to false",
    ]);
    assert.deepEqual(errors([{ name: "mono", pullRequests: false }, { ...Object(services[1]) }]), []);
  });
});

describe("an image of several architectures", () => {
  it("is none of a pull request", () => {
    const architecture = ["amd64", "arm64"];
    assert.deepEqual(errors([{ name: "web", architecture }]), [
      `${at}.architecture | pull requests are built for one architecture | set pullRequests of the repository to false, or name one architecture`,
    ]);
    assert.deepEqual(errors([{ name: "web", architecture, pullRequests: false }]), []);
    assert.deepEqual(errors([{ name: "web", architecture: ["arm64"] }]), []);
  });
});

/** Settings that conflict with builds of pull requests and other branches. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig, smallProject } from "../support/declare.ts";

function errors(repositories: readonly unknown[], more: Config = {}): string[] {
  return errorsOf({ repositories }, { builds: { pullRequests: true }, ...more });
}

function errorsOf(project: Config, more: Config = {}): string[] {
  const projects = { shop: { ...smallProject(), ...project } };
  const { errors: found } = parseConfig(smallConfig({ projects, ...more }));
  return found.map(({ path, rule, fix }) => `${path} | ${rule} | ${fix}`);
}

const at = "projects.shop.repositories[0]";
const tagFix = "begin the tag with something else, or set pullRequests to false";

describe("the tags of a repository whose pull requests are built", () => {
  const rule = "the tag can equal that of a pull request's image, pull-<number>-<commit>";
  it("must not be ones that an image of a pull request can have", () => {
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

  it("may be similar, and anything if no pull requests are built", () => {
    for (const commit of ["pull-{sha7}", "pull-17-{sha7}x", "a-pull-17-{sha7}", "pull-17.{sha7}"])
      assert.deepEqual(errors([{ name: "web", tags: { commit } }]), [], commit);
    assert.deepEqual(errors([{ name: "web", pullRequests: false, tags: { commit: "pull-17-{sha7}" } }]), []);
    assert.deepEqual(errors(["web"], { branch: "pull-requests" }), []);
  });
});

describe("a branch whose pull requests are built", () => {
  it("must not be named like the label of a pull request's builds", () => {
    assert.deepEqual(errors([{ name: "web", tags: { commit: "{sha7}" } }], { branch: "pull/17" }), [
      `${at} | builds of this branch would be mistaken for those of the pull request of this number | rename the branch, or set pullRequests to false`,
    ]);
  });
});

describe("a service of a repository whose pull requests are built", () => {
  it("must not be named like their commit status", () => {
    const services = ["mono", { name: "mono", service: "pull-request", pullRequests: false }];
    assert.deepEqual(errors(services), [
      "projects.shop.repositories[1].service | the commit status of the repository's pull requests already has this name | rename the service, or set pullRequests of the repository to false",
    ]);
    assert.deepEqual(errors([{ name: "mono", pullRequests: false }, { ...Object(services[1]) }]), []);
  });
});

describe("an image of several architectures", () => {
  it("is not possible for pull requests", () => {
    const architecture = ["amd64", "arm64"];
    assert.deepEqual(errors([{ name: "web", architecture }]), [
      `${at}.architecture | pull requests are built for one architecture | set pullRequests of the repository to false, or name one architecture`,
    ]);
    assert.deepEqual(errors([{ name: "web", architecture, pullRequests: false }]), []);
    assert.deepEqual(errors([{ name: "web", architecture: ["arm64"] }]), []);
  });
});

describe("other branches that are built", () => {
  const otherBranches = ["feature/*"];
  const beside = (repositories: readonly unknown[], more: Config = {}) =>
    errorsOf({ repositories, otherBranches }, more);

  it("need patterns that a branch can match, each once", () => {
    const list = "projects.shop.otherBranches";
    const rule =
      "a branch or, with '*', a pattern of branches, without refs/heads/: at most 56 letters, digits, '.', '_', '-' and '/', where '*' is any run of characters except '/'; '**' is not allowed";
    const fix = "change it to a name like feature/*";
    assert.deepEqual(errorsOf({ otherBranches: ["", "feature/**", "!main", "a*"] }), [
      `${list}[0] | ${rule} | ${fix}`,
      `${list}[1] | ${rule} | ${fix}`,
      `${list}[2] | ${rule} | ${fix}`,
    ]);
    assert.deepEqual(errorsOf({ otherBranches: ["a*", "b", "a*"] }), [
      `${list} | a pattern may occur only once | remove one of the two`,
    ]);
    assert.deepEqual(errorsOf({ otherBranches: [] }), []);
  });

  it("must not include the project's own by name; a pattern that matches it has no effect on it", () => {
    const own = (branch: string | undefined, name: string) =>
      errorsOf({ otherBranches: ["*", "*-1", name], ...(branch === undefined ? {} : { branch }) });
    const error =
      "projects.shop.otherBranches[2] | this is the project's own branch, whose pushes are always built | remove it";
    assert.deepEqual(own("release-1", "release-1"), [error]);
    assert.deepEqual(own(undefined, "main"), [error]);
    assert.deepEqual(own("release-1", "main"), []);
  });

  it("need tags that no other image can have", () => {
    const rule = "the tag can equal that of another branch's image, branch-<name>-<commit>";
    const fix = "begin the tag with something else, or set otherBranches to false";
    const error = (branch: string) => `${at} | with the branch ${branch} ${rule} | ${fix}`;
    for (const commit of ["branch-a-{sha7}", "branch-{sha7}-{sha7}", "branch-a{sha7}-{sha7}"])
      assert.deepEqual(beside([{ name: "web", tags: { commit } }]), [error("main")], commit);
    assert.deepEqual(beside([{ name: "web", tags: { moving: ["branch-x-0123456"] } }]), [error("main")]);
    for (const commit of ["branch-{sha7}", "branch-a-{sha7}x", "a-branch-{sha7}", "branch_a-{sha7}"])
      assert.deepEqual(beside([{ name: "web", tags: { commit } }]), [], commit);
    const commit = "branch-a-{sha7}";
    assert.deepEqual(beside([{ name: "web", otherBranches: false, tags: { commit } }]), []);
    assert.deepEqual(errorsOf({ repositories: [{ name: "web", tags: { commit } }] }), []);
  });

  it("need labels that builds of the project's own branch do not have", () => {
    const tags = { commit: "{sha7}" };
    assert.deepEqual(beside([{ name: "web", tags }], { branch: "branch/a" }), [
      `${at} | builds of this branch would be mistaken for those of another branch, whose label is branch-<name> | rename the branch, or set otherBranches to false`,
    ]);
    assert.deepEqual(beside([{ name: "web", tags }], { branch: "branch" }), []);
  });

  it("need a commit status that no service has", () => {
    const services = ["mono", { name: "mono", service: "branch", otherBranches: false }];
    assert.deepEqual(beside(services), [
      "projects.shop.repositories[1].service | the commit status of the repository's other branches already has this name | rename the service, or set otherBranches of the repository to false",
    ]);
    assert.deepEqual(errorsOf({ repositories: services }), []);
  });

  it("must be built for one architecture", () => {
    const architecture = ["amd64", "arm64"];
    assert.deepEqual(beside([{ name: "web", architecture }]), [
      `${at}.architecture | other branches are built for one architecture | set otherBranches of the repository to false, or name one architecture`,
    ]);
    assert.deepEqual(beside([{ name: "web", architecture, otherBranches: false }]), []);
  });
});

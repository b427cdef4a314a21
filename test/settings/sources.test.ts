/** The sources of an application's manifests, and the access to them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Config } from "../support/declare.ts";
import { secretsFor, smallConfig } from "../support/declare.ts";
import { app, applications, invalidPaths, inShop, project } from "../support/rules.ts";

describe("a source", () => {
  const helm = { image: "image.name", tag: "image.tag" };
  const repositories = ["web", "api"];
  const at = "projects.shop.applications[0]";
  const source = (change: Config) => inShop({ repositories, applications: applications(change) });

  it("of plain manifests, or of a chart without images in its values, may follow none", () => {
    assert.deepEqual(source({ images: [] }), []);
  });

  it("of a chart needs a value for each image, and a single one if it follows one", () => {
    assert.deepEqual(source({ helm }), [`${at}.helm.image`, `${at}.helm.tag`]);
    assert.deepEqual(source({ helm, images: ["web"] }), []);
    assert.deepEqual(source({ helm, images: ["web", "api"] }), [`${at}.helm.image`, `${at}.helm.tag`]);
  });

  it("with the same name at two owners is refused, unless both are public", () => {
    const of = (access: string, owner = "acme") => ({
      a: project("a", { applications: applications({ access, images: [] }) }),
      b: project("b", { owner, applications: [{ ...app, name: "b", access, images: [] }] }),
    });
    const errors = (projects: Config) =>
      invalidPaths({ projects, secrets: secretsFor({ ...smallConfig(), projects }) });
    assert.deepEqual(errors(of("token")), []);
    assert.deepEqual(errors(of("public", "other")), []);
    assert.deepEqual(errors(of("token", "other")), ["projects.b.applications[0].repository"]);
  });

  it("with a deploy key must be on github.com, and with a token may be anywhere", () => {
    const access = (value: string, url: string) =>
      inShop({ applications: applications({ access: value }) }, { github: { url } });
    assert.deepEqual(access("deployKey", "https://github.com/"), []);
    assert.deepEqual(access("token", "https://git.example"), []);
    assert.deepEqual(access("deployKey", "https://git.example"), [`${at}.access`]);
  });

  it("that the Image Updater writes to must not be built itself, for the same owner", () => {
    const own = { repository: "web", access: "token", writeBack: "git", path: "k8s" };
    const built = (repositories: unknown[], path = "k8s") =>
      inShop({ repositories, applications: applications({ ...own, path }) });
    assert.deepEqual(built(["web"]), [`${at}.writeBack`]);
    assert.deepEqual(built(["other"]), []);
    assert.deepEqual(built([{ name: "web", paths: ["src"] }]), []);
    assert.deepEqual(built([{ name: "web", paths: ["k8s/"] }]), [`${at}.writeBack`]);
    assert.deepEqual(built([{ name: "web", paths: ["k8s//"] }], "k8s/shop"), [`${at}.writeBack`]);
    assert.deepEqual(built([{ name: "web", paths: ["k8s"] }], "k8s/shop/"), [`${at}.writeBack`]);
    assert.deepEqual(
      built([
        { name: "web", paths: ["k8s2"] },
        { name: "web", service: "b", paths: ["src"] },
      ]),
      [],
    );
    const elsewhere = {
      a: project("a", { applications: [{ ...app, ...own, name: "a", images: [] }] }),
      b: project("b", { repositories: ["web"] }),
    };
    const secrets = secretsFor({ ...smallConfig(), projects: elsewhere });
    assert.deepEqual(invalidPaths({ projects: elsewhere, secrets }), [
      "projects.a.applications[0].writeBack",
    ]);
    const other = { ...elsewhere, a: { ...elsewhere.a, owner: "other" } };
    assert.deepEqual(invalidPaths({ projects: other, secrets }), []);
  });
});

/** The requests that a builder may make to registries. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Writable } from "../../../components/builds/programs/registry-rules.ts";
import { allowed } from "../../../components/builds/programs/registry-rules.ts";

const own: Writable = {
  host: "docker.io",
  image: "team/web",
  tag: "main-1a2b3c4",
  cache: { host: "ghcr.io", path: "team/web-cache" },
};
const digest = `sha256:${"a".repeat(64)}`;

function may(method: string, path: string, host = "docker.io") {
  const { pathname, searchParams } = new URL(path, "https://registry.example");
  return allowed({ method, host, path: pathname, query: searchParams }, own);
}

describe("a builder", () => {
  it("may read every image", () => {
    const pull = { scopes: ["repository:library/node:pull"], tags: false };
    for (const method of ["GET", "HEAD"]) {
      for (const what of [
        "manifests/24-alpine",
        `manifests/${digest}`,
        `blobs/${digest}`,
        `referrers/${digest}`,
        "tags/list",
      ])
        assert.deepEqual(may(method, `/v2/library/node/${what}`), pull, `${method} ${what}`);
    }
  });

  it("may upload to its own image and its own cache", () => {
    assert.deepEqual(may("POST", "/v2/team/web/blobs/uploads/"), {
      scopes: ["repository:team/web:pull,push"],
      tags: false,
    });
    assert.deepEqual(may("POST", "/v2/team/web-cache/blobs/uploads/", "ghcr.io"), {
      scopes: ["repository:team/web-cache:pull,push"],
      tags: false,
    });
  });

  it("may mount the layers of an image that it can read", () => {
    assert.deepEqual(may("POST", `/v2/team/web/blobs/uploads/?mount=${digest}&from=library/node`), {
      scopes: ["repository:team/web:pull,push", "repository:library/node:pull"],
      tags: false,
    });
  });

  it("may set its commit's tag on its image, and any tag on its cache", () => {
    const scopes = ["repository:team/web:pull,push"];
    assert.deepEqual(may("PUT", "/v2/team/web/manifests/main-1a2b3c4"), { scopes, tags: true });
    assert.deepEqual(may("PUT", `/v2/team/web/manifests/${digest}`), { scopes, tags: false });
    assert.deepEqual(may("PUT", `/v2/team/web-cache/manifests/${"b".repeat(64)}`, "ghcr.io"), {
      scopes: ["repository:team/web-cache:pull,push"],
      tags: false,
    });
  });

  for (const [what, method, path, host] of [
    ["set a tag that deployments follow", "PUT", "/v2/team/web/manifests/main"],
    ["set the tag of another commit", "PUT", "/v2/team/web/manifests/main-0000000"],
    ["write another image", "PUT", "/v2/team/api/manifests/main-1a2b3c4"],
    ["upload to another image", "POST", "/v2/team/api/blobs/uploads/"],
    ["write the cache of another service", "PUT", "/v2/team/api-cache/manifests/x", "ghcr.io"],
    [
      "write an image of this name in another registry",
      "PUT",
      "/v2/team/web/manifests/main-1a2b3c4",
      "ghcr.io",
    ],
    ["write a cache of this name in another registry", "POST", "/v2/team/web-cache/blobs/uploads/"],
    ["remove an image", "DELETE", `/v2/team/web/manifests/${digest}`],
    ["remove a tag", "DELETE", "/v2/team/web/manifests/main"],
    ["remove a layer", "DELETE", `/v2/team/web/blobs/${digest}`],
    ["list all images", "GET", "/v2/_catalog"],
    ["call another API of the registry", "GET", "/api/v2.0/users"],
    ["ask for a login's token", "GET", "/token?scope=repository:team/api:push"],
    ["continue an upload that it has not begun", "PATCH", "/v2/team/web/blobs/uploads/1234"],
    ["leave its image by dots", "PUT", "/v2/team/web/../api/manifests/main-1a2b3c4"],
    ["leave its image by escaped dots", "PUT", "/v2/team/web/%2e%2e/api/manifests/main-1a2b3c4"],
    ["hide a slash", "PUT", "/v2/team%2Fweb/manifests/main-1a2b3c4"],
    ["mount a layer from an invalid image name", "POST", "/v2/team/web/blobs/uploads/?mount=x&from=a%20b"],
    [
      "request a scope besides its own",
      "POST",
      "/v2/team/web/blobs/uploads/?from=a:push%20repository:team/api",
    ],
    ["write in capitals", "put", "/v2/team/web/manifests/main-1a2b3c4"],
  ] as const) {
    it(`may not ${what}`, () => assert.equal(may(method, path, host), undefined));
  }

  it("may write no cache if it has none", () => {
    const path = "/v2/team/web-cache/blobs/uploads/";
    const asked = { method: "POST", host: "ghcr.io", path, query: new URLSearchParams() };
    assert.equal(allowed(asked, { ...own, cache: undefined }), undefined);
  });
});

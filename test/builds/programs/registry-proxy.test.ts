/** The proxy with a build's logins, between a builder and a registry that requires a token for everything. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { freePort } from "../../support/free-port.ts";
import type { HttpServer } from "../../support/http-server.ts";
import { startHttpServer } from "../../support/http-server.ts";
import { login } from "../../support/registry-server.ts";
import type { RegistryProxy } from "../../support/registry-proxy.ts";
import { startRegistryProxy } from "../../support/registry-proxy.ts";
import { outcome, temporaryFolder } from "../../support/script.ts";
import type { UploadRegistry } from "../../support/upload-registry.ts";
import { startUploadRegistry } from "../../support/upload-registry.ts";

const folder = temporaryFolder("registry-proxy");
const results = join(folder, "results");
const firstPort = await freePort();
const address = `http://127.0.0.1:${firstPort.toString()}`;
const secrets = [login.password, Buffer.from(`${login.username}:${login.password}`).toString("base64")];

let store: HttpServer;
let registry: UploadRegistry;
let program: RegistryProxy["program"];
let ended: ReturnType<typeof outcome>;
/** The Authorization headers that the store of layers received. */
const shown: (string | undefined)[] = [];

before(async () => {
  store = await startHttpServer(({ headers }, response) => {
    shown.push(headers.authorization);
    response.end("a layer");
  });
  registry = await startUploadRegistry(store.url);
  const registries = [registry.host, "127.0.0.1:1"] as const;
  ({ program } = await startRegistryProxy({
    folder,
    registries: [...registries],
    insecure: registries,
    login,
    port: firstPort,
  }));
  ended = outcome(program);
});
after(() => {
  program.kill("SIGKILL");
  store.close();
  registry.close();
});
beforeEach(() => {
  registry.asked.length = 0;
  registry.sent.clear();
});

const digest = `sha256:${"a".repeat(64)}`;

describe("the proxy of registries", () => {
  it("identifies itself as a registry, and requires no login", async () => {
    const answer = await fetch(`${address}/v2/`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("www-authenticate"), null);
    assert.deepEqual(registry.asked, []);
  });

  it("reads any image with a token for that image", async () => {
    const answer = await fetch(`${address}/v2/library/node/manifests/24`, {
      headers: { authorization: "Basic x" },
    });
    assert.equal(await answer.text(), '{"of":"/v2/library/node/manifests/24"}');
    assert.equal(registry.asked.at(-1), "GET /v2/library/node/manifests/24 as repository:library/node:pull");
  });

  it("redirects the builder to the store of layers, without a login", async () => {
    const answer = await fetch(`${address}/v2/library/node/blobs/${digest}`);
    assert.equal(await answer.text(), "a layer");
    assert.deepEqual(shown, [undefined]);
  });

  it("forwards an upload to the address that the registry returns", async () => {
    const as = "repository:team/web:pull,push";
    const begun = await fetch(`${address}/v2/team/web/blobs/uploads/`, { method: "POST" });
    assert.deepEqual([begun.status, begun.headers.get("location")], [202, "/uploads/7?state=1"]);
    const layer = randomBytes(3_000_000).toString("base64");
    const part = await fetch(`${address}/uploads/7?state=1`, { method: "PATCH", body: layer });
    assert.deepEqual([part.status, part.headers.get("location")], [202, "/uploads/7?state=2"]);
    const last = await fetch(`${address}/uploads/7?state=2&digest=${digest}`, { method: "PUT" });
    assert.equal(last.status, 201);
    assert.equal(registry.sent.get("/uploads/7"), layer);
    assert.deepEqual(registry.asked, [
      `POST /v2/team/web/blobs/uploads/ as ${as}`,
      `PATCH /uploads/7?state=1 as ${as}`,
      `PUT /uploads/7?state=2&digest=${digest} as ${as}`,
    ]);
  });

  it("tags the image, and writes the digest of exactly what was sent", async () => {
    assert.ok(!existsSync(join(results, "digest")));
    const manifest = '{"layers":[]}';
    const answer = await fetch(`${address}/v2/team/web/manifests/main-1a2b3c4`, {
      method: "PUT",
      body: manifest,
    });
    assert.equal(answer.status, 201);
    assert.equal(registry.sent.get("/v2/team/web/manifests/main-1a2b3c4"), manifest);
    const sum = createHash("sha256").update(manifest).digest("hex");
    assert.equal(readFileSync(join(results, "digest"), "utf8"), `sha256:${sum}`);
  });

  it("keeps the digest when the cache is written", async () => {
    const before = readFileSync(join(results, "digest"), "utf8");
    const answer = await fetch(`${address}/v2/team/web-cache/manifests/key`, { method: "PUT", body: "{}" });
    assert.equal(answer.status, 201);
    assert.equal(readFileSync(join(results, "digest"), "utf8"), before);
  });

  it("refuses everything else like a registry, and logs it", async () => {
    for (const path of ["/v2/team/web/manifests/main", "/v2/team/api/manifests/main-1a2b3c4", "/uploads/8"]) {
      const answer = await fetch(`${address}${path}`, { method: "PUT", body: "{}" });
      assert.equal(answer.status, 403, path);
      const message = `a build may not PUT ${registry.host}${path}`;
      assert.deepEqual(await answer.json(), { errors: [{ code: "DENIED", message }] });
    }
    assert.deepEqual(registry.asked, []);
  });

  it("sends no login to a server that the builder names", async () => {
    for (const target of [
      `${store.url}/v2/team/web/manifests/main-1a2b3c4`,
      `//127.0.0.1/uploads/7`,
      "uploads/7",
    ]) {
      assert.match(
        await raw(`PUT ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`),
        /^HTTP\/1\.1 40[03] /,
      );
    }
    assert.deepEqual(registry.asked, []);
    assert.deepEqual(shown, [undefined]);
  });

  it("refuses a manifest that no registry would accept", async () => {
    const body = " ".repeat(5_000_000);
    const answer = await fetch(`${address}/v2/team/web/manifests/main-1a2b3c4`, { method: "PUT", body });
    assert.equal(answer.status, 502);
    assert.match(await answer.text(), /a manifest is longer than 4194304 bytes/);
  });

  it("reports a registry that does not answer as unavailable, so that clients retry", async () => {
    const other = address.replace(firstPort.toString(), (firstPort + 1).toString());
    const answer = await fetch(`${other}/v2/library/node/manifests/24`);
    assert.equal(answer.status, 502);
    assert.match(await answer.text(), /"code":"UNAVAILABLE","message":"connect ECONNREFUSED 127\.0\.0\.1:1"/);
  });

  it("is reachable only from its own pod", async () => {
    await assert.rejects(fetch(address.replace("127.0.0.1", "127.0.0.2") + "/v2/"));
  });

  it("exits with the pod, and has printed no secret", async () => {
    program.kill("SIGTERM");
    const { status, stdout, stderr } = await ended;
    assert.equal(status, 0);
    assert.equal(stderr, "");
    assert.match(stdout, /^pushed team\/web:main-1a2b3c4, sha256:[0-9a-f]{64}$/m);
    assert.match(stdout, /^refused: PUT 127\.0\.0\.1:\d+\/v2\/team\/web\/manifests\/main$/m);
    for (const secret of secrets) assert.ok(!stdout.includes(secret));
  });
});

/** The answer to a request that no client would send. */
function raw(request: string): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(firstPort, "127.0.0.1", () => socket.write(request));
    socket.on("error", fail);
    socket.on("data", (chunk: Buffer) => {
      done(chunk.toString());
      socket.destroy();
    });
  });
}

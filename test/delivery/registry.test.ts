import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hasImage } from "../../components/delivery/registry.ts";
import type { HttpServer } from "../support/http-server.ts";
import { startHangingServer, startHttpServer } from "../support/http-server.ts";
import { named } from "../support/builders.ts";
import { registryHost } from "../../components/names.ts";

const login = { username: "robot", password: "password" };
const wanted = `Basic ${Buffer.from("robot:password").toString("base64")}`;
const image = { path: "acme/web", tag: "develop-1a2b3c4" };

describe("a registry is asked for an image", () => {
  let open: HttpServer;
  let basic: HttpServer;
  let tokens: HttpServer;
  let hanging: HttpServer;
  before(async () => {
    open = await startHttpServer(({ url, method, headers }, response) => {
      assert.equal(method, "HEAD");
      assert.match(headers.accept ?? "", /oci\.image\.index.*docker\.distribution\.manifest\.v2/);
      const code = { "/v2/acme/web/manifests/develop-1a2b3c4": 200, "/v2/acme/odd/manifests/x": 500 }[
        url ?? ""
      ];
      response.writeHead(code ?? 404).end();
    });
    basic = await startHttpServer(({ headers }, response) => {
      if (headers.authorization === wanted) response.writeHead(200).end();
      else response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' }).end();
    });
    tokens = await startHttpServer(({ url, headers }, response) => {
      const { pathname, searchParams } = new URL(url ?? "", tokens.url);
      if (pathname === "/token") {
        assert.equal(searchParams.get("service"), "registry.example");
        assert.equal(searchParams.get("scope"), "repository:acme/web:pull");
        const known = headers.authorization === wanted;
        response.writeHead(known ? 200 : 401).end(JSON.stringify(known ? { token: "of-the-moment" } : {}));
      } else if (headers.authorization === "Bearer of-the-moment") response.writeHead(200).end();
      else {
        const challenge = `Bearer realm="${tokens.url}/token",service="registry.example",scope="repository:acme/web:pull"`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
      }
    });
    hanging = await startHangingServer();
  });
  after(() => {
    for (const server of [open, basic, tokens, hanging]) server.close();
  });

  const access = ({ url }: HttpServer, given?: typeof login) => ({
    host: named(registryHost, new URL(url).host),
    insecure: true,
    login: given,
  });

  it("that exists or not", async () => {
    assert.equal(await hasImage(image, access(open)), true);
    assert.equal(await hasImage({ ...image, tag: "develop-0000000" }, access(open)), false);
  });

  it("with a login in the way that it requires", async () => {
    assert.equal(await hasImage(image, access(basic, login)), true);
    assert.equal(await hasImage(image, access(tokens, login)), true);
  });

  it("and the reason is returned if it does not answer", async () => {
    const stranger = { username: "robot", password: "wrong" };
    assert.deepEqual(await hasImage(image, access(basic)), { reason: "it responds with status 401" });
    assert.deepEqual(await hasImage(image, access(tokens, stranger)), {
      reason: "it responds with status 401",
    });
    assert.deepEqual(await hasImage({ path: "acme/odd", tag: "x" }, access(open)), {
      reason: "it responds with status 500",
    });
    const gone = await startHangingServer();
    gone.close();
    assert.deepEqual(await hasImage(image, access(gone)), {
      reason: `connect ECONNREFUSED ${new URL(gone.url).host}`,
    });
    assert.deepEqual(await hasImage(image, access(hanging)), {
      reason: "The operation was aborted due to timeout",
    });
  });
});

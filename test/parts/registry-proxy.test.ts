/** The proxy that holds a build's logins, between the real crane and a real registry that requires one. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makeAuthority } from "../support/authority.ts";
import { clusterTool } from "../support/cluster-tools.ts";
import { freePort } from "../support/free-port.ts";
import type { LocalRegistry } from "../support/registry.ts";
import { acceptedLogin as login, startLocalRegistry, writePasswords } from "../support/registry.ts";
import type { RegistryProxy } from "../support/registry-proxy.ts";
import { startRegistryProxy } from "../support/registry-proxy.ts";
import { temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("registry-proxy");
const crane = await clusterTool("crane");
const authority = makeAuthority(join(folder, "authority"));
const results = join(folder, "results");
const port = await freePort();
const proxy = `127.0.0.1:${port.toString()}`;

let registry: LocalRegistry;
let program: RegistryProxy["program"];
before(async () => {
  registry = await startLocalRegistry(join(folder, "registry"), {
    tls: authority.certificate("127.0.0.1"),
    passwords: writePasswords(folder),
  });
  const variables = { NODE_EXTRA_CA_CERTS: authority.file };
  ({ program } = await startRegistryProxy({
    folder,
    registries: [registry.host],
    insecure: [],
    login,
    port,
    variables,
  }));
});
after(() => {
  program.kill("SIGKILL");
  registry.close();
});

/** Runs crane without a login, like a builder. */
function run(...args: string[]) {
  const env = { HOME: "/nowhere", DOCKER_CONFIG: "/nowhere", SSL_CERT_FILE: authority.file };
  const { status, stdout, stderr } = spawnSync(crane, args, { encoding: "utf8", env });
  return { status, stdout: stdout.trim(), stderr };
}

function push(image: string) {
  return run("append", "--new_layer", "/dev/null", "--new_tag", image);
}

describe("a builder without a login", () => {
  it("can do nothing at the registry itself", () => {
    const { status, stderr } = push(`${registry.host}/team/web:main-1a2b3c4`);
    assert.notEqual(status, 0);
    assert.match(stderr, /UNAUTHORIZED/);
  });

  it("pushes its image through the proxy, which returns the digest", () => {
    const { status, stderr } = push(`${proxy}/team/web:main-1a2b3c4`);
    assert.equal(status, 0, stderr);
    const { stdout } = run("digest", `${proxy}/team/web:main-1a2b3c4`);
    assert.match(stdout, /^sha256:[0-9a-f]{64}$/);
    assert.equal(readFileSync(join(results, "digest"), "utf8"), stdout);
  });

  it("writes its cache through the proxy, and reads it", () => {
    assert.equal(push(`${proxy}/team/web-cache:key`).status, 0);
    assert.equal(run("manifest", `${proxy}/team/web-cache:key`).status, 0);
  });

  for (const image of [
    "team/web:main",
    "team/web:main-7654321",
    "team/api:main-1a2b3c4",
    "team/api-cache:key",
  ])
    it(`does not push ${image}`, () => {
      const { status, stderr } = push(`${proxy}/${image}`);
      assert.notEqual(status, 0);
      assert.match(stderr, /DENIED: a build may not (POST|PUT) /);
      assert.match(run("manifest", `${proxy}/${image}`).stderr, /MANIFEST_UNKNOWN|NAME_UNKNOWN/);
    });

  it("can neither move a tag to its image nor delete it", () => {
    assert.match(run("tag", `${proxy}/team/web:main-1a2b3c4`, "main").stderr, /DENIED: a build may not PUT /);
    const { stdout } = run("digest", `${proxy}/team/web:main-1a2b3c4`);
    assert.match(run("delete", `${proxy}/team/web@${stdout}`).stderr, /DENIED: a build may not DELETE /);
    assert.equal(run("digest", `${proxy}/team/web:main-1a2b3c4`).stdout, stdout);
  });
});

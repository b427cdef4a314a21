/** The signing script, with the real cosign and a real registry that requires a login. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { statement } from "../../components/builds/programs/provenance.ts";
import { clusterTool } from "../support/cluster-tools.ts";
import type { LocalRegistry } from "../support/registry.ts";
import {
  acceptedLogin as login,
  pushImage,
  startLocalRegistry,
  writePasswords,
} from "../support/registry.ts";
import { imageShell, runScript, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("attest");
const crane = await clusterTool("crane");
const cosign = await clusterTool("cosign");

const keys = { own: keyPair("own"), other: keyPair("other") };
const statements = join(folder, "statements");

let registry: LocalRegistry;
before(async () => {
  registry = await startLocalRegistry(join(folder, "registry"), { passwords: writePasswords(folder) });
  writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [registry.host]: login } }));
  process.env["DOCKER_CONFIG"] = folder;
  mkdirSync(statements);
  const sbom = { spdxVersion: "SPDX-2.3", SPDXID: "SPDXRef-DOCUMENT", name: 'a "name" {{=1}}', packages: [] };
  writeFileSync(join(statements, "sbom.json"), JSON.stringify(sbom));
});
after(() => registry.close());

function run(...args: string[]) {
  const env = { HOME: "/nowhere", DOCKER_CONFIG: folder, COSIGN_PASSWORD: "a password" };
  const { status, stdout, stderr } = spawnSync(cosign, args, { encoding: "utf8", env, cwd: folder });
  return { status, stdout: stdout.trim(), stderr };
}

/** @returns a folder with a new key pair, as the Secret is mounted */
function keyPair(name: string): string {
  const place = join(folder, name);
  mkdirSync(place);
  assert.equal(run("generate-key-pair", "--output-key-prefix", `${name}/cosign`).status, 0);
  writeFileSync(join(place, "cosign.password"), "a password\n");
  return place;
}

/** The same pair, with the public key of an earlier one. */
function renewed(name: string, pair: string, earlier: string): string {
  const place = join(folder, name);
  mkdirSync(place);
  for (const file of ["cosign.key", "cosign.pub", "cosign.password"])
    copyFileSync(join(pair, file), join(place, file));
  copyFileSync(join(earlier, "cosign.pub"), join(place, "earlier-1.pub"));
  return place;
}

/** Pushes an image that differs from all others, with its provenance. */
function pushed(service: string) {
  const name = `${registry.host}/team/${service}`;
  const digest = pushImage(crane, `${name}:main-1a2b3c4`, { service });
  const time = "2026-11-29T09:00:00Z";
  const provenance = statement({
    NAME: name,
    DIGEST: digest,
    COMMIT: "1a2b3c4d".repeat(5),
    BRANCH: 'main"{{',
    GIT_TAG: "",
    REBUILD: "false",
    REPOSITORY_URL: "https://github.com/acme/web.git",
    PARAMETERS: "{}",
    PLATFORM: "{}",
    BUILDER: "urn:test",
    INVOCATION: "ci/web",
    STARTED: time,
    FINISHED: time,
  });
  writeFileSync(join(statements, "provenance.json"), JSON.stringify(provenance));
  return { name, image: `${name}@${digest}`, digest, provenance };
}

/** As docs/builds.md shows it, at a registry of plain HTTP. */
function verify(type: string, image: string, key = keys.own) {
  const flags = ["--key", join(key, "cosign.pub"), "--insecure-ignore-tlog", "--allow-http-registry"];
  return run("verify-attestation", ...flags, "--type", type, image);
}

/** The predicate or the whole statement that was signed. */
function signedBy(output: string): unknown {
  const { payload } = JSON.parse(output) as { payload: string };
  return JSON.parse(Buffer.from(payload, "base64").toString());
}

// Each signature takes a second, so the image's shell alone is tested, if it is installed.
const shell = imageShell({ cosign });
describe(`attest.sh in ${shell.name}`, () => {
  function attest(IMAGE: string, more: Readonly<Record<string, string>> = {}) {
    return runScript(shell, "attest.sh", {
      ...{ IMAGE, BUILT: "true", INSECURE: "true", STATEMENTS: statements, SIGNING_KEY: keys.own },
      ...{ DOCKER_CONFIG: folder, ...more },
    });
  }

  it("signs an image, its SBOM and its provenance, which others can verify", async () => {
    const { name, image, digest, provenance } = pushed("signed");
    const { status, stdout, stderr } = await attest(image);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `signed ${image}, its SBOM and its provenance\n`);
    assert.equal(verify("https://sigstore.dev/cosign/sign/v1", image).status, 0);
    assert.deepEqual(signedBy(verify("https://slsa.dev/provenance/v1", image).stdout), provenance);
    const sbom = signedBy(verify("https://spdx.dev/Document", image).stdout) as { predicate: unknown };
    assert.deepEqual(sbom.predicate, JSON.parse(readFileSync(join(statements, "sbom.json"), "utf8")));
    assert.match(
      verify("https://slsa.dev/provenance/v1", image, keys.other).stderr,
      /failed to verify signature/,
    );
    const { stdout: tags } = spawnSync(crane, ["ls", name], { encoding: "utf8" });
    assert.deepEqual(tags.trim().split("\n").sort(), ["main-1a2b3c4", digest.replace(":", "-")]);
  });

  it("signs the index of several architectures, with an SBOM of each", async () => {
    const { name } = pushed("several");
    const parts = (["amd64", "arm64"] as const).map((one) =>
      pushImage(crane, `${name}:main-1a2b3c4-${one}`, { one }, { platform: `linux/${one}` }),
    );
    const manifests = parts.map((digest) => `--manifest=${name}@${digest}`);
    spawnSync(crane, ["index", "append", "--tag", `${name}:index`, ...manifests]);
    const digest = spawnSync(crane, ["digest", `${name}:index`], { encoding: "utf8" }).stdout.trim();
    const own = join(folder, "statements-several");
    mkdirSync(own);
    copyFileSync(join(statements, "provenance.json"), join(own, "provenance.json"));
    for (const one of ["amd64", "arm64"])
      writeFileSync(join(own, `sbom-${one}.json`), JSON.stringify({ spdxVersion: "SPDX-2.3", name: one }));
    // The provenance is that of the index, as in a build.
    const text = readFileSync(join(own, "provenance.json"), "utf8");
    writeFileSync(
      join(own, "provenance.json"),
      text.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${digest.slice(7)}"`),
    );
    const image = `${name}@${digest}`;
    const { status, stdout, stderr } = await attest(image, { STATEMENTS: own });
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `signed ${image}, its SBOM and its provenance\n`);
    const sboms = verify("https://spdx.dev/Document", image).stdout.split("\n").map(signedBy);
    const names = sboms.map((one) => (one as { predicate: { name: string } }).predicate.name);
    assert.deepEqual(names.toSorted(), ["amd64", "arm64"]);
    assert.equal((await attest(image, { BUILT: "false" })).status, 0);
    assert.notEqual(verify("https://slsa.dev/provenance/v1", `${name}@${parts[0] ?? ""}`).status, 0);
  });

  it("leaves an existing image unchanged if it is signed with a key that is still accepted", async () => {
    const { image } = pushed("found");
    assert.equal((await attest(image)).status, 0);
    const later = renewed("later", keys.other, keys.own);
    assert.deepEqual(
      (await attest(image, { BUILT: "false", SIGNING_KEY: later })).stdout,
      `${image} was not built: the build that made it has signed it\n`,
    );
    const { status, stderr } = await attest(image, { BUILT: "false", SIGNING_KEY: keys.other });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /no build signed it with a key of builds\.signing: build it again with rebuild=true\n$/,
    );
  });

  it("does not accept an image that lacks one of the three signatures", async () => {
    const { image } = pushed("bare");
    const refusal = /was not built, and no build signed it/;
    assert.match((await attest(image, { BUILT: "false" })).stderr, refusal);
    const key = ["--key", join(keys.own, "cosign.key"), "--use-signing-config=false", "--tlog-upload=false"];
    assert.equal(run("sign", ...key, "--allow-http-registry", image).status, 0);
    assert.match((await attest(image, { BUILT: "false" })).stderr, refusal);
  });

  it("reports a public key of another pair, or a password of another key", async () => {
    const { image } = pushed("mixed");
    const mixed = renewed("mixed", keys.own, keys.own);
    copyFileSync(join(keys.other, "cosign.pub"), join(mixed, "cosign.pub"));
    const { status, stderr } = await attest(image, { SIGNING_KEY: mixed });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /is the first of builds\.signing\.publicKeys the public half of secrets\.signing\.key\?\n$/,
    );
    writeFileSync(join(mixed, "cosign.password"), "another");
    assert.match(
      (await attest(image, { SIGNING_KEY: mixed })).stderr,
      /does the password match the key, and may/,
    );
  });

  it("signs nothing that has no digest", async () => {
    const { status, stderr } = await attest(`${registry.host}/team/web@no digest`);
    assert.equal(stderr, "the build ended without an image digest: build it again\n");
    assert.equal(status, 1);
  });
});

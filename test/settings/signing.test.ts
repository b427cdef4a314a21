/** The settings of signatures. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { declaredFiles, smallConfig, smallProject } from "../support/declare.ts";

const { publicKey, privateKey } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const given = { githubToken: "a", statusToken: "b" };
const key =
  "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nhunter2\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n";
const secrets = { ...given, signing: { key, password: "hunter2" } };

function configOf(signing: Config, own: Config = {}, more: Config = secrets): Config {
  const projects = { shop: { ...smallProject(), repositories: [{ name: "web", ...own }] } };
  return smallConfig({ projects, builds: { signing }, secrets: more });
}

function errors(...config: Parameters<typeof configOf>): string[] {
  return parseConfig(configOf(...config)).errors.map(({ path, rule, fix }) => `${path} | ${rule} | ${fix}`);
}

describe("signatures", () => {
  it("need a key pair, with the private key as a secret", () => {
    assert.deepEqual(errors({ enabled: true }, {}, given), [
      "builds.signing.publicKeys | signatures are checked with the public half of the key that makes them | add the contents of cosign.pub, which `cosign generate-key-pair` writes beside cosign.key",
      "secrets.signing.key | a secret without a value | pulumi config set --secret --path 'secrets.signing.key'",
      "secrets.signing.password | a secret without a value | pulumi config set --secret --path 'secrets.signing.password'",
    ]);
    assert.deepEqual(errors({ enabled: true, publicKeys: [publicKey] }), []);
  });

  it("need no key if no image is signed, and then cannot be verified", () => {
    assert.deepEqual(errors({ enabled: true }, { signing: false }, given), []);
    assert.deepEqual(errors({ admission: "warn" }, {}, given), [
      "builds.signing.admission | there is nothing to verify if no image is signed | set builds.signing.enabled or a repository's signing to true, or remove the key",
    ]);
  });

  it("may be enabled for one repository only", () => {
    assert.deepEqual(errors({ publicKeys: [publicKey], admission: "refuse" }, { signing: true }), []);
    assert.equal(errors({}, { signing: true }, given).length, 3);
  });

  it("are verified where applications run, and nowhere if there are none", async () => {
    const policies = async (applications: Config[]) => {
      const config = configOf({ enabled: true, publicKeys: [publicKey], admission: "refuse" });
      config["projects"] = { shop: { ...smallProject(), applications } };
      return [...(await declaredFiles(config)).keys()].filter((path) =>
        path.includes("ImageValidatingPolicy"),
      );
    };
    assert.deepEqual(await policies(smallProject().applications), [
      "_cluster/ImageValidatingPolicy-argo-cicd-signed-images.yaml",
    ]);
    assert.deepEqual(await policies([]), []);
  });

  it("must not have a private key in plain text, or a public key as a secret", () => {
    const rest = { password: "a" };
    assert.deepEqual(
      [
        ...errors({ enabled: true, publicKeys: [privateKey] }),
        ...errors({ enabled: true, publicKeys: ["ssh-ed25519 AAAA"] }),
        ...errors({ publicKeys: [publicKey] }, {}, { ...given, signing: { ...rest, key: publicKey } }),
        ...errors({ publicKeys: [publicKey] }, {}, { ...given, signing: { ...rest, key: privateKey } }),
      ],
      [
        "builds.signing.publicKeys[0] | the public half of a cosign key pair, not the private one | write the contents of cosign.pub, and replace the key pair: its private half was in plain text",
        "builds.signing.publicKeys[0] | a public key in PEM, as cosign writes it | write the contents of cosign.pub after `|`, every line indented, from -----BEGIN PUBLIC KEY-----",
        ...Array<string>(2).fill(
          "secrets.signing.key | the private half of a cosign key pair, encrypted with its password | set the contents of cosign.key, which `cosign generate-key-pair` writes",
        ),
      ],
    );
  });

  it("have their key only where images are signed", async () => {
    const projects = {
      shop: {
        ...smallProject(),
        repositories: [{ name: "web", builder: "buildkit", signing: true }, { name: "api" }],
      },
    };
    const signing = { publicKeys: [publicKey] };
    const files = await declaredFiles(smallConfig({ projects, builds: { signing }, secrets }));
    const holding = [...files].filter(
      ([, text]) => text.includes("hunter2") || text.includes("image-signing"),
    );
    assert.deepEqual(
      holding.map(([path]) => path),
      ["ci-buildkit/Secret-image-signing.yaml", "ci-buildkit/WorkflowTemplate-web.yaml"],
    );
  });
});

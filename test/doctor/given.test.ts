import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readGiven, withoutGiven } from "../../tools/doctor/given.ts";
import { temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("given");
const path = process.env["PATH"];

/** A stand-in for pulumi that runs a script, and records its arguments. */
function pulumi(name: string, script: string): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(join(bin, "pulumi"), `#!/bin/sh\necho "$@" >${bin}/asked\n${script}\n`, { mode: 0o755 });
  return bin;
}

describe("the secrets that are available to the doctor", () => {
  after(() => (process.env["PATH"] = path));

  const source = { file: join(folder, "Pulumi.test.yaml"), stack: "test" };
  const passphrase = { PULUMI_CONFIG_PASSPHRASE: "" };

  it("come from the environment first, then from the stack file", async () => {
    const owners = { acme: { githubToken: "d", statusToken: "" } };
    const value = JSON.stringify({ githubToken: "a", registryPassword: "b", projects: {}, owners });
    const config = JSON.stringify({ "argo-cicd:secrets": { value, secret: true } });
    process.env["PATH"] = pulumi("answering", `echo '${config.replaceAll("\\", "\\\\")}'`);
    const environment = { ...passphrase, GITHUB_TOKEN: "c" };
    const given = await readGiven({ ...source, environment });
    assert.deepEqual(given, {
      githubToken: "c",
      registryPassword: "b",
      owners: { acme: { githubToken: "d" } },
    });
  });

  it("are not read with pulumi without its passphrase, or if the environment has all", async () => {
    const bin = pulumi("unasked", "exit 1");
    process.env["PATH"] = bin;
    assert.deepEqual(await readGiven({ ...source, environment: { STATUS_TOKEN: "d" } }), {
      statusToken: "d",
    });
    const key = join(folder, "app.pem");
    writeFileSync(key, "the key\n");
    const four = { GITHUB_TOKEN: "a", STATUS_TOKEN: "b", REGISTRY_PASSWORD: "c", MAIL_PASSWORD: "d" };
    const all = { ...four, GITHUB_APP_KEY_FILE: key };
    const given = await readGiven({ ...source, environment: { ...passphrase, ...all } });
    assert.equal(given.githubAppKey, "the key\n");
    const none = { GITHUB_APP_KEY_FILE: join(folder, "none.pem") };
    assert.deepEqual(await readGiven({ ...source, environment: none }), {}, "a file that does not exist");
    assert.ok(!existsSync(join(bin, "asked")));
  });

  it("are empty if pulumi fails or prints something else", async () => {
    for (const [name, script] of [
      ["failing", "echo '{}'; exit 255"],
      ["talking", "echo 'warning: a new version'"],
      ["other", `echo '{"argo-cicd:secrets":{"value":"[]"}}'`],
    ] as const) {
      process.env["PATH"] = pulumi(name, script);
      assert.deepEqual(await readGiven({ ...source, environment: passphrase }), {});
    }
  });

  it("are never shown", () => {
    const finding = {
      level: "bad",
      path: "a",
      message: "401 token ghp_1, Basic dGVhbTpnaHBfMQ== and ghp_1, ghp_2 of an owner, ghs_1_a.b-c of the App",
      fix: "not ghp_1",
    } as const;
    assert.deepEqual(
      withoutGiven([finding], { statusToken: "ghp_1", owners: { acme: { githubToken: "ghp_2" } } }),
      [
        {
          level: "bad",
          path: "a",
          message: "401 token ***, Basic *** and ***, *** of an owner, *** of the App",
          fix: "not ***",
        },
      ],
    );
  });
});

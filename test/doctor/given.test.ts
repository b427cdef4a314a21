import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
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
  return `${bin}:${path ?? ""}`;
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
    assert.deepEqual(await readGiven({ ...source, environment }), {
      given: { githubToken: "c", registryPassword: "b", owners: { acme: { githubToken: "d" } } },
      unread: [],
    });
  });

  it("are not read with pulumi without its passphrase, or if the environment has all", async () => {
    process.env["PATH"] = pulumi("unasked", "exit 1");
    assert.deepEqual(await readGiven({ ...source, environment: { STATUS_TOKEN: "d" } }), {
      given: { statusToken: "d" },
      unread: [],
    });
    const key = join(folder, "app.pem");
    writeFileSync(key, "the key\n");
    const four = { GITHUB_TOKEN: "a", STATUS_TOKEN: "b", REGISTRY_PASSWORD: "c", MAIL_PASSWORD: "d" };
    const all = { ...four, GITHUB_APP_KEY_FILE: key };
    const { given } = await readGiven({ ...source, environment: { ...passphrase, ...all } });
    assert.equal(given.githubAppKey, "the key\n");
    assert.ok(!existsSync(join(folder, "unasked/asked")));
  });

  const unread = (message: string) => ({
    given: {},
    unread: [{ level: "unchecked", path: "secrets", message }],
  });

  it("are reported if their file cannot be read, and no pipe is waited for", async () => {
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const none = join(folder, "none.pem");
    for (const [file, because] of [
      [none, `${none}: No such file or directory`],
      [folder, `${folder}: Is a directory`],
      [fifo, `${fifo}: no answer within 6 s`],
    ] as const) {
      assert.deepEqual(
        await readGiven({ ...source, environment: { GITHUB_APP_KEY_FILE: file } }),
        unread(`the file that GITHUB_APP_KEY_FILE names cannot be read (${because})`),
      );
    }
  });

  it("are reported if pulumi cannot read them", async () => {
    for (const [name, script, because] of [
      [
        "failing",
        "echo '{}'; echo 'error: incorrect passphrase' >&2; echo usage >&2; exit 255",
        "incorrect passphrase",
      ],
      ["silent", "exit 255", "pulumi exited with 255"],
      ["talking", "echo 'warning: a new version'", "pulumi printed no JSON"],
      ["stubborn", "trap '' TERM; sleep 600", "no answer within 6 s"],
    ] as const) {
      process.env["PATH"] = pulumi(name, script);
      assert.deepEqual(
        await readGiven({ ...source, environment: passphrase }),
        unread(`the secrets of the stack file cannot be read (${because})`),
      );
    }
    process.env["PATH"] = pulumi("other", `echo '{"argo-cicd:secrets":{"value":"[]"}}'`);
    assert.deepEqual(await readGiven({ ...source, environment: passphrase }), { given: {}, unread: [] });
  });

  it("are never shown", () => {
    const finding = {
      level: "bad",
      path: "a",
      message:
        "401 token ghp_1, Basic dGVhbTpnaHBfMQ== and ghp_1, ghp_2 of an owner, ghs_1_a.b-c of the App, auth:dGVhbTpnaHBfMQ",
      fix: "not ghp_1",
    } as const;
    assert.deepEqual(
      withoutGiven([finding], { statusToken: "ghp_1", owners: { acme: { githubToken: "ghp_2" } } }),
      [
        {
          level: "bad",
          path: "a",
          message: "401 token ***, Basic *** and ***, *** of an owner, *** of the App, auth:***",
          fix: "not ***",
        },
      ],
    );
  });
});

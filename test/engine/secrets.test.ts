/** `npm run secrets` with the real pulumi command. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { checkout } from "../support/checkout.ts";
import { pulumiTool } from "../support/pulumi-tool.ts";
import { outcome, temporaryFolder } from "../support/script.ts";

const pulumi = await pulumiTool();

describe("npm run secrets -- import", () => {
  const folder = temporaryFolder("secrets");
  const work = checkout(join(folder, "work"));
  const stackFile = join(work, "Pulumi.publish.yaml");
  const env = {
    PATH: `${dirname(pulumi)}:/usr/bin:/bin`,
    HOME: folder,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const passphrase = { PULUMI_CONFIG_PASSPHRASE: "the passphrase of a test" };
  const command = (...args: string[]) =>
    execFileSync(pulumi, args, { cwd: work, env: { ...env, ...passphrase }, encoding: "utf8" });
  const run = (variables: Readonly<Record<string, string>>) =>
    outcome(
      spawn(process.execPath, ["tools/secrets.ts", "import", "publish", "alog", "alog.env"], {
        cwd: work,
        env: { ...env, ...variables },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  const values = {
    DB_USERNAME: "root",
    DB_PASSWORD: "two words\n",
    JWT_SECRET: "c2VjcmV0a2V5MTIzNA==",
    SPRING_MAIL_PORT: "587",
    SPRING_MAIL_USERNAME: "true",
    SPRING_MAIL_PASSWORD: "-dash 'n' \"quote\" $x",
    GITHUB_CLIENT_SECRET: "-----BEGIN\n# x\n-----END",
  };
  const quoted = Object.entries(values).map(([key, value]) => `${key}=\`${value}\`\n`);
  writeFileSync(join(work, "alog.env"), quoted.join(""));

  it("prints pulumi's error if there is no stack, no passphrase or a wrong one, and sets nothing", async () => {
    const before = readFileSync(stackFile, "utf8");
    const none = await run(passphrase);
    assert.equal(
      none.stderr,
      "pulumi exited with 6, so nothing was set.\n  error: no stack named 'publish' found\n",
    );
    assert.equal(readFileSync(stackFile, "utf8"), before);
    command("stack", "init", "publish");
    const salted = readFileSync(stackFile, "utf8");
    assert.match(
      (await run({})).stderr,
      /\n {2}error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or /,
    );
    assert.match(
      (await run({ PULUMI_CONFIG_PASSPHRASE: "x" })).stderr,
      /\n {2}error: incorrect passphrase\n$/,
    );
    assert.equal(readFileSync(stackFile, "utf8"), salted);
  });

  it("encrypts each value of the file unchanged, and keeps the rest of the stack file", async () => {
    const before = readFileSync(stackFile, "utf8");
    const { status, stdout, stderr } = await run(passphrase);
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^7 values were set for the project alog of the stack publish\.\n/);
    assert.deepEqual(JSON.parse(command("config", "get", "secrets", "--stack", "publish")), {
      projects: { alog: values },
    });
    const after = readFileSync(stackFile, "utf8");
    const kept = after.replace(/ {2}argo-cicd:secrets:\n( {4}.*\n)*/, "");
    assert.equal(kept, before);
    for (const value of Object.values(values)) {
      assert.ok(!stdout.includes(value), value);
      if (value.length > 6) assert.ok(!after.includes(value), value);
    }
  });
});

/** Runs the documentation's commands that need the pulumi command and no cluster, as they are written. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { checkout } from "../support/checkout.ts";
import type { Config } from "../support/declare.ts";
import { block } from "../support/documented.ts";
import { pulumiTool } from "../support/pulumi-tool.ts";
import { temporaryFolder } from "../support/script.ts";

const pulumi = await pulumiTool();

describe("the documentation", () => {
  const folder = temporaryFolder("docs");
  const work = checkout(join(folder, "work"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const run = (commands: string, home = folder, input = "") =>
    execFileSync("sh", ["-euc", commands], {
      cwd: work,
      encoding: "utf8",
      input,
      env: {
        PATH: `${bin}:${dirname(pulumi)}:/usr/bin:/bin`,
        HOME: home,
        PULUMI_HOME: join(home, "pulumi"),
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_CONFIG_PASSPHRASE: "the passphrase of a test",
      },
    });
  const stackFile = () => readFileSync(join(work, "Pulumi.develop.yaml"), "utf8");
  const config = () => (parse(stackFile()) as { config: Record<string, Config> }).config;
  const secrets = () => JSON.parse(run("pulumi config get secrets --stack develop")) as Config;

  /** @returns the lines of a block that match */
  const lines = (code: string, pattern: RegExp) =>
    code
      .split("\n")
      .filter((line) => pattern.test(line))
      .join("\n");
  const first = block("README.md", "pulumi stack init develop");

  it("creates the state's folder, logs in, creates the stack and sets a secret", () => {
    run(lines(first, /^(mkdir|pulumi (login|stack init|config))/), folder, "the token");
    assert.deepEqual(secrets(), { githubToken: "the token" });
  });

  it("sets the password of a registry whose name has a dot", () => {
    const commands = block("docs/registries.md", "secrets.registries");
    run(lines(commands, /^pulumi config/), folder, "the password");
    assert.deepEqual(secrets()["registries"], { "docker.io": "the password" });
  });

  it("sets the cluster's identity", () => {
    writeFileSync(join(bin, "kubectl"), '#!/bin/sh\ntest "$2" = develop && printf 1a2b-3c4d\n', {
      mode: 0o755,
    });
    run(block("docs/operations.md", "cluster.uid"));
    assert.equal(config()["argo-cicd:cluster"]?.["uid"], "1a2b-3c4d");
  });

  it("turns adoption on and off again", () => {
    const before = stackFile();
    const adoption = block("docs/operations.md", "adoptExisting");
    run(lines(adoption, /config set/));
    assert.equal(config()["argo-cicd:cluster"]?.["adoptExisting"], true);
    run(lines(adoption, /config rm/));
    assert.equal(stackFile(), before);
  });

  it("creates a deploy key and sets it with all its lines", () => {
    run(block("docs/operations.md", "ssh-keygen"));
    const key = readFileSync(join(work, "key"), "utf8");
    assert.deepEqual(secrets()["clusterRepositories"], { "alog-cluster": key.trimEnd() });
  });

  it("exports the state, and restores it into an empty backend", () => {
    run(block("docs/operations.md", "pulumi stack export"));
    const before = stackFile();
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    run(lines(first, /^(mkdir|pulumi login)/), elsewhere);
    run(lines(block("docs/operations.md", "pulumi stack import"), /pulumi stack/), elsewhere);
    assert.equal(stackFile(), before);
    const exported = readFileSync(join(work, "develop.json"), "utf8");
    run("pulumi stack export --stack develop --file again.json", elsewhere);
    const deployment = (text: string) =>
      (JSON.parse(text) as { deployment: Config }).deployment["secrets_providers"];
    assert.deepEqual(deployment(readFileSync(join(work, "again.json"), "utf8")), deployment(exported));
  });
});

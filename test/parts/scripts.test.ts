import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { describe, it } from "node:test";
import { existing } from "../support/cluster-environment.ts";
import { root } from "../support/declare.ts";

describe("the scripts", () => {
  const scripts = globSync("{components/builds/programs,test/support,.devcontainer}/*.sh", { cwd: root });
  assert.ok(scripts.length >= 2);
  const isThere = spawnSync("shellcheck", ["--version"]).error === undefined;
  // With an existing cluster, nothing has to be installed.
  const skip = existing !== undefined && !isThere ? "shellcheck is not installed" : false;
  for (const script of scripts) {
    it(`${script} passes shellcheck`, { skip }, () => {
      const { error, status, stdout } = spawnSync("shellcheck", ["--external-sources", script], {
        cwd: root,
        encoding: "utf8",
      });
      assert.equal(error, undefined, "shellcheck is missing: apt-get install shellcheck");
      assert.equal(status, 0, stdout);
    });
  }
});

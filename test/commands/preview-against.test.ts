/** `npm run preview -- --against <commit>`, in a repository of its own. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { argoCd } from "../../components/charts/argo-cd.ts";
import { checkout } from "../support/checkout.ts";
import { root } from "../support/declare.ts";
import { documentedEdits, edited } from "../support/documented-edits.ts";
import { nodeArguments } from "../support/package-script.ts";
import { handedOn, outcome, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("against");
const work = checkout(join(folder, "work"));
const temporary = join(folder, "tmp");
const stackFile = join(work, "Pulumi.develop.yaml");
const committed = readFileSync(stackFile, "utf8");

function git(...args: string[]): string {
  const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  return execFileSync("git", [...identity, ...args], { cwd: work, encoding: "utf8" }).trim();
}

function commit(message: string): void {
  git("add", "--all");
  git("commit", "--quiet", "--message", message);
}

const command = nodeArguments("preview", work);

function preview(...args: string[]) {
  const own = { PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`, TMPDIR: temporary };
  const env = { ...handedOn, ...own };
  return outcome(
    spawn(process.execPath, [...command, ...args], { cwd: work, env, stdio: ["ignore", "pipe", "pipe"] }),
  );
}

const edit = (file: string, from: string, to: string) => {
  const text = readFileSync(file, "utf8");
  assert.ok(text.includes(from), from);
  writeFileSync(file, text.replace(from, to));
};

/** From docs/edits.md, which names no versions, so that raising one does not change the page. */
const ofVersions = (text: string) =>
  text.replaceAll("<installed>", argoCd.version).replaceAll("<newer>", "99.9.9");

describe("npm run preview -- --against <commit>", () => {
  before(() => {
    mkdirSync(temporary);
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(work, ".gitignore"), "node_modules\n");
    git("init", "--quiet", "--initial-branch", "main");
    commit("first");
    git("tag", "first");
  });

  it("reports that nothing differs, and leaves the working tree unchanged and no file behind", async () => {
    assert.deepEqual(await preview("develop", "--against", "HEAD", "--expect-no-changes"), {
      status: 0,
      stdout: "Nothing differs.\n",
      stderr: "",
    });
    assert.deepEqual([git("status", "--short"), git("stash", "list"), readdirSync(temporary)], ["", "", []]);
  });

  it("shows what an edit of the stack file changes, before it is committed", async () => {
    edit(stackFile, "        - alog-service-file\n", "");
    const { status, stdout } = await preview("develop", "--against", "HEAD", "--expect-no-changes");
    assert.equal(status, 2);
    assert.match(stdout, /^removed: ci\/WorkflowTemplate-alog-service-file\.yaml$/m);
    assert.match(stdout, /\n7 files differ\.\n$/);
    assert.equal(git("status", "--short"), "M Pulumi.develop.yaml");
    writeFileSync(stackFile, committed);
  });

  it("shows what an edit of the program changes: the commit's own program reads its file", async () => {
    const chart = join(work, "components/charts/argo-cd.ts");
    const before = readFileSync(chart, "utf8");
    const raised = documentedEdits().find(({ title }) => title === "Raise a chart");
    assert.ok(raised);
    writeFileSync(chart, edited(before, ofVersions(raised.diff)));
    const { status, stdout } = await preview("develop", "--against", "main");
    assert.equal(status, 0);
    const [[head, [lines = ""]] = ["", []]] = raised.shown;
    assert.ok(stdout.startsWith(`${head}\n`) && stdout.includes(`\n${ofVersions(lines)}\n`), stdout);
    assert.match(stdout, /\n1 file differs\.\n$/);
    writeFileSync(chart, before);
  });

  it("reads the file that --config names, and installs dependencies that differ", async () => {
    writeFileSync(
      join(folder, "bin/npm"),
      `#!/bin/sh\necho "$@" >${folder}/asked\nln -s ${root}/node_modules .\n`,
      {
        mode: 0o755,
      },
    );
    edit(join(work, "package-lock.json"), '"lockfileVersion": 3', '"lockfileVersion": 3 ');
    const { stdout, stderr } = await preview("--config", "Pulumi.publish.yaml", "--against", "first");
    assert.equal(stdout, "Nothing differs.\n");
    assert.equal(stderr, "Installing the dependencies of first, which differ.\n");
    assert.equal(readFileSync(join(folder, "asked"), "utf8"), "ci --prefer-offline --ignore-scripts\n");
    git("checkout", "--quiet", "package-lock.json");
  });

  it("reports in one line what cannot be compared", async () => {
    const asked = async (...args: string[]) => {
      const { status, stdout, stderr } = await preview(...args);
      assert.deepEqual([status, stdout, readdirSync(temporary)], [1, "", []]);
      assert.doesNotMatch(stderr, /^ +at /m);
      return stderr;
    };
    assert.equal(
      await asked("develop", "--against", "nowhere"),
      "nowhere is neither a folder that --out has written nor a commit of this repository.\n",
    );
    assert.equal(
      await asked("develop", "--against=--help"),
      "--help is neither a folder that --out has written nor a commit of this repository.\n",
    );
    assert.match(await asked("develop", "--against", "tools"), /^tools contains no preview\. /);
    assert.match(await asked("develop", "--expect-no-changes"), /^--expect-no-changes needs --against\./);
    cpSync(stackFile, join(work, "Pulumi.staging.yaml"));
    assert.equal(await asked("staging", "--against", "HEAD"), "HEAD has no Pulumi.staging.yaml.\n");
    cpSync(stackFile, join(folder, "Pulumi.elsewhere.yaml"));
    assert.match(
      await asked("--config", join(folder, "Pulumi.elsewhere.yaml"), "--against", "HEAD"),
      /elsewhere\.yaml is not in this repository, so no commit has it\. /,
    );
  });

  it("compares a link by its own path, and needs no line ends of this machine", async () => {
    git("mv", "Pulumi.publish.yaml", "one.yaml");
    symlinkSync("one.yaml", join(work, "Pulumi.publish.yaml"));
    writeFileSync(join(work, "two.yaml"), readFileSync(join(work, "one.yaml"), "utf8"));
    edit(join(work, "two.yaml"), "        - alog-service-file\n", "");
    commit("a link");
    git("config", "core.autocrlf", "true");
    rmSync(join(work, "Pulumi.publish.yaml"));
    symlinkSync("two.yaml", join(work, "Pulumi.publish.yaml"));
    const { stdout, stderr } = await preview("publish", "--against", "HEAD");
    assert.equal(stderr, "");
    assert.match(stdout, /^removed: ci\/WorkflowTemplate-alog-service-file\.yaml$/m);
    assert.match(stdout, /\n7 files differ\.\n$/);
    rmSync(join(work, "Pulumi.publish.yaml"));
    symlinkSync(join(work, "one.yaml"), join(work, "Pulumi.publish.yaml"));
    git("config", "core.autocrlf", "false");
    commit("a link to another folder");
    const outside = await preview("publish", "--against", "HEAD");
    assert.equal(
      outside.stderr,
      "Pulumi.publish.yaml of HEAD is a link to a file outside the commit, so its content then is unknown.\n",
    );
    git("reset", "--quiet", "--hard", "first");
  });

  it("says that a shallow clone has few commits", async () => {
    git("commit", "--quiet", "--allow-empty", "--message", "second");
    const clone = join(folder, "clone");
    execFileSync("git", ["clone", "--quiet", "--depth=1", `file://${work}`, clone]);
    symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
    const { stderr } = await outcome(
      spawn(process.execPath, ["tools/preview.ts", "develop", "--against", "first"], {
        cwd: clone,
        env: { PATH: process.env["PATH"] },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    assert.match(
      stderr,
      /a commit of this repository\.\nThis clone is shallow\. Fetch the other commits with git/,
    );
  });

  it("reports that git or a usable TMPDIR is missing", async () => {
    const run = async (env: Readonly<Record<string, string>>) => {
      const args = ["tools/preview.ts", "develop", "--against", "HEAD"];
      const stdio = ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"];
      const { status, stderr } = await outcome(spawn(process.execPath, args, { cwd: work, env, stdio }));
      assert.equal(status, 1);
      return stderr;
    };
    assert.equal(
      await run({ PATH: "/nowhere" }),
      "git cannot be started: it is not installed, or not in PATH.\n",
    );
    assert.match(
      await run({ PATH: process.env["PATH"] ?? "", TMPDIR: "/nowhere" }),
      /^No temporary folder can be created in \/nowhere: no such file or directory\. Set TMPDIR [^\n]*\n$/,
    );
  });

  it("reports the errors of a committed file, and keeps the edit that fixes them", async () => {
    edit(stackFile, "storageClass: ceph-block", "storageclas: ceph-block");
    commit("a mistake");
    writeFileSync(stackFile, committed);
    const { status, stdout, stderr } = await preview("develop", "--against", "HEAD");
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^HEAD cannot be previewed: Pulumi\.develop\.yaml has 2 errors; /);
    assert.equal(readFileSync(stackFile, "utf8"), committed);
  });

  it("reports a missing repository with git's message", async () => {
    const outside = checkout(join(folder, "outside"));
    const { status, stderr } = await outcome(
      spawn(process.execPath, ["tools/preview.ts", "develop", "--against", "HEAD"], {
        cwd: outside,
        env: { PATH: process.env["PATH"], GIT_CEILING_DIRECTORIES: folder },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    assert.equal(status, 1);
    assert.match(stderr, /^HEAD is neither .* this repository\.\nfatal: not a git repository/);
  });
});

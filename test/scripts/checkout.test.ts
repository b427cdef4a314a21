import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { root } from "../support/declare.ts";

const folder = mkdtempSync(join(tmpdir(), "checkout-"));
after(() => rmSync(folder, { recursive: true }));

const work = join(folder, "work");
const served = join(folder, "served.git");

const identity = [
  "-c",
  "user.name=test",
  "-c",
  "user.email=test@example.com",
  "-c",
  "init.defaultBranch=main",
];

function git(...args: string[]): string {
  return execFileSync("git", [...identity, "-C", work, ...args], { encoding: "utf8" }).trim();
}

function commit(text: string): string {
  writeFileSync(join(work, "file"), text);
  git("add", "file");
  git("commit", "--quiet", "--message", text);
  return git("rev-parse", "HEAD");
}

/** As GitHub does, the server gives out every commit that it still has. */
function serve(): void {
  mkdirSync(work);
  // The server's side trusts its own repository, which says nothing of the workspace.
  writeFileSync(join(folder, ".gitconfig"), `[safe]\n\tdirectory = ${served}\n`);
  git("init", "--quiet");
  execFileSync("git", ["init", "--quiet", "--bare", served]);
  execFileSync("git", ["-C", served, "config", "uploadpack.allowAnySHA1InWant", "true"]);
  git("remote", "add", "origin", served);
}

let runs = 0;

function checkout(sha: string) {
  runs += 1;
  const workspace = join(folder, `workspace-${runs.toString()}`);
  mkdirSync(workspace);
  const { status, stderr, stdout } = spawnSync("sh", [join(root, "components/scripts/checkout.sh")], {
    cwd: workspace,
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      REPOSITORY_URL: `file://${served}`,
      // As in a pod, where the workspace belongs to root and git runs as another user.
      GIT_TEST_ASSUME_DIFFERENT_OWNER: "1",
      COMMIT: sha,
    },
  });
  const file = join(workspace, "file");
  return { status, output: stdout + stderr, file: existsSync(file) ? readFileSync(file, "utf8") : undefined };
}

describe("checkout.sh", () => {
  serve();
  const first = commit("first");
  const second = commit("second");
  git("push", "--quiet", "origin", "HEAD:main");

  it("checks out the tip of a branch", () => {
    assert.deepEqual(checkout(second), {
      status: 0,
      output: `checked out ${second} of file://${served}\n`,
      file: "second",
    });
  });

  it("checks out the pushed commit when the branch has moved on", () => {
    assert.equal(checkout(first).file, "first");
  });

  it("checks out a commit whose branch is gone", () => {
    git("push", "--quiet", "origin", "HEAD:gone");
    git("push", "--quiet", "origin", "--delete", "gone");
    assert.equal(checkout(second).file, "second");
  });

  it("ends with a clear word when there is no such commit", () => {
    const { status, output, file } = checkout("0123456789012345678901234567890123456789");
    assert.equal(status, 1);
    assert.match(
      output,
      /cannot fetch 0123456789012345678901234567890123456789 from file:.*: was it removed by a forced push\?/,
    );
    assert.equal(file, undefined);
  });

  it("fetches that commit alone, without history", () => {
    const { file } = checkout(second);
    assert.equal(file, "second");
    const depth = execFileSync("git", [
      "-C",
      join(folder, `workspace-${runs.toString()}`),
      "rev-list",
      "--count",
      "HEAD",
    ]);
    assert.equal(depth.toString().trim(), "1");
  });
});

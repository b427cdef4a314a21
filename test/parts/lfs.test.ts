/** Git LFS with the real git-lfs: the checkout's settings, and which servers get the token. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { GitServer } from "../support/cluster-git.ts";
import { basic, startGitServer } from "../support/cluster-git.ts";
import { imageShell, runScript, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("lfs");
const token = "github_pat_secret";
const TOKEN_FILE = join(folder, "token");
writeFileSync(TOKEN_FILE, token);
const attributes = "*.bin filter=lfs diff=lfs merge=lfs -text\n";

let server: GitServer;
before(async () => {
  server = await startGitServer(join(folder, "server"), "127.0.0.1", { token });
});
after(() => server.close());

// From Debian; git calls it.
const shell = imageShell({ "git-lfs": "/usr/bin/git-lfs" });
let runs = 0;

async function checkout(repository: string, commit: string, given: Readonly<Record<string, string>>) {
  runs += 1;
  const workspace = join(folder, `workspace-${runs.toString()}`);
  const RESULTS = join(folder, `results-${runs.toString()}`);
  mkdirSync(workspace);
  mkdirSync(RESULTS);
  writeFileSync(join(RESULTS, "commit"), commit);
  const REPOSITORY_URL = `${server.url}/${repository}.git`;
  // As in the image, whose user has no filters configured.
  const env = { HOME: workspace, GIT_CONFIG_NOSYSTEM: "1", REPOSITORY_URL, RESULTS, TOKEN_FILE, ...given };
  const { status, stdout, stderr } = await runScript(shell, "checkout.sh", env, workspace);
  return {
    output: stdout + stderr,
    status,
    read: (path: string) => readFileSync(join(workspace, path), "utf8"),
  };
}

describe("checkout.sh with Git LFS", () => {
  it("fetches the files of the context with the token, and no others", async () => {
    const [web, other] = [server.keep("a picture"), server.keep("another")];
    const files = { ".gitattributes": attributes, "web/a b.bin": web, "other/a.bin": other };
    const commit = server.commit("a/service", "main", files);
    const { status, output, read } = await checkout("a/service", commit, { LFS: "true", CONTEXT: "web" });
    assert.equal(output, `checked out ${commit} of ${server.url}/a/service.git\n`);
    assert.deepEqual([status, read("web/a b.bin"), read("other/a.bin")], [0, "a picture", other]);
    assert.deepEqual([...server.authorizations], [basic(token)]);
    const all = await checkout("a/service", commit, { LFS: "true" });
    assert.deepEqual([all.read("web/a b.bin"), all.read("other/a.bin")], ["a picture", "another"]);
  });

  it("reports that the server no longer has a file", async () => {
    const gone = server.keep("never there").replace(/sha256:..../, "sha256:0000");
    const commit = server.commit("a/gone", "main", { ".gitattributes": attributes, "a.bin": gone });
    const { status, output } = await checkout("a/gone", commit, { LFS: "true" });
    assert.equal(status, 1);
    assert.match(output, /\ncannot fetch the Git LFS files of [0-9a-f]{40}: /);
    assert.doesNotMatch(output, /github_pat/);
  });

  it("sends the token to no other server that the repository names", async () => {
    const other = await startGitServer(join(folder, "other"), "127.0.0.1", { token: "another" });
    const files = {
      ".gitattributes": attributes,
      ".lfsconfig": `[lfs]\n\turl = ${other.url}/a/elsewhere.git/info/lfs\n`,
      "a.bin": other.keep("elsewhere"),
    };
    const commit = server.commit("a/elsewhere", "main", files);
    const { status } = await checkout("a/elsewhere", commit, { LFS: "true" });
    other.close();
    assert.deepEqual([status, [...other.authorizations]], [1, []]);
  });
});

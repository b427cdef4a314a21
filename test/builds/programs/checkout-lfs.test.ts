/** Files of Git LFS: git itself finds pointers, and git-lfs is a stand-in (test/parts runs the real one). */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execFileSync } from "node:child_process";
import type { GitServer } from "../../support/cluster-git.ts";
import { startGitServer } from "../../support/cluster-git.ts";
import { imageShell, runScript, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("checkout-lfs");
const lfs = join(folder, "git-lfs");
const shell = imageShell({ "git-lfs": lfs });
// Records its calls, and fails as often as configured.
writeFileSync(
  lfs,
  `#!/bin/sh
echo "$PWD $*" >>"$CALLS"
[ "$(wc -l <"$CALLS")" -gt "\${FAILURES:-0}" ] || exit 2
[ -n "$(git config filter.lfs.clean)" ] || exit 3
for file in web/logo.bin other/logo.bin; do if [ -f "$file" ]; then echo fetched >"$file"; fi; done
`,
  { mode: 0o755 },
);

const attributes = "*.bin filter=lfs diff=lfs merge=lfs -text\n";
const repository = "a/with-lfs";
let server: GitServer;
let commit: string;
let pointer: string;
before(async () => {
  server = await startGitServer(join(folder, "server"), "127.0.0.1");
  pointer = server.keep("a picture");
  commit = server.commit(repository, "main", {
    ".gitattributes": attributes,
    "web/logo.bin": pointer,
    "web/explained.md": pointer,
    "other/logo.bin": pointer,
    "docs/index.md": "no pointer",
    "website/real.bin": "not a pointer, though Git LFS has it",
  });
});
after(() => server.close());

let runs = 0;

async function checkout(given: Readonly<Record<string, string>>) {
  const { COMMIT = commit, ...variables } = given;
  const [workspace, RESULTS] = ["workspace", "results"].map((name) =>
    join(folder, `${name}-${runs.toString()}`),
  ) as [string, string];
  runs += 1;
  mkdirSync(workspace);
  mkdirSync(RESULTS);
  writeFileSync(join(RESULTS, "commit"), COMMIT);
  const CALLS = join(RESULTS, "calls");
  const REPOSITORY_URL = `${server.url}/${repository}.git`;
  // In the image, a user without the machine's filters runs git.
  const env = { REPOSITORY_URL, RESULTS, CALLS, GIT_CONFIG_NOSYSTEM: "1", ...variables };
  const { status, stdout, stderr } = await runScript(shell, "checkout.sh", env, workspace);
  return {
    status,
    output: stdout + stderr,
    calls: existsSync(CALLS)
      ? readFileSync(CALLS, "utf8").replaceAll(`${workspace} `, "").trim().split("\n")
      : [],
    read: (path: string) => readFileSync(join(workspace, path), "utf8"),
    workspace,
  };
}

const refused = (file: string, at = commit) =>
  `${file} is a Git LFS pointer in ${at}: set \`lfs: true\` in the stack file to build with the file, or \`lfs: false\` to build with the pointer\n`;

describe(`checkout.sh with files in Git LFS in ${shell.name}`, { concurrency: true }, () => {
  it("fails if a pointer would be built", async () => {
    for (const [given, file] of [
      [{}, "other/logo.bin"],
      [{ CONTEXT: ".", LFS: "" }, "other/logo.bin"],
      [{ CONTEXT: "web" }, "web/logo.bin"],
      [{ CONTEXT: "./other/" }, "other/logo.bin"],
    ] as const) {
      const { status, output, calls } = await checkout(given);
      assert.equal(output, refused(file));
      assert.deepEqual([status, calls], [1, []]);
    }
  });

  it("ignores pointers outside of the context, and files that only look like one", async () => {
    for (const CONTEXT of ["docs", "website"]) {
      const { status, output } = await checkout({ CONTEXT });
      assert.equal(output, `checked out ${commit} of ${server.url}/${repository}.git\n`);
      assert.equal(status, 0);
    }
  });

  it("leaves pointers if the stack file says so", async () => {
    const { status, read, calls } = await checkout({ LFS: "false" });
    assert.deepEqual([status, read("web/logo.bin"), calls], [0, pointer, []]);
  });

  it("fetches the files of the context", async () => {
    const all = await checkout({ LFS: "true" });
    assert.deepEqual([all.status, all.calls], [0, ["pull --include="]]);
    assert.deepEqual([all.read("web/logo.bin"), all.read("web/explained.md")], ["fetched\n", pointer]);
    const some = await checkout({ LFS: "true", CONTEXT: "./web/" });
    assert.deepEqual([some.status, some.calls], [0, ["pull --include=web"]]);
  });

  it("fails with a clear error after three attempts", async () => {
    const twice = await checkout({ LFS: "true", FAILURES: "2" });
    assert.deepEqual([twice.status, twice.calls.length], [0, 3]);
    const { status, output, calls } = await checkout({ LFS: "true", FAILURES: "9" });
    assert.equal(
      output,
      `cannot fetch the Git LFS files of ${commit}: are they on the server of ${server.url}/${repository}.git, may the token read them, and is the quota of its owner used up?\n`,
    );
    assert.deepEqual([status, calls.length], [1, 3]);
  });

  it("fetches files and finds pointers in submodules too", async () => {
    const outer = `a/outer-${shell.name.replace(" ", "-")}`;
    server.commit(outer, "main", {
      ".gitmodules": `[submodule "part"]\n\tpath = web/part\n\turl = ../with-lfs.git\n`,
      "docs/index.md": "no pointer",
    });
    const work = join(folder, "server", `${outer}.git.work`);
    execFileSync("git", ["-C", work, "update-index", "--add", "--cacheinfo", `160000,${commit},web/part`]);
    mkdirSync(join(work, "web/part"), { recursive: true });
    const COMMIT = server.commit(outer, "main", {});
    const given = { COMMIT, REPOSITORY_URL: `${server.url}/${outer}.git`, SUBMODULES: "true" };
    assert.equal((await checkout(given)).output, refused("web/part/other/logo.bin", COMMIT));
    const inner = await checkout({ ...given, CONTEXT: "web/part/web" });
    assert.equal(inner.output, refused("web/part/web/logo.bin", COMMIT));
    assert.equal((await checkout({ ...given, CONTEXT: "docs" })).status, 0);
    assert.equal((await checkout({ ...given, SUBMODULES: "false" })).status, 0);
    const fetched = await checkout({ ...given, LFS: "true" });
    assert.equal(fetched.output, `checked out ${COMMIT} of ${given.REPOSITORY_URL}\n`);
    assert.deepEqual(fetched.calls, ["pull --include=", `${fetched.workspace}/web/part pull`]);
    assert.equal(fetched.read("web/part/web/logo.bin"), "fetched\n");
  });
});

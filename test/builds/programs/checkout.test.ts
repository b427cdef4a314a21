import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { GitServer } from "../../support/cluster-git.ts";
import { basic, startGitServer } from "../../support/cluster-git.ts";
import type { HttpServer } from "../../support/http-server.ts";
import { startHangingServer, startHttpServer } from "../../support/http-server.ts";
import { imageShell, runScript, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("checkout");
const shell = imageShell();
const token = "github_pat_secret";
const missing = "0123456789012345678901234567890123456789";

let open: GitServer;
let closed: GitServer;
let first: string;
let second: string;
before(async () => {
  open = await startGitServer(join(folder, "open"), "127.0.0.1");
  closed = await startGitServer(join(folder, "closed"), "127.0.0.1", { token });
  first = open.commit("a/service", "main", { file: "first" });
  second = open.commit("a/service", "main", { file: "second" });
});
after(() => {
  open.close();
  closed.close();
});

/** Runs git in the server's repository. */
function bare(server: string, repository: string, ...args: string[]): string {
  const at = join(folder, server, `${repository}.git`);
  return execFileSync("git", ["-C", at, ...args], { encoding: "utf8" }).trim();
}

let runs = 0;

async function checkout(given: Readonly<Record<string, string>>) {
  const { COMMIT = "", ...variables } = given;
  runs += 1;
  const [workspace, results] = ["workspace", "results"].map((name) =>
    join(folder, `${name}-${runs.toString()}`),
  ) as [string, string];
  mkdirSync(workspace);
  mkdirSync(results);
  writeFileSync(join(results, "commit"), COMMIT);
  const { status, stdout, stderr } = await runScript(
    shell,
    "checkout.sh",
    { REPOSITORY_URL: `${open.url}/a/service.git`, RESULTS: results, ...variables },
    workspace,
  );
  return {
    status,
    output: stdout + stderr,
    workspace,
    read: (path: string) => {
      const file = join(workspace, path);
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
  };
}

/** As in a pod, where the workspace belongs to root and git runs as another user. */
const asInPod = { GIT_TEST_ASSUME_DIFFERENT_OWNER: "1" };

describe(`checkout.sh in ${shell.name}`, { concurrency: true }, () => {
  it("checks out the tip of a branch", async () => {
    const { status, output, read } = await checkout({ ...asInPod, COMMIT: second });
    assert.equal(output, `checked out ${second} of ${open.url}/a/service.git\n`);
    assert.equal(status, 0);
    assert.equal(read("file"), "second");
  });

  it("checks out the pushed commit if the branch has moved on", async () => {
    assert.equal((await checkout({ COMMIT: first })).read("file"), "first");
  });

  it("checks out a commit whose branch was deleted or force-pushed", async () => {
    const repository = `a/forced-${shell.name.replace(" ", "-")}`;
    const kept = open.commit(repository, "main", { file: "kept" });
    const forced = open.commit(repository, "main", { file: "forced away" });
    bare("open", repository, "update-ref", "refs/heads/main", kept);
    const gone = open.commit(repository, "gone", { file: "gone" });
    bare("open", repository, "update-ref", "-d", "refs/heads/gone");
    const REPOSITORY_URL = `${open.url}/${repository}.git`;
    assert.equal((await checkout({ REPOSITORY_URL, COMMIT: forced })).read("file"), "forced away");
    assert.equal((await checkout({ REPOSITORY_URL, COMMIT: gone })).read("file"), "gone");
  });

  it("fails with a clear error if the commit does not exist", async () => {
    const { status, output, read } = await checkout({ COMMIT: missing });
    assert.equal(status, 1);
    assert.match(
      output,
      /not our ref.*\ncannot fetch 0123456789012345678901234567890123456789 from http:.*: if git says "not our ref", a forced push has removed it; otherwise/,
    );
    assert.equal(read("file"), undefined);
  });

  it("reads no commit as an option, and accepts only a full hash", async () => {
    const option = await checkout({ COMMIT: `--upload-pack=touch ${folder}/hostile` });
    assert.equal(option.status, 1);
    assert.equal(existsSync(join(folder, "hostile")), false);
    const { status, output } = await checkout({ COMMIT: "main" });
    assert.equal(status, 1);
    assert.match(output, /checked out [0-9a-f]{40}, but main was requested: give the full commit/);
  });

  it("fails with a clear error if the Dockerfile is not in the commit", async () => {
    const { status, output } = await checkout({ COMMIT: second, DOCKERFILE: "docker/Dockerfile" });
    assert.equal(
      output,
      `there is no docker/Dockerfile in ${second}: add it, or set \`dockerfile\` and \`context\` in the stack file\n`,
    );
    assert.equal(status, 1);
    assert.equal((await checkout({ COMMIT: second, DOCKERFILE: "file" })).status, 0);
  });

  it("fails with a clear error if the context is not in the commit, or links out of it", async () => {
    const { status, output } = await checkout({ COMMIT: second, CONTEXT: "web" });
    assert.equal(
      output,
      `there is no folder web in ${second}: add it, or set another \`context\` in the stack file\n`,
    );
    assert.equal(status, 1);
    const repository = `a/links-${shell.name.replace(" ", "-")}`;
    open.commit(repository, "main", { "web/file": "text" });
    const work = join(folder, "open", `${repository}.git.work`);
    symlinkSync("web", join(work, "inside"));
    symlinkSync("/etc", join(work, "outside"));
    const given = {
      COMMIT: open.commit(repository, "main", {}),
      REPOSITORY_URL: `${open.url}/${repository}.git`,
    };
    for (const CONTEXT of ["web", "inside", "web/", "."])
      assert.equal((await checkout({ ...given, CONTEXT })).status, 0, CONTEXT);
    assert.equal(
      (await checkout({ ...given, CONTEXT: "outside" })).output,
      `the folder outside of ${given.COMMIT} is a link that leads out of the repository: set another \`context\`\n`,
    );
  });

  it("fetches only that commit, without history", async () => {
    bare("open", "a/service", "tag", "--force", "a-tag", second);
    const { workspace } = await checkout({ COMMIT: second });
    assert.equal(execFileSync("git", ["-C", workspace, "tag"]).toString(), "");
    const count = execFileSync("git", ["-C", workspace, "rev-list", "--count", "HEAD"]);
    assert.equal(count.toString().trim(), "1");
  });

  it("gives up a server that does not answer", async () => {
    const server = await startHangingServer();
    const { status, output } = await checkout({
      REPOSITORY_URL: `${server.url}/a/service.git`,
      COMMIT: first,
      GIT_HTTP_LOW_SPEED_TIME: "1",
    });
    server.close();
    assert.equal(status, 1);
    assert.match(output, /Operation too slow/);
  });
});

describe(`checkout.sh with submodules in ${shell.name}`, { concurrency: true }, () => {
  const name = `a/with-submodules-${shell.name.replace(" ", "-")}`;
  const modules = (url: string) => `[submodule "part"]\n\tpath = part\n\turl = ${url}\n`;
  /** Adds a commit that has another repository's commit in its folder `part`. */
  function withSubmodule(repository: string, url: string, commit: string): string {
    open.commit(repository, "main", { ".gitmodules": modules(url), file: "outer" });
    const work = join(folder, "open", `${repository}.git.work`);
    execFileSync("git", ["-C", work, "update-index", "--add", "--cacheinfo", `160000,${commit},part`]);
    // The folder exists, or the next commit would remove it.
    mkdirSync(join(work, "part"), { recursive: true });
    return open.commit(repository, "main", {});
  }
  let COMMIT: string;
  let REPOSITORY_URL: string;
  before(() => {
    const inner = withSubmodule(`${name}-inner`, "../service.git", second);
    COMMIT = withSubmodule(name, `${open.url}/${name}-inner.git`, inner);
    REPOSITORY_URL = `${open.url}/${name}.git`;
  });

  it("checks out submodules, also nested ones, each at its commit and without history", async () => {
    const { status, output, workspace, read } = await checkout({
      REPOSITORY_URL,
      COMMIT,
      SUBMODULES: "true",
    });
    assert.equal(output, `checked out ${COMMIT} of ${REPOSITORY_URL}\n`);
    assert.equal(status, 0);
    assert.deepEqual([read("file"), read("part/file"), read("part/part/file")], ["outer", "outer", "second"]);
    const count = execFileSync("git", ["-C", join(workspace, "part/part"), "rev-list", "--count", "HEAD"]);
    assert.equal(count.toString().trim(), "1");
  });

  it("fetches submodules with SSH addresses on the repository's server like the repository", async () => {
    const { hostname } = new URL(open.url);
    const urls = [
      `git@${hostname}:a/service.git`,
      `git@${hostname}:/a/service.git`,
      `ssh://git@${hostname}/a/service.git`,
      `ssh://git@${hostname}:22/a/service.git`,
      `ssh://${hostname}/a/service.git`,
      `git://${hostname}/a/service.git`,
    ];
    for (const [index, url] of urls.entries()) {
      const repository = `${name}-ssh-${index.toString()}`;
      const outcome = await checkout({
        REPOSITORY_URL: `${open.url}/${repository}.git`,
        COMMIT: withSubmodule(repository, url, second),
        SUBMODULES: "true",
      });
      assert.deepEqual([outcome.status, outcome.read("part/file")], [0, "second"], url);
    }
  });

  it("uses the token for submodules on its own server, and uses no SSH for others", async () => {
    const secret = closed.commit("other/inner", "main", { file: "secret" });
    const { hostname } = new URL(closed.url);
    const own = withSubmodule(`${name}-own`, `git@${hostname}:other/inner.git`, secret);
    const work = join(folder, "open", `${name}-own.git.work`);
    closed.commit(`${name}-own`, "main", {});
    execFileSync("git", [
      "-C",
      work,
      "push",
      "--quiet",
      join(folder, "closed", `${name}-own.git`),
      "HEAD:refs/heads/own",
    ]);
    const { status, output, read } = await checkout({
      REPOSITORY_URL: `${closed.url}/${name}-own.git`,
      COMMIT: own,
      SUBMODULES: "true",
      TOKEN_FILE: tokenFile("token", token),
    });
    assert.equal(output, `checked out ${own} of ${closed.url}/${name}-own.git\n`);
    assert.deepEqual([status, read("part/file")], [0, "secret"]);
  });

  it("skips submodules if they are turned off", async () => {
    for (const wanted of [{ SUBMODULES: "false" }, {}]) {
      const { status, read } = await checkout({ REPOSITORY_URL, COMMIT, ...wanted });
      assert.deepEqual([status, read("file"), read("part/file")], [0, "outer", undefined]);
    }
  });

  it("sends the token to no other server", async () => {
    const secret = closed.commit("other/secret", "main", { file: "secret" });
    const commit = withSubmodule(`${name}-elsewhere`, `${closed.url}/other/secret.git`, secret);
    const { status, output } = await checkout({
      REPOSITORY_URL: `${open.url}/${name}-elsewhere.git`,
      COMMIT: commit,
      SUBMODULES: "true",
      TOKEN_FILE: tokenFile("token", token),
    });
    assert.equal(status, 1);
    assert.match(output, /cannot fetch the submodules of [0-9a-f]{40}: each needs an https:\/\/ address/);
  });
});

describe(`checkout.sh of a private repository in ${shell.name}`, { concurrency: true }, () => {
  let commit: string;
  let elsewhere: HttpServer;
  before(async () => {
    const name = `a/private-${shell.name.replace(" ", "-")}`;
    commit = closed.commit(name, "main", { file: "private" });
    repository = `${closed.url}/${name}.git`;
    elsewhere = await startHttpServer((request, response) => {
      response.writeHead(302, { location: `${closed.url}${request.url ?? ""}` }).end();
    });
  });
  after(() => elsewhere.close());
  let repository: string;

  it("sends the token to its server, and stores it nowhere", async () => {
    const TOKEN_FILE = tokenFile("token", `${token}\n`);
    const { status, output, workspace, read } = await checkout({
      REPOSITORY_URL: repository,
      COMMIT: commit,
      TOKEN_FILE,
    });
    assert.equal(output, `checked out ${commit} of ${repository}\n`);
    assert.equal(status, 0);
    assert.equal(read("file"), "private");
    assert.throws(() => execFileSync("grep", ["--recursive", "--text", token, workspace]), { status: 1 });
    assert.deepEqual([...closed.authorizations].includes(basic(token)), true);
  });

  it("fails with a clear error if the token is wrong", async () => {
    const { status, output } = await checkout({
      REPOSITORY_URL: repository,
      COMMIT: commit,
      TOKEN_FILE: tokenFile("wrong", "github_pat_wrong"),
    });
    assert.equal(status, 1);
    assert.match(
      output,
      /Authentication failed.*\ncannot fetch .*check the address, the token and the network/,
    );
    assert.doesNotMatch(output, /github_pat/);
  });

  for (const [what, contents] of [
    ["missing", undefined],
    ["empty", ""],
  ] as const) {
    it(`fails with a clear error if the token's file is ${what}`, async () => {
      const TOKEN_FILE = contents === undefined ? join(folder, "no-file") : tokenFile(what, contents);
      const { status, output } = await checkout({ COMMIT: first, TOKEN_FILE });
      assert.equal(
        output,
        `cannot read a token from ${TOKEN_FILE}: is its Secret mounted, and does it have a value?\n`,
      );
      assert.equal(status, 1);
    });
  }

  it("sends the token to no server that it is redirected to", async () => {
    const TOKEN_FILE = tokenFile("token-for-another", "github_pat_for_another");
    const { status } = await checkout({
      REPOSITORY_URL: `${elsewhere.url}${new URL(repository).pathname}`,
      COMMIT: commit,
      TOKEN_FILE,
    });
    assert.equal(status, 1);
    assert.equal(closed.authorizations.has(basic("github_pat_for_another")), false);
  });
});

function tokenFile(name: string, contents: string): string {
  const file = join(folder, name);
  writeFileSync(file, contents);
  return file;
}

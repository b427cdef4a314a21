import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { GitServer } from "../../support/cluster-git.ts";
import { startGitServer } from "../../support/cluster-git.ts";
import { imageShell, result, runScript, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("tip");
const shell = imageShell();
const token = "github_pat_secret";
const tokenFile = join(folder, "token");
writeFileSync(tokenFile, token);
const wrongTokenFile = join(folder, "wrong");
writeFileSync(wrongTokenFile, "github_pat_wrong");

let server: GitServer;
let url: string;
let first: string;
let second: string;
let fork: string;
before(async () => {
  server = await startGitServer(join(folder, "served"), "127.0.0.1", { token });
  first = server.commit("a/service", "develop", { file: "first" });
  second = server.commit("a/service", "develop", { file: "second" });
  url = `${server.url}/a/service.git`;
  // Names that a git pattern would match as the branch.
  bare("update-ref", "refs/heads/other/refs/heads/develop", first);
  bare("tag", "plain", first);
  bare(
    "-c",
    "user.name=test",
    "-c",
    "user.email=test@example.com",
    "tag",
    "-m",
    "a message",
    "v1.0.0",
    second,
  );
  // Pull request 17 is from a branch of the repository, 18 from a fork: no branch points to its commit.
  bare("update-ref", "refs/pull/17/head", first);
  bare("update-ref", "refs/heads/topic", first);
  fork = server.commit("a/service", "forked", { file: "of a fork" });
  bare("update-ref", "refs/pull/18/head", fork);
  bare("update-ref", "-d", "refs/heads/forked");
});
after(() => server.close());

function bare(...args: string[]): void {
  execFileSync("git", ["-C", join(folder, "served/a/service.git"), ...args]);
}

let runs = 0;

async function tip(variables: Readonly<Record<string, string>>) {
  const results = join(folder, `results-${(runs++).toString()}`);
  mkdirSync(results);
  const given = {
    REPOSITORY_URL: url,
    TOKEN_FILE: tokenFile,
    BRANCH: "develop",
    COMMIT: "",
    GIT_TAG: "",
    RESULTS: results,
    ...variables,
  };
  const { status, stdout, stderr } = await runScript(shell, "tip.sh", given, results);
  return {
    results,
    status,
    output: stdout + stderr,
    commit: result(results, "commit"),
    newest: result(results, "newest"),
  };
}

/** Drops the folder of the outputs. */
function outcome({ status, output, commit, newest }: Awaited<ReturnType<typeof tip>>) {
  return { status, output, commit, newest };
}

describe(`tip.sh in ${shell.name}`, { concurrency: true }, () => {
  it("finds the tip of the branch if no commit is given", async () => {
    const output = `${second} is the newest of branch develop\n`;
    assert.deepEqual(outcome(await tip({})), {
      status: 0,
      output,
      commit: second,
      newest: "true",
    });
  });

  it("reports that the given commit is the tip", async () => {
    const { commit, newest } = await tip({ COMMIT: second });
    assert.deepEqual([commit, newest], [second, "true"]);
  });

  it("reports that the branch has moved on", async () => {
    const output = `${first} is not the newest of branch develop, which is ${second}\n`;
    assert.deepEqual(outcome(await tip({ COMMIT: first })), {
      status: 0,
      output,
      commit: first,
      newest: "false",
    });
  });

  it("lists the later commits if LATER is set", async () => {
    const later = async (variables: Readonly<Record<string, string>>) => {
      const results = join(folder, `later-${(runs++).toString()}`);
      mkdirSync(results);
      const { status } = await runScript(shell, "tip.sh", {
        REPOSITORY_URL: url,
        TOKEN_FILE: tokenFile,
        BRANCH: "develop",
        GIT_TAG: "",
        RESULTS: results,
        ...variables,
      });
      assert.equal(status, 0);
      return result(results, "later");
    };
    assert.equal(await later({ COMMIT: first, LATER: "true" }), second);
    assert.equal(await later({ COMMIT: first }), "");
    assert.equal(await later({ COMMIT: second, LATER: "true" }), "");
    // A commit that is not on the branch, or whose branch was deleted.
    assert.equal(await later({ COMMIT: "1".repeat(40), LATER: "true" }), "");
    assert.equal(await later({ COMMIT: first, LATER: "true", BRANCH: "gone" }), "");
  });

  it("reports a deleted branch, and still accepts a given commit", async () => {
    const output = `${first} is not the newest of branch gone, which is gone\n`;
    assert.deepEqual(outcome(await tip({ BRANCH: "gone", COMMIT: first })), {
      status: 0,
      output,
      commit: first,
      newest: "false",
    });
  });

  it("fails with a clear error if there is neither commit nor branch", async () => {
    assert.deepEqual(outcome(await tip({ BRANCH: "gone" })), {
      status: 1,
      output: `there is no branch gone in ${url}: give a commit, or the name of an existing one\n`,
      commit: undefined,
      newest: undefined,
    });
  });

  it("finds the commit of a tag, annotated or not", async () => {
    const output = `${second} is the newest of tag v1.0.0\n`;
    assert.deepEqual(outcome(await tip({ GIT_TAG: "v1.0.0" })), {
      status: 0,
      output,
      commit: second,
      newest: "true",
    });
    assert.equal((await tip({ GIT_TAG: "plain" })).commit, first);
  });

  it("compares a given commit with the tag's, not with the branch's", async () => {
    assert.equal((await tip({ GIT_TAG: "v1.0.0", COMMIT: second })).newest, "true");
    assert.equal((await tip({ GIT_TAG: "plain", COMMIT: second })).newest, "false");
    // A branch of the same name is not the tag.
    assert.equal((await tip({ GIT_TAG: "develop", COMMIT: second })).newest, "false");
  });

  for (const COMMIT of [
    "1a2b3c4",
    "HEAD",
    "A".repeat(40),
    `${"a".repeat(40)}\n`,
    `-${"a".repeat(39)}`,
    "$(id)",
  ]) {
    it(`refuses the commit ${JSON.stringify(COMMIT)}`, async () => {
      const { status, output, commit } = await tip({ COMMIT });
      assert.equal(
        output,
        `"${COMMIT}" is not a full commit: give all 40 characters, 0-9 and a-f, or none for the newest one\n`,
      );
      assert.deepEqual([status, commit], [1, undefined]);
    });
  }

  for (const name of [
    "*",
    "dev*",
    "[d]evelop",
    "--upload-pack=touch hostile",
    "$(touch hostile)",
    "`touch hostile`",
    "a'; touch hostile; '",
    'a"; touch hostile; "',
    "develop\nrefs/heads/develop",
    "a\\nb",
  ]) {
    it(`treats ${JSON.stringify(name)} only as a name`, async () => {
      for (const variable of ["BRANCH", "GIT_TAG"]) {
        const named = await tip({ [variable]: name, COMMIT: second });
        assert.deepEqual([named.status, named.newest], [0, "false"]);
        const alone = await tip({ [variable]: name });
        assert.equal(alone.status, 1);
        assert.deepEqual(readdirSync(named.results).sort(), ["commit", "later", "newest", "tag"]);
        assert.deepEqual(readdirSync(alone.results), []);
      }
    });
  }

  it("finds a branch whose name has special characters of shells and patterns", async () => {
    const name = `feature/$(id)&"'${shell.name.length.toString()}`;
    bare("update-ref", `refs/heads/${name}`, first);
    assert.equal((await tip({ BRANCH: name })).commit, first);
  });

  it("fails with a clear error without the token if the server refuses", async () => {
    const { status, output, commit } = await tip({ TOKEN_FILE: wrongTokenFile, COMMIT: second });
    assert.match(
      output,
      /cannot ask http:.* for its branches and tags: check the address, the token and the network\n$/,
    );
    assert.doesNotMatch(output, /github_pat/);
    assert.deepEqual([status, commit], [1, undefined]);
  });

  it("finds the commit of a pull request, and compares a given one with it", async () => {
    const REF = "refs/pull/17/head";
    assert.deepEqual(outcome(await tip({ REF })), {
      status: 0,
      output: `${first} is the newest of pull request 17\n`,
      commit: first,
      newest: "true",
    });
    assert.equal((await tip({ REF, COMMIT: first })).newest, "true");
    // The branch's newest is not the pull request's.
    assert.equal((await tip({ REF, COMMIT: second, LATER: "true" })).newest, "false");
    const gone = await tip({ REF: "refs/pull/19/head" });
    assert.match(gone.output, /^there is no pull request 19 in /);
  });

  it("accepts a commit that was pushed to another branch, even if the branch has moved", async () => {
    const other = { BRANCH: "topic", REF: "refs/heads/topic", FORKS: "" };
    assert.deepEqual(outcome(await tip({ ...other, COMMIT: first })), {
      status: 0,
      output: `${first} is the newest of branch topic\n`,
      commit: first,
      newest: "true",
    });
    assert.equal((await tip(other)).commit, first);
    for (const branch of ["topic", "gone"]) {
      const given = { ...other, BRANCH: branch, REF: `refs/heads/${branch}`, COMMIT: second };
      const { status, commit, newest } = await tip(given);
      assert.deepEqual([status, commit, newest], [0, second, "false"], branch);
    }
  });

  it("refuses the commit of a fork unless it is given, and leaves nothing to build", async () => {
    const REF = "refs/pull/18/head";
    const refused = "refused: no branch is at the pull request's commit, so it may be of a fork: ";
    for (const [FORKS, fix] of [
      ["named", `comment "/test ${fork}"`],
      ["never", "push it to a branch of the repository"],
    ] as const) {
      const { results, ...reported } = await tip({ REF, FORKS });
      assert.deepEqual(outcome({ results, ...reported }), {
        status: 1,
        output: `${refused}${fix}\n`,
        commit: undefined,
        newest: undefined,
      });
      assert.deepEqual(readdirSync(results), []);
      // The maximum length of a status on GitHub.
      assert.ok(`${refused}${fix}`.replace("refused: ", "").length <= 140);
      const named = await tip({ REF, FORKS, COMMIT: fork });
      assert.deepEqual([named.status, named.commit, named.newest], [0, fork, "true"]);
      assert.equal((await tip({ REF: "refs/pull/17/head", FORKS })).commit, first);
    }
    // Without FORKS, as in the step that begins, which builds nothing.
    assert.equal((await tip({ REF })).commit, fork);
  });

  it("refuses a commit that is not on the branch if it must be", async () => {
    const given = { REF: "refs/heads/develop", FORKS: "never" };
    for (const COMMIT of [first, second, ""]) assert.equal((await tip({ ...given, COMMIT })).status, 0);
    const { status, output, commit } = await tip({ ...given, COMMIT: fork });
    // git may warn that the server sends more than requested.
    const last = output.trimEnd().split("\n").at(-1);
    assert.equal(last, `refused: ${fork} is not among the last 1000 commits of branch develop`);
    assert.deepEqual([status, commit], [1, undefined]);
    assert.equal((await tip({ ...given, BRANCH: "gone", REF: "refs/heads/gone", COMMIT: first })).status, 1);
  });

  for (const REF of [
    "refs/pull/17",
    "refs/pull/17/merge",
    "refs/pull//head",
    "refs/pull/0/head",
    "refs/pull/017/head",
    "refs/pull/1a/head",
    "refs/pull/12345678901/head",
    "refs/pull/17/head\n",
    "refs/pull/../heads/develop/head",
    "refs/pull/*/head",
    "refs/heads/topic",
    "refs/heads/develop/",
    "refs/heads/*",
    "develop",
    "no ref",
    "--upload-pack=touch hostile",
    "$(touch hostile)",
  ]) {
    it(`refuses the ref ${JSON.stringify(REF)}, even with a commit`, async () => {
      const { results, status, output } = await tip({ REF, COMMIT: first });
      assert.equal(
        output,
        `the ref "${REF}" is not built: give refs/heads/develop, or another ref that the stack builds, without a tag, or none\n`,
      );
      assert.equal(status, 1);
      assert.deepEqual(readdirSync(results), []);
    });
  }

  it("refuses a tag together with a ref", async () => {
    for (const REF of ["refs/pull/17/head", "refs/heads/develop"]) {
      const { status, output } = await tip({ REF, GIT_TAG: "v1.0.0" });
      assert.match(output, /^the ref "refs\/.*" is not built: give .* without a tag, or none\n$/);
      assert.equal(status, 1);
    }
  });
});

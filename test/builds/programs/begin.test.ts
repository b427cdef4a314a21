import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { KubernetesServer } from "../../support/kubernetes-server.ts";
import { startKubernetesServer } from "../../support/kubernetes-server.ts";
import { olderThan } from "../../../components/builds/programs/begin.ts";
import type { GitHubServer } from "../../support/github-server.ts";
import { startGitHubServer } from "../../support/github-server.ts";
import { programsFolder, runProgram, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("begin");
const token = "account-secret";
const commit = "1a2b3c4d".repeat(5);

function account(name: string, contents: string): string {
  const at = join(folder, name);
  mkdirSync(at);
  writeFileSync(join(at, "token"), contents);
  // Plain HTTP does not use it.
  writeFileSync(join(at, "ca.crt"), "");
  return at;
}

const TOKEN_FILE = join(folder, "github");
writeFileSync(TOKEN_FILE, "github-secret\n");
const ACCOUNT = account("account", token);
const wrong = account("wrong", "wrong-secret");

/** The outputs of tip.sh. */
function results(newest: string): string {
  const at = join(folder, newest);
  mkdirSync(at);
  writeFileSync(join(at, "commit"), commit);
  writeFileSync(join(at, "newest"), newest);
  return at;
}

const NEWEST = results("true");
const OVERTAKEN = results("false");

const stopped = {
  metadata: { labels: { "argo-cicd/superseded-by": commit } },
  spec: { shutdown: "Stop" },
};
const labelled = { metadata: { labels: { "argo-cicd/commit": commit } } };

const programs = programsFolder;

describe("begin.ts", () => {
  let server: KubernetesServer;
  beforeEach(async () => {
    server = await startKubernetesServer(token);
    server.workflows = [
      { name: "own", created: "2026-03-01T10:00:10Z" },
      { name: "older", created: "2026-03-01T10:00:09Z" },
      { name: "much-older", created: "2025-12-31T23:59:59Z" },
      { name: "same-second", created: "2026-03-01T10:00:10Z" },
      { name: "newer", created: "2026-03-01T10:00:11Z" },
    ];
  });
  afterEach(() => server.close());

  const begin = (variables: Readonly<Record<string, string>> = {}) => run(server, variables);

  it("writes the commit on its Workflow and stops the builds of older commits", async () => {
    const { status, stdout, stderr } = await begin();
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.deepEqual(Object.fromEntries(server.patches), {
      own: labelled,
      older: stopped,
      "much-older": stopped,
    });
    assert.deepEqual(server.selectors, [
      "argo-cicd/service=alog-service-user,argo-cicd/branch=develop,argo-cicd/git-tag=,!argo-cicd/published,workflows.argoproj.io/completed!=true",
    ]);
    assert.deepEqual(stdout.trim().split("\n").sort(), [
      `stopped much-older: ${commit} is newer`,
      `stopped older: ${commit} is newer`,
    ]);
  });

  it("stops none if the branch has moved on", async () => {
    assert.equal((await begin({ RESULTS: OVERTAKEN })).status, 0);
    assert.deepEqual(Object.fromEntries(server.patches), { own: labelled });
    assert.deepEqual(server.selectors, []);
  });

  it("stops none if it is not in the list itself, like a build of a git tag", async () => {
    server.workflows = server.workflows.slice(1);
    assert.equal((await begin()).status, 0);
    assert.deepEqual([...server.patches.keys()], ["own"]);
  });

  it("stops none if there are none", async () => {
    server.workflows = [];
    assert.equal((await begin()).status, 0);
    assert.deepEqual([...server.patches.keys()], ["own"]);
  });

  it("retries if the server is busy, or if the object has changed", async () => {
    server.failures.set("own", [409, 0]).set("", [503, 429]).set("older", [500, 500, 500]);
    assert.equal((await begin()).status, 0);
    assert.deepEqual([...server.patches.keys()].sort(), ["much-older", "older", "own"]);
  });

  it("gives up an object after four failed attempts", async () => {
    server.failures.set("own", [500, 500, 500, 500]);
    const { status, stderr } = await begin();
    assert.match(stderr, /^cannot label the Workflow own with its commit: 500 /);
    assert.deepEqual([status, server.failures.get("own")], [1, []]);
    assert.deepEqual([...server.patches.keys()], []);
  });

  it("ignores a build that no longer exists", async () => {
    server.failures.set("older", [404]);
    const { status, stderr } = await begin();
    assert.deepEqual([status, stderr], [0, ""]);
  });

  it("stops the other builds before it fails for one that it may not stop", async () => {
    server.failures.set("much-older", [403]).set("older", [404]);
    server.workflows = [...server.workflows, { name: "another", created: "2026-03-01T09:00:00Z" }];
    const { status, stderr } = await begin();
    assert.equal(
      stderr,
      'cannot stop much-older, which builds an older commit: 403 workflows.argoproj.io "much-older" fails\n',
    );
    assert.equal(status, 1);
    assert.deepEqual([...server.patches.keys()], ["own", "another"]);
  });

  it("fails with a clear error if it may not write or list", async () => {
    server.failures.set("", [403]);
    const list = await begin();
    assert.equal(
      list.stderr,
      'cannot list the Workflows of alog-service-user to stop older ones: 403 workflows.argoproj.io "" fails\n',
    );
    assert.equal(list.status, 1);
    const write = await begin({ ACCOUNT: wrong });
    assert.equal(write.stderr, "cannot label the Workflow own with its commit: 401 Unauthorized\n");
    assert.equal(write.status, 1);
  });

  describe("at GitHub", () => {
    let github: GitHubServer;
    beforeEach(async () => {
      github = await startGitHubServer("a/service", "github-secret");
    });
    afterEach(() => github.close());

    it("sets the status to pending", async () => {
      const { status, stdout } = await begin({ GITHUB_API: github.url, RESULTS: OVERTAKEN });
      assert.deepEqual(
        [status, stdout],
        [0, `set the status argo-cicd/develop of ${commit}: pending, building\n`],
      );
      const said = { state: "pending", context: "argo-cicd/develop", description: "building" };
      assert.deepEqual(github.statuses.get(commit), said);
    });

    it("sets no status for a build that could not stop the others", async () => {
      server.failures.set("older", [403]);
      assert.equal((await begin({ GITHUB_API: github.url })).status, 1);
      assert.equal(github.statuses.size, 0);
    });

    it("does not fail the build if GitHub refuses", async () => {
      const { status, stdout } = await begin({ GITHUB_API: github.url, REPOSITORY: "a/other" });
      assert.equal(status, 0);
      assert.match(stdout, /^could not set the status argo-cicd\/develop of \w+: 404 Not Found$/m);
    });
  });

  it("names the missing variables, and sends no request", async () => {
    const { status, stderr } = await runProgram(programs, "begin.ts", { NAMESPACE: "ci", RESULTS: NEWEST });
    assert.deepEqual(
      [status, stderr],
      [
        1,
        "these variables are missing: WORKFLOW, SERVICE, BRANCH_LABEL, CONTEXT, GITHUB_API, TOKEN_FILE, REPOSITORY, TARGET_URL\n",
      ],
    );
  });

  it("gives up a server that does not exist", async () => {
    server.close();
    const { status, stderr } = await begin();
    assert.match(stderr, /^cannot label the Workflow own with its commit: 000 Failed to connect.*\n$/);
    assert.equal(status, 1);
  });
});

describe("the builds of older commits", () => {
  const item = (name: unknown, creationTimestamp: unknown) => ({ metadata: { name, creationTimestamp } });
  const own = item("own", "2026-03-01T10:00:10Z");

  it("are those of an earlier second", () => {
    const items = [item("newer", "2026-03-01T10:00:11Z"), own, item("older", "2026-03-01T10:00:09Z")];
    assert.deepEqual(olderThan("own", { items }), ["older"]);
  });

  it("are none if the own build is not listed, or if there is no list", () => {
    const items = [item("older", "2026-03-01T10:00:09Z")];
    for (const list of [{ items }, { items: null }, {}, [], undefined, "items"])
      assert.deepEqual(olderThan("own", list), []);
  });
});

async function run(server: KubernetesServer, variables: Readonly<Record<string, string>>) {
  const outcome = await runProgram(programs, "begin.ts", {
    NAMESPACE: "ci",
    WORKFLOW: "own",
    SERVICE: "alog-service-user",
    BRANCH_LABEL: "develop",
    RESULTS: NEWEST,
    ACCOUNT,
    KUBERNETES_API: server.url,
    CONTEXT: "argo-cicd/develop",
    GITHUB_API: "",
    TOKEN_FILE,
    REPOSITORY: "a/service",
    TARGET_URL: "",
    ...variables,
  });
  assert.doesNotMatch(outcome.stdout + outcome.stderr, /secret/);
  return outcome;
}

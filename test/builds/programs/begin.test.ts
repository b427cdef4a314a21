import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { KubernetesServer } from "../../support/kubernetes-server.ts";
import { startKubernetesServer } from "../../support/kubernetes-server.ts";
import type { Shell } from "../../support/script.ts";
import { runScript, shells, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("begin");
const token = "account-secret";
const commit = "1a2b3c4d".repeat(5);

function account(name: string, contents: string): string {
  const at = join(folder, name);
  mkdirSync(at);
  writeFileSync(join(at, "token"), contents);
  // Plain HTTP has no use for it.
  writeFileSync(join(at, "ca.crt"), "");
  return at;
}

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

// Written once: the shells run side by side, and a file that is written again is empty for a moment.
const NEWEST = results("true");
const OVERTAKEN = results("false");

const stopped = {
  metadata: { labels: { "argo-cicd/superseded-by": commit } },
  spec: { shutdown: "Stop" },
};
const labelled = { metadata: { labels: { "argo-cicd/commit": commit } } };

describe("in every shell, side by side", { concurrency: true }, () => {
  for (const shell of shells()) {
    describe(`begin.sh in ${shell.name}`, { concurrency: 1 }, () => {
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

      const begin = (variables: Readonly<Record<string, string>> = {}) => run(shell, server, variables);

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

      it("stops none when the branch has moved on", async () => {
        assert.equal((await begin({ RESULTS: OVERTAKEN })).status, 0);
        assert.deepEqual(Object.fromEntries(server.patches), { own: labelled });
        assert.deepEqual(server.selectors, []);
      });

      it("stops none when it is not in the list itself, as a build of a git tag is not", async () => {
        server.workflows = server.workflows.slice(1);
        assert.equal((await begin()).status, 0);
        assert.deepEqual([...server.patches.keys()], ["own"]);
      });

      it("stops none when there is none", async () => {
        server.workflows = [];
        assert.equal((await begin()).status, 0);
        assert.deepEqual([...server.patches.keys()], ["own"]);
      });

      it("tries again when the server is busy, or the object was changed meanwhile", async () => {
        server.faults.set("own", [409, 0]).set("", [503, 429]).set("older", [500, 500, 500]);
        assert.equal((await begin()).status, 0);
        assert.deepEqual([...server.patches.keys()].sort(), ["much-older", "older", "own"]);
      });

      it("gives up an object that cannot be written the fourth time either", async () => {
        server.faults.set("own", [500, 500, 500, 500]);
        const { status, stderr } = await begin();
        assert.match(stderr, /^cannot write the commit on the Workflow own: 500 /);
        assert.deepEqual([status, server.faults.get("own")], [1, []]);
        assert.deepEqual([...server.patches.keys()], []);
      });

      it("does not miss a build that has been removed meanwhile", async () => {
        server.faults.set("older", [404]);
        const { status, stderr } = await begin();
        assert.deepEqual([status, stderr], [0, ""]);
      });

      it("stops the others before it fails for one that it may not stop", async () => {
        server.faults.set("much-older", [403]).set("older", [404]);
        server.workflows = [...server.workflows, { name: "another", created: "2026-03-01T09:00:00Z" }];
        const { status, stderr } = await begin();
        assert.equal(
          stderr,
          'cannot stop much-older, which builds an older commit: 403 workflows.argoproj.io "much-older" has a fault\n',
        );
        assert.equal(status, 1);
        assert.deepEqual([...server.patches.keys()], ["own", "another"]);
      });

      it("ends with a clear word when it may not write or list", async () => {
        server.faults.set("", [403]);
        const list = await begin();
        assert.equal(
          list.stderr,
          'cannot list the Workflows of alog-service-user, to stop older ones: 403 workflows.argoproj.io "" has a fault\n',
        );
        assert.equal(list.status, 1);
        const write = await begin({ ACCOUNT: wrong });
        assert.equal(write.stderr, "cannot write the commit on the Workflow own: 401 Unauthorized\n");
        assert.equal(write.status, 1);
      });

      it("gives up a server that is not there", async () => {
        server.close();
        const { status, stderr } = await begin();
        assert.match(stderr, /^cannot write the commit on the Workflow own: 000 Failed to connect.*\n$/);
        assert.equal(status, 1);
      });
    });
  }
});

async function run(shell: Shell, server: KubernetesServer, variables: Readonly<Record<string, string>>) {
  const outcome = await runScript(shell, "begin.sh", {
    NAMESPACE: "ci",
    WORKFLOW: "own",
    SERVICE: "alog-service-user",
    BRANCH_LABEL: "develop",
    RESULTS: NEWEST,
    ACCOUNT,
    KUBERNETES_API: server.url,
    ...variables,
  });
  assert.doesNotMatch(outcome.stdout + outcome.stderr, /secret/);
  return outcome;
}

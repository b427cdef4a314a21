/** A signed push, on real parts, all the way to an image in the registry; and what must not start a build. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import type { ClusterObject } from "../support/cluster-api.ts";
import type { Delivery } from "../support/cluster-deliveries.ts";
import { bySha1, bySha256 } from "../support/cluster-deliveries.ts";
import { imageAt } from "../support/cluster-registry.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { useBuildCluster } from "../support/cluster-stack.ts";
import type { Trigger } from "../support/cluster-trigger.ts";
import {
  branch,
  owner,
  pushOf,
  randomCommit,
  triggerOf,
  workflow,
  workflowName,
} from "../support/cluster-trigger.ts";
import { until } from "../support/cluster-wait.ts";

describe("a push", () => {
  let cluster: BuildCluster;
  let trigger: Trigger;
  useBuildCluster("develop", async (started) => {
    cluster = started;
    trigger = await triggerOf(cluster, "alog");
  });

  const send = (delivery: Delivery) => trigger.send(delivery);
  const names = () => trigger.workflows();

  it("becomes an image that holds what the commit holds, under the tags of the stack", async () => {
    const repository = "alog-service-user";
    const commit = cluster.git.commit(`${owner}/${repository}`, branch, {
      Dockerfile: `FROM ${cluster.baseImage}\nCOPY greeting /greeting\nRUN cat /greeting > /said\n`,
      greeting: "hello from the commit\n",
    });
    // A newer commit on the branch must not come into the image of the older one.
    cluster.git.commit(`${owner}/${repository}`, branch, { greeting: "hello from a later commit\n" });
    const id = randomUUID();
    assert.equal(await send({ id, body: pushOf(repository, commit) }), 200);
    const built = await finished(cluster, workflowName(repository, commit, id));
    assert.deepEqual(statusOf(built), { phase: "Succeeded", message: "" });
    assert.deepEqual(Object.fromEntries(ourLabels(built)), {
      "argo-cicd/project": "alog",
      "argo-cicd/repository": repository,
      "argo-cicd/service": repository,
      "argo-cicd/git-tag": "",
      "argo-cicd/branch": branch,
      "argo-cicd/commit": commit,
    });
    const tagged = `${branch}-${commit.slice(0, 7)}`;
    const [exact, moving] = await Promise.all(
      [tagged, branch].map((tag) => imageAt(cluster.registry.url, `chromato99/${repository}`, tag)),
    );
    assert.equal(await exact?.read("said"), "hello from the commit\n");
    assert.equal(exact?.labels["org.opencontainers.image.revision"], commit);
    assert.equal(moving?.digest, exact.digest);
  });

  it("is refused without the right signature", async () => {
    const before = await names();
    const body = pushOf("alog-service-user", randomCommit());
    const { key } = trigger;
    for (const signatures of [
      {},
      bySha256("another key", body),
      bySha256(key, `${body} `),
      bySha1("", body),
    ]) {
      assert.equal(await send({ body, signatures }), 400, JSON.stringify(signatures));
    }
    await trigger.settle();
    assert.deepEqual((await names()).length, before.length + 1);
  });

  it("starts no build when only the weaker signature of older GitHubs is right", async () => {
    const before = await names();
    const body = pushOf("alog-service-user", randomCommit());
    // Argo Events takes it; the Sensor does not.
    assert.equal(await send({ body, signatures: bySha1(trigger.key, body) }), 200);
    await trigger.settle();
    assert.equal((await names()).length, before.length + 1);
  });

  const silent: Readonly<Record<string, () => Delivery>> = {
    "a ping": () => ({ event: "ping", body: pushOf("alog-service-user", randomCommit()) }),
    "the deletion of the branch": () => ({ body: pushOf("alog-service-user", "0".repeat(40)) }),
    "a tag": () => ({ body: pushOf("alog-service-user", randomCommit(), `refs/tags/${branch}`) }),
    "another branch": () => ({ body: pushOf("alog-service-user", randomCommit(), "refs/heads/main") }),
    "a branch that begins the same": () => ({
      body: pushOf("alog-service-user", randomCommit(), `refs/heads/${branch}-x`),
    }),
    "a repository that is not declared": () => ({ body: pushOf("alog-service-unknown", randomCommit()) }),
    "a repository of the other project": () => ({ body: pushOf("aform-service-user", randomCommit()) }),
    "a fork of the same name": () => ({
      body: pushOf("alog-service-user", randomCommit(), `refs/heads/${branch}`, "somebody"),
    }),
  };
  for (const [what, delivery] of Object.entries(silent)) {
    it(`starts no build when it is ${what}`, async () => {
      const before = await names();
      assert.equal(await send(delivery()), 200);
      await trigger.settle();
      assert.equal((await names()).length, before.length + 1);
    });
  }

  it("is one build when GitHub delivers it three times, and another when the branch is set back to it", async () => {
    const repository = "alog-service-issue";
    const [commit, id, later] = [randomCommit(), randomUUID(), randomUUID()];
    const body = pushOf(repository, commit);
    for (let time = 0; time < 3; time++) assert.equal(await send({ id, body }), 200);
    assert.equal(await send({ id: later, body }), 200);
    await trigger.started(workflowName(repository, commit, later));
    await trigger.settle();
    const ofCommit = (await names()).filter((name) => name.includes(commit.slice(0, 12)));
    assert.deepEqual(
      ofCommit.sort(),
      [workflowName(repository, commit, id), workflowName(repository, commit, later)].sort(),
    );
  });
});

async function finished({ api }: BuildCluster, name: string): Promise<ClusterObject> {
  return until(
    `the Workflow ${name} has finished`,
    async () => {
      const one = await api.get(...workflow, name, "ci");
      return ["Succeeded", "Failed", "Error"].includes(statusOf(one).phase) ? one : undefined;
    },
    120,
  );
}

function statusOf({ status }: ClusterObject): { phase: string; message: string } {
  const { phase = "", message = "" } = (status ?? {}) as { phase?: string; message?: string };
  return { phase, message };
}

function ourLabels({ metadata: { labels = {} } }: ClusterObject): [string, string][] {
  return Object.entries(labels).filter(([key]) => key.startsWith("argo-cicd/"));
}

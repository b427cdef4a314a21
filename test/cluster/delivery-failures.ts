/** What becomes of a delivery that cannot go on: the reason is reported, and what runs goes on running. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { ClusterObject } from "../support/cluster-api.ts";
import type { Delivered, Edit } from "../support/cluster-delivered.ts";
import { deliveredOf } from "../support/cluster-delivered.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { until } from "../support/cluster-wait.ts";

/** For what never becomes live. */
const hasty: Edit = { timeLimit: "20s" };

/** @param started the cluster, with Argo CD and what updates images, once it stands */
export function describeFailures(started: () => BuildCluster): void {
  describe("that fails", { concurrency: 1 }, () => {
    let cluster: BuildCluster;
    let alog: Delivered;
    before(async () => {
      cluster = started();
      alog = await deliveredOf(cluster, "alog");
    });

    /** What is wrong with the Application, as text. */
    const isNotified = (word: RegExp) =>
      until("the error is reported", async () => {
        const { conditions = [] } = (await alog.application())["status"] as {
          conditions?: { message: string }[];
        };
        return conditions.some(({ message }) => word.test(message));
      });

    it("of a cluster repository that cannot be read is reported in plain text, and goes on when it is there", async () => {
      await isNotified(/repository not found/);
      await alog.commitManifests();
      await alog.repository.push(alog.commit("first")).succeeds();
      assert.deepEqual(await alog.running(), [await alog.imageAt("develop")]);
    });

    it("that does not become live is reported with the reason, and what runs goes on running", async () => {
      const before = await alog.runningBefore();
      await alog.applyStack(hasty);
      // A program that ran for a moment would have been ready for it, and the pod before would go.
      const broken = alog.repository.commit({
        Dockerfile: `FROM ${cluster.baseImage}\nCMD ["/nowhere"]\n`,
      });
      await alog.repository.push(broken).fails();
      assert.match(
        alog.wordsOf(broken),
        /\nfailure: not live after 20 s: alog: Deployment alog-service-user is (Progressing|Degraded): /,
      );
      assert.match(alog.repository.reported(broken).at(-1) ?? "", /^success: moved develop/);
      assert.deepEqual(await alog.running(), before);
    });

    it("of manifests that cannot be found is reported too, and a new build goes on when they are there again", async () => {
      const before = await alog.runningBefore();
      await alog.applyStack({ ...hasty, path: "nowhere" });
      const commit = alog.commit("third");
      await alog.repository.push(commit).fails();
      assert.match(
        alog.wordsOf(commit),
        /\nfailure: not live after 20 s: alog: nowhere: app path does not exist/,
      );
      assert.deepEqual(await alog.running(), before);
      await alog.applyStack({});
      // The Image Updater has passed over what Argo CD could not read, and is not notified of it again.
      await alog.repository.push(commit).succeeds();
      assert.deepEqual(await alog.running(), [await alog.imageAt("develop")]);
    });

    for (const [what, source, word] of [
      ["a revision that does not exist", { targetRevision: "no-such-branch" }, /no-such-branch/],
      [
        "a repository that is not the project's",
        { repoURL: "https://github.com/a/b.git" },
        /is not permitted in project/,
      ],
    ] as const) {
      it(`of ${what} is an error of the Application in plain text, and what runs goes on running`, async () => {
        const before = await alog.runningBefore();
        const spec = alog.declared["spec"] as { source: object };
        const changed = { ...spec, source: { ...spec.source, ...source } };
        await cluster.api.apply({ ...alog.declared, spec: changed } satisfies ClusterObject);
        await isNotified(word);
        assert.deepEqual(await alog.running(), before);
        await alog.applyStack({});
      });
    }
  });
}

/** Deliveries that fail: the reason is reported, and the version that runs keeps running. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { ClusterObject } from "../support/cluster-api.ts";
import type { Delivered, Edit } from "../support/cluster-delivered.ts";
import { deliveredOf } from "../support/cluster-delivered.ts";
import { applyCatchUp, endedWorkflow, startWorkflow } from "../support/cluster-catch-up.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { until } from "../support/cluster-wait.ts";

/** For builds that never become live. */
const hasty: Edit = { timeLimit: "20s" };

/** @param started returns the cluster once it has started, with Argo CD and the Image Updater's stand-in */
export function describeFailures(started: () => BuildCluster): void {
  describe("that fails", { concurrency: 1 }, () => {
    let cluster: BuildCluster;
    let alog: Delivered;
    before(async () => {
      cluster = started();
      alog = await deliveredOf(cluster, "alog");
    });

    /** Waits until a condition of the Application matches. */
    const reportsError = (message: RegExp) =>
      until("the error is reported", async () => {
        const { conditions = [] } = (await alog.application())["status"] as {
          conditions?: { message: string }[];
        };
        return conditions.some((condition) => message.test(condition.message));
      });

    it("because its cluster repository cannot be read reports the error, and continues once it can be read", async () => {
      await reportsError(/repository not found/);
      await alog.commitManifests();
      await alog.repository.push(alog.commit("first")).succeeds();
      assert.deepEqual(await alog.running(), [await alog.imageAt("develop")]);
    });

    it("to become live reports the reason, and leaves what runs running", async () => {
      const before = await alog.runningBefore();
      await alog.applyStack(hasty);
      // A program that ran even for a moment would be ready for that moment, and the old pod would be removed.
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

    it("for lack of manifests reports that, and the catch-up continues once they are back", async () => {
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
      // The Image Updater has skipped what Argo CD could not read.
      const catchUp = await applyCatchUp(cluster, alog.service);
      await until("the image runs", async () => {
        await endedWorkflow(cluster, await startWorkflow(cluster, catchUp));
        return (await alog.running()).join() === (await alog.imageAt("develop"));
      });
      assert.match(alog.repository.reported(commit).at(-1) ?? "", /^success: moved develop/);
    });

    for (const [what, source, message] of [
      ["a revision that does not exist", { targetRevision: "no-such-branch" }, /no-such-branch/],
      [
        "a repository that is not the project's",
        { repoURL: "https://github.com/a/b.git" },
        /is not permitted in project/,
      ],
    ] as const) {
      it(`because of ${what} is reported as an error of the Application, and leaves what runs running`, async () => {
        const before = await alog.runningBefore();
        const spec = alog.declared["spec"] as { source: object };
        const changed = { ...spec, source: { ...spec.source, ...source } };
        await cluster.api.apply({ ...alog.declared, spec: changed } satisfies ClusterObject);
        await reportsError(message);
        assert.deepEqual(await alog.running(), before);
        await alog.applyStack({});
      });
    }
  });
}

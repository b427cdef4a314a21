/** From the push to the pod that runs it, on real components. Only the Image Updater is a stand-in. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { namespaces } from "../support/cluster-argo.ts";
import type { Delivered } from "../support/cluster-delivered.ts";
import { deliveredOf } from "../support/cluster-delivered.ts";
import { secretValue } from "../support/cluster-objects.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { namespace, owner, workflow } from "../support/cluster-trigger.ts";
import { until } from "../support/cluster-wait.ts";
import type { Updater } from "../support/updater-stand-in.ts";
import { startUpdater, updaterService } from "../support/updater-stand-in.ts";
import { describeFailures } from "./delivery-failures.ts";

/** @param started returns the cluster once it has started, with Argo CD */
export function describeDelivery(started: () => BuildCluster): void {
  // Each test has its own Application.
  describe("a delivery", { concurrency: true }, () => {
    let updater: Updater;
    before(async () => {
      const { api, registry, listen } = started();
      const key = await secretValue(api, namespaces.delivery, "image-updater-webhook", "token");
      updater = await startUpdater(api, { key, registry, address: listen });
      for (const one of updaterService(updater.url)) await api.apply(one);
    });
    after(() => updater.close());

    describeImages(started, () => updater);
    itIsClosed(started);
    describeFailures(started);
  });
}

function describeImages(started: () => BuildCluster, updater: () => Updater): void {
  describe("of one image after another", { concurrency: 1 }, () => {
    let cluster: BuildCluster;
    let aform: Delivered;
    before(async () => {
      cluster = started();
      aform = await deliveredOf(cluster, "aform");
    });

    it("goes from the push to the pod, and is reported to GitHub", async () => {
      await aform.commitManifests();
      const commit = aform.commit("first");
      await aform.repository.push(commit).succeeds();
      assert.deepEqual(await aform.running(), [await aform.imageAt("main")]);
      assert.deepEqual(
        aform.deploymentsOf(commit).map(({ environment }) => environment),
        ["develop"],
      );
      assert.match(
        aform.wordsOf(commit),
        // States that last less than ten seconds are not reported. If Argo loses track of a pod, it starts another,
        // which reports the same states of the same Deployment.
        /^((queued|in_progress): .*\n)*success: live \d+ s after the push(\n.*)*$/,
      );
      const [workflowOf] = await cluster.api.list(...workflow, namespace, `argo-cicd/commit=${commit}`);
      const { conditions = [] } = workflowOf?.["status"] as { conditions?: { type: string }[] };
      assert.ok(!conditions.some(({ type }) => type.endsWith("Error")), JSON.stringify(conditions));
      assert.match(
        await metrics(cluster),
        new RegExp(`^argo_workflows_push_to_live_seconds_count{.*service="${aform.service}".*} 1$`, "m"),
      );
    });

    it("follows the next image at once", async (context) => {
      const [first] = updater().eventsOf(aform.image);
      const run = aform.repository.push(aform.commit("second"));
      const notified = await until(
        "the updater was notified",
        () =>
          updater()
            .eventsOf(aform.image)
            .find((time) => time !== first),
        120,
      );
      const digest = await aform.digestOf("main");
      const since = async (what: string, ask: () => Promise<boolean>) => {
        await until(what, ask);
        return `${what} after ${((Date.now() - notified) / 1000).toFixed(1)} s`;
      };
      const has = (object: unknown) => JSON.stringify(object).includes(digest);
      const times = await Promise.all([
        since("the Application has it", async () => has((await aform.application())["spec"])),
        since("the Deployment has it", async () =>
          has((await cluster.api.get("apps/v1", "Deployment", aform.service, "default"))["spec"]),
        ),
        since("a pod runs it", async () => (await aform.running()).some((one) => one.endsWith(digest))),
      ]);
      context.diagnostic(`from the event: ${times.join(", ")}`);
      await run.succeeds();
    });

    it("is kept when the program's objects are applied again", async () => {
      const before = await aform.application();
      await aform.applyStack({});
      const after = await aform.application();
      assert.deepEqual(after["spec"], before["spec"]);
      assert.deepEqual(await aform.running(), [await aform.imageAt("main")]);
    });

    it("stays at the pinned commit, and continues when the pin is removed", async () => {
      const commit = cluster.git.git(`${owner}/${aform.service}`, "rev-parse", "main~1");
      const tag = `main-${commit.slice(0, 7)}`;
      await aform.applyStack({ pin: commit.slice(0, 7) });
      await updater().poll("aform");
      await until(
        "the pinned image runs",
        async () => (await aform.running()).join() === (await aform.imageAt(tag)),
      );
      const newer = aform.commit("while it is pinned");
      await aform.repository.push(newer).succeeds();
      assert.deepEqual(await aform.running(), [await aform.imageAt(tag)]);
      assert.deepEqual(aform.deploymentsOf(newer), []);
      await aform.applyStack({});
      await updater().poll("aform");
      await until(
        "the newest image runs",
        async () => (await aform.running()).join() === (await aform.imageAt("main")),
      );
    });
  });
}

function itIsClosed(started: () => BuildCluster): void {
  it("deploys nothing from an Application of Argo CD's default project", async () => {
    const { api } = started();
    const [own] = await api.list("argoproj.io/v1alpha1", "Application", namespaces.delivery);
    assert.ok(own !== undefined);
    const { source, destination } = own["spec"] as { source: object; destination: object };
    const [apiVersion, kind, name] = ["argoproj.io/v1alpha1", "Application", "escape"] as const;
    const metadata = { name, namespace: namespaces.delivery };
    const spec = { project: "default", source, destination, syncPolicy: { automated: {} } };
    await api.apply({ apiVersion, kind, metadata, spec });
    const conditions = await until("Argo CD refuses it", async () => {
      const { status = {} } = await api.get(apiVersion, kind, name, namespaces.delivery);
      const { conditions: all = [] } = status as { conditions?: { type: string; message: string }[] };
      return all.length > 0 && all;
    });
    assert.deepEqual([...new Set(conditions.map(({ type }) => type))], ["InvalidSpecError"]);
    assert.match(conditions.map(({ message }) => message).join("\n"), /not permitted in project 'default'/);
    await api.remove(apiVersion, kind, name, namespaces.delivery);
  });
}

/** @returns the workflow controller's metrics */
async function metrics({ api }: BuildCluster): Promise<string> {
  const pods = await api.list("v1", "Pod", namespaces.workflows);
  const controller = pods.find(({ metadata }) => metadata.name.includes("workflow-controller"));
  const pod = `${controller?.metadata.name ?? ""}:9090`;
  return String(await api.call(`/api/v1/namespaces/${namespaces.workflows}/pods/${pod}/proxy/metrics`));
}

/** A commit that no delivery announces is built anyway. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { ClusterObject } from "../support/cluster-api.ts";
import { builderOf } from "../support/cluster-builds.ts";
import type { BuiltRepository } from "../support/cluster-builds.ts";
import { existing } from "../support/cluster-environment.ts";
import { titleOf } from "../support/cluster-objects.ts";
import { applyCatchUp, endedWorkflow, phaseOf, startWorkflow } from "../support/cluster-catch-up.ts";
import { addLostNode, atPlace } from "../support/cluster-lost-node.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { applyTemplate } from "../support/cluster-template.ts";
import { namespace, owner, workflow } from "../support/cluster-trigger.ts";
import { until } from "../support/cluster-wait.ts";

/** No other test builds this service. */
const service = "aform-service-ai";
const cronWorkflow = ["argoproj.io/v1alpha1", "CronWorkflow"] as const;

/** @param started returns the cluster once it has started */
export function describeCatchUp(started: () => BuildCluster): void {
  // All of them build the same repository.
  describe("a build that no push has started", { concurrency: 1 }, () => {
    let cluster: BuildCluster;
    let one: BuiltRepository;
    /** The WorkflowTemplate of the catch-up. */
    let catchUp: string;
    before(async () => {
      cluster = started();
      one = (await builderOf(cluster, "aform")).of(service);
      catchUp = await applyCatchUp(cluster, service);
    });

    it("starts when the CronWorkflow is due, and only once", async () => {
      const commit = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nRUN true\n` });
      const expected = `${service}-${commit.slice(0, 12)}-catch-up`;
      await onSchedule(cluster, catchUp, expected);
      const build = await endedWorkflow(cluster, expected);
      assert.equal(phaseOf(build), "Succeeded");
      assert.equal(build.metadata.labels?.["argo-cicd/started-by"], "catch-up");
      assert.equal(build.metadata.labels["argo-cicd/commit"], commit);
      const image = await one.image("main");
      assert.equal(image?.labels["org.opencontainers.image.revision"], commit);
      assert.match(one.reported(commit).at(-1) ?? "", /^success: moved main, /);

      const again = await endedWorkflow(cluster, await startWorkflow(cluster, catchUp));
      assert.deepEqual([outputOf(again, "started"), outputOf(again, "unanswered")], ["0", "0"]);
      // Nor if only the registry shows that the commit was built.
      await cluster.api.remove(...workflow, build.metadata.name, namespace);
      const without = await endedWorkflow(cluster, await startWorkflow(cluster, catchUp));
      assert.deepEqual([outputOf(without, "started"), outputOf(without, "unanswered")], ["0", "0"]);
    });

    it("whose end could not be reported to GitHub is reported by the next catch-up", async () => {
      const commit = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nRUN false\n` });
      const { limited } = cluster.statuses;
      limited.add(`${owner}/${service}@${commit}`);
      const build = await endedWorkflow(
        cluster,
        await startWorkflow(cluster, service, [{ name: "commit", value: commit }]),
      );
      assert.equal(build.metadata.labels?.["argo-cicd/unreported"], "true");
      assert.deepEqual(one.reported(commit), []);
      limited.delete(`${owner}/${service}@${commit}`);
      await endedWorkflow(cluster, await startWorkflow(cluster, catchUp));
      assert.match(one.reported(commit).join("\n"), /^failure: build failed/);
      const { metadata } = await cluster.api.get(...workflow, build.metadata.name, namespace);
      assert.equal(metadata.labels?.["argo-cicd/unreported"], undefined);
    });

    it("runs elsewhere after its node is lost", { skip: noOwnNodes }, async () => {
      const { api } = cluster;
      const node = await addLostNode(api);
      try {
        const template = cluster.objects.find(
          (object) => titleOf(object) === `WorkflowTemplate ${namespace}/${service}`,
        );
        assert.ok(template !== undefined);
        await applyTemplate(api, atPlace(template, lostNodeBuild));
        const commit = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nRUN true\n` });
        const run = await startWorkflow(cluster, lostNodeBuild, [{ name: "commit", value: commit }]);
        const pod = await until("the build is on the lost node", () => podOn(cluster, node.name));
        // By this label, the catch-up finds that no push was lost.
        await until("the build has its commit's label", async () => {
          const { metadata } = await api.get(...workflow, run, namespace);
          return metadata.labels?.["argo-cicd/commit"] === commit;
        });
        await node.runs(pod, namespace);
        await node.leave();
        // As Kubernetes does when a node has not responded for five minutes. No kubelet ends the pod.
        await api.call(`${podsPath}/${pod}?gracePeriodSeconds=1`, { method: "DELETE" });
        assert.equal(await podOn(cluster, node.name), pod);
        await until("the pod is gone", async () => {
          await endedWorkflow(cluster, await startWorkflow(cluster, catchUp));
          return (await podOn(cluster, node.name)) === undefined;
        });
        assert.equal(phaseOf(await endedWorkflow(cluster, run)), "Succeeded");
        assert.equal((await one.imageOf(commit))?.labels["org.opencontainers.image.revision"], commit);
      } finally {
        await node.remove();
      }
    });
  });
}

const noOwnNodes = existing === undefined ? false : "the tests add no nodes to an existing cluster";
const lostNodeBuild = "build-on-lost-node";
const podsPath = `/api/v1/namespaces/${namespace}/pods`;

async function podOn({ api }: BuildCluster, node: string): Promise<string | undefined> {
  const pods = await api.list("v1", "Pod", namespace);
  return pods.find(({ spec }) => (spec as { nodeName?: string }).nodeName === node)?.metadata.name;
}

/** Has Argo run the catch-up every minute until the build exists. */
async function onSchedule({ api, objects }: BuildCluster, name: string, build: string): Promise<void> {
  const own = objects.find((object) => titleOf(object) === `CronWorkflow ${namespace}/catch-up`);
  assert.ok(own !== undefined);
  const spec = {
    ...(own["spec"] as object),
    schedules: ["* * * * *"],
    workflowSpec: { workflowTemplateRef: { name } },
  };
  await api.apply({ ...own, metadata: { name, namespace }, spec });
  try {
    // A run that cannot query everything in time leaves the build to the next. A run may not learn that it started one.
    await until(
      "a run of the CronWorkflow has started the build",
      () => api.find(...workflow, build, namespace),
      240,
    );
  } finally {
    await api.remove(...cronWorkflow, name, namespace);
  }
}

function outputOf(run: ClusterObject, output: string): string | undefined {
  const { nodes = {} } = run["status"] as {
    nodes?: Record<string, { outputs?: { parameters?: readonly { name: string; value?: string }[] } }>;
  };
  return Object.values(nodes)
    .flatMap(({ outputs }) => outputs?.parameters ?? [])
    .find((one) => one.name === output)?.value;
}

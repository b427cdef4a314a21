/** A commit of which no delivery tells is built all the same. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import type { ClusterObject } from "../support/cluster-api.ts";
import { builderOf } from "../support/cluster-builds.ts";
import type { BuiltRepository } from "../support/cluster-builds.ts";
import { titleOf } from "../support/cluster-objects.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { applyTemplate } from "../support/cluster-template.ts";
import { namespace, workflow } from "../support/cluster-trigger.ts";
import { until } from "../support/cluster-wait.ts";

/** No other test builds it. */
const service = "aform-service-ai";
const name = "catch-up-of-one";
const cronWorkflow = ["argoproj.io/v1alpha1", "CronWorkflow"] as const;

/** @param started the cluster, once it stands */
export function describeCatchUp(started: () => BuildCluster): void {
  describe("what no push has started", () => {
    let cluster: BuildCluster;
    let one: BuiltRepository;
    before(async () => {
      cluster = started();
      one = (await builderOf(cluster, "aform")).of(service);
      await applyLook(cluster);
    });

    it("is built when the CronWorkflow is due, and a second look starts nothing", async () => {
      const commit = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nRUN true\n` });
      const scheduled = await atNextMinute(cluster);
      assert.equal(outputOf(scheduled, "started"), "1");
      assert.equal(outputOf(scheduled, "unanswered"), "0");
      const build = await ended(cluster, `${service}-${commit.slice(0, 12)}-catch-up`);
      assert.equal(phaseOf(build), "Succeeded");
      assert.equal(build.metadata.labels?.["argo-cicd/started-by"], "catch-up");
      assert.equal(build.metadata.labels["argo-cicd/commit"], commit);
      const image = await one.image("main");
      assert.equal(image?.labels["org.opencontainers.image.revision"], commit);
      assert.match(one.told(commit).at(-1) ?? "", /^success: moved main, /);

      const again = await byHand(cluster);
      assert.deepEqual([outputOf(again, "started"), outputOf(again, "unanswered")], ["0", "0"]);
      // Nor when nothing but the registry tells.
      await cluster.api.remove(...workflow, build.metadata.name, namespace);
      const without = await byHand(cluster);
      assert.deepEqual([outputOf(without, "started"), outputOf(without, "unanswered")], ["0", "0"]);
    });
  });
}

/** The stack's own look, for one service: commits of others are pushed by their tests. */
async function applyLook({ api, objects }: BuildCluster): Promise<void> {
  const [list, template] = [`ConfigMap ${namespace}/catch-up`, `WorkflowTemplate ${namespace}/catch-up`].map(
    (title) => objects.find((object) => titleOf(object) === title),
  );
  assert.ok(list !== undefined && template !== undefined);
  const { builds } = JSON.parse((list["data"] as Record<string, string>)["builds.json"] ?? "") as {
    builds: { service: string }[];
  };
  const data = {
    "builds.json": JSON.stringify({ builds: builds.filter((build) => build.service === service) }),
  };
  await api.apply({ ...list, metadata: { name, namespace }, data });
  const spec = JSON.stringify(template["spec"])
    .replace('"name":"catch-up"', `"name":"${name}"`)
    .replace('"value":"60"', '"value":"1"');
  assert.ok(spec.includes(`"${name}"`) && spec.includes('"value":"1"'));
  await applyTemplate(api, { ...template, metadata: { name, namespace }, spec: JSON.parse(spec) as object });
}

/** Lets Argo start it by the clock. */
async function atNextMinute({ api, objects }: BuildCluster): Promise<ClusterObject> {
  const own = objects.find((object) => titleOf(object) === `CronWorkflow ${namespace}/catch-up`);
  assert.ok(own !== undefined);
  const spec = {
    ...(own["spec"] as object),
    schedules: ["* * * * *"],
    workflowSpec: { workflowTemplateRef: { name } },
  };
  await api.apply({ ...own, metadata: { name, namespace }, spec });
  try {
    return await until(
      "a run of the CronWorkflow has started a build",
      async () => {
        const runs = await api.list(...workflow, namespace, `workflows.argoproj.io/cron-workflow=${name}`);
        // One that could not ask everybody in time leaves it to the next.
        return runs.find((run) => phaseOf(run) === "Succeeded" && outputOf(run, "started") === "1");
      },
      240,
    );
  } finally {
    await api.remove(...cronWorkflow, name, namespace);
  }
}

async function byHand(cluster: BuildCluster): Promise<ClusterObject> {
  const [apiVersion, kind] = workflow;
  const run = `${name}-${randomUUID().slice(0, 8)}`;
  const spec = { workflowTemplateRef: { name } };
  await cluster.api.apply({ apiVersion, kind, metadata: { name: run, namespace }, spec });
  return ended(cluster, run);
}

function ended({ api }: BuildCluster, run: string): Promise<ClusterObject> {
  return until(
    `the Workflow ${run} has ended`,
    async () => {
      const found = await api.find(...workflow, run, namespace);
      return found !== undefined && ["Succeeded", "Failed", "Error"].includes(phaseOf(found))
        ? found
        : undefined;
    },
    240,
  );
}

interface Status {
  readonly phase?: string;
  readonly nodes?: Readonly<
    Record<
      string,
      { readonly outputs?: { readonly parameters?: readonly { name: string; value?: string }[] } }
    >
  >;
}

function phaseOf(run: ClusterObject): string {
  return (run["status"] as Status | undefined)?.phase ?? "";
}

function outputOf(run: ClusterObject, output: string): string | undefined {
  const { nodes = {} } = run["status"] as Status;
  return Object.values(nodes)
    .flatMap(({ outputs }) => outputs?.parameters ?? [])
    .find((one) => one.name === output)?.value;
}

/** Builds of pull requests and of other branches, on real components. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { it } from "node:test";
import type { ClusterObject } from "../support/cluster-api.ts";
import type { BuiltRepository } from "../support/cluster-builds.ts";
import { builderOf, endOf, ourLabels } from "../support/cluster-builds.ts";
import { pullRequestPayload, pushPayload } from "../support/cluster-deliveries.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { namespace, owner, triggerOf, workflow, workflowName } from "../support/cluster-trigger.ts";
import { until } from "../support/cluster-wait.ts";

async function shopApi(cluster: BuildCluster): Promise<BuiltRepository> {
  return (await builderOf(cluster, "shop")).of("shop", "shop-api");
}

interface Expected {
  readonly commit: string;
  readonly tag: string;
  /** The end of the status context at GitHub. */
  readonly suffix: string;
  /** The labels of the ref, beside those of the service. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Asserts that the build set only the image's own tag. @returns the image, and the commit's last status at GitHub */
async function assertApart(
  cluster: BuildCluster,
  one: BuiltRepository,
  ended: ClusterObject,
  { commit, tag, suffix, labels }: Expected,
) {
  const { phase, message } = ended["status"] as { phase?: string; message?: string };
  assert.deepEqual([phase, message], ["Succeeded", undefined]);
  assert.deepEqual(ourLabels(ended), {
    "argo-cicd/project": "shop",
    "argo-cicd/repository": "shop",
    "argo-cicd/service": "shop-api",
    "argo-cicd/git-tag": "",
    "argo-cicd/commit": commit,
    ...labels,
  });
  const image = await one.image(tag);
  assert.equal(image?.labels["org.opencontainers.image.revision"], commit);
  assert.equal(await one.imageOf(commit), undefined);
  // Another test moves it at the same time.
  const moving = await one.image("develop");
  assert.notEqual(moving?.labels["org.opencontainers.image.revision"], commit);
  const reported = reportedOf(cluster, commit);
  assert.deepEqual(
    [...new Set(reported.map(({ context }) => context))],
    [`argo-cicd/develop/shop-api/${suffix}`],
  );
  return { image, last: reported.at(-1) };
}

function reportedOf({ statuses }: BuildCluster, commit: string) {
  return statuses.taken
    .filter((one) => one.repository === `${owner}/shop` && one.commit === commit)
    .map(({ status }) => status);
}

/** @param started returns the cluster once it has started */
export function itBuildsRefs(started: () => BuildCluster): void {
  it("of a pull request creates an image under its own tag and moves no other; a fork's starts no build", async () => {
    const cluster = started();
    const one = await shopApi(cluster);
    const slug = `${owner}/shop`;
    const trigger = await triggerOf(cluster, "shop");
    const files = { "api/Dockerfile": `FROM ${cluster.baseImage}\nRUN true\n` };
    // Before it, a build by hand has set tags, a step that builds of pull requests skip.
    await one.byHand({ commit: cluster.git.commit(slug, "topic", files), tag: "v0.1.0" }).succeeds();
    const commit = cluster.git.commit(slug, "topic", { ...files, "api/changed": "" });
    cluster.git.git(slug, "update-ref", "refs/pull/17/head", commit);
    const send = async (from: string, number: number) => {
      const id = randomUUID();
      const payload = pullRequestPayload({ repository: slug, from, into: "develop", number, commit });
      assert.equal(await trigger.send({ id, event: "pull_request", body: JSON.stringify(payload) }), 200);
      return workflowName("shop-api", commit, id);
    };
    const fork = await send("somebody/shop", 18);
    const own = await send(slug, 17);
    const ended = await endOf(cluster, own);
    const { last } = await assertApart(cluster, one, ended, {
      ...{ commit, tag: `pull-17-${commit.slice(0, 7)}`, suffix: "pull-request" },
      labels: {
        "argo-cicd/branch": "pull-17",
        "argo-cicd/pull-request": "17",
        "argo-cicd/other-branch": "",
      },
    });
    assert.equal(last?.state, "success");
    assert.equal(await cluster.api.find(...workflow, fork, namespace), undefined);
  });

  it("of another branch creates an image under its own tag, and stops only that branch's older build", async () => {
    const cluster = started();
    const one = await shopApi(cluster);
    const slug = `${owner}/shop`;
    const trigger = await triggerOf(cluster, "shop");
    const push = async (branch: string, run: string, ref = `refs/heads/${branch}`) => {
      const files = { "api/Dockerfile": `FROM ${cluster.baseImage}\nRUN ${run}\n` };
      const commit = cluster.git.commit(slug, branch, files);
      const id = randomUUID();
      const payload = pushPayload({ repository: slug, commit, ref, changed: ["api/Dockerfile"] });
      assert.equal(await trigger.send({ id, body: JSON.stringify(payload) }), 200);
      return { commit, name: workflowName("shop-api", commit, id) };
    };
    const hostile = await push("feature/hostile", "true", "refs/heads/feature/$(id){{workflow.name}}");
    const older = await push("feature/a_1", "sleep 900");
    // Creation times are whole seconds: of two builds created in the same second, neither is older.
    await until("the older build has started", () => reportedOf(cluster, older.commit).length > 0);
    const { commit, name } = await push("feature/a_1", "echo newer");
    const [ended, stopped] = [await endOf(cluster, name), await endOf(cluster, older.name)];
    const tag = `branch-feature-a_1-${commit.slice(0, 7)}`;
    const { image, last } = await assertApart(cluster, one, ended, {
      ...{ commit, tag, suffix: "branch" },
      labels: {
        "argo-cicd/branch": "branch-feature-a_1",
        "argo-cicd/pull-request": "",
        "argo-cicd/other-branch": "feature-a_1",
      },
    });
    assert.equal(ourLabels(stopped)["argo-cicd/superseded-by"], commit);
    assert.equal(last?.description, `${tag} is in the registry, ${image.digest}`);
    assert.equal(
      reportedOf(cluster, older.commit).at(-1)?.description,
      `superseded by ${commit.slice(0, 7)}`,
    );
    assert.equal(await cluster.api.find(...workflow, hostile.name, namespace), undefined);
  });
}

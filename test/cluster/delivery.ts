/** From the push to the pod that runs what was pushed, on real parts; only the Image Updater is stood in for. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { ClusterObject } from "../support/cluster-api.ts";
import { namespaces } from "../support/cluster-argo.ts";
import type { Builder, BuiltRepository } from "../support/cluster-builds.ts";
import { builderOf } from "../support/cluster-builds.ts";
import { secretValue, stackObjects, titleOf } from "../support/cluster-objects.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { deliveredService } from "../support/cluster-stack.ts";
import { isReady } from "../support/cluster-report.ts";
import { namespace, owner, workflow } from "../support/cluster-trigger.ts";
import { templateIsKnown, until } from "../support/cluster-wait.ts";
import type { Config } from "../support/declare.ts";
import type { Updater } from "../support/updater-stand-in.ts";
import { startUpdater, updaterService } from "../support/updater-stand-in.ts";

const application = ["argoproj.io/v1alpha1", "Application"] as const;
const service = deliveredService;
/** @param started the cluster, with Argo CD, once it stands */
export function describeDelivery(started: () => BuildCluster): void {
  describe("a delivery", { concurrency: 1 }, () => {
    let cluster: BuildCluster;
    let updater: Updater;
    let aform: Builder;
    before(async () => {
      cluster = started();
      const { api, registry, listen } = cluster;
      const key = await secretValue(api, namespaces.delivery, "image-updater-webhook", "token");
      updater = await startUpdater(api, { key, registry, address: listen });
      for (const one of updaterService(updater.url)) await api.apply(one);
      aform = await builderOf(cluster, "aform");
    });
    after(() => updater.close());

    /** The manifests of the cluster repository: one of the services, which says which commit it is of. */
    const manifests = (image: string) => ({
      "k8s/kustomization.yaml": "resources: [deployment.yaml]\n",
      "k8s/deployment.yaml": JSON.stringify(deployment(image)),
    });
    const image = () => `${cluster.registry.name}/chromato99/${service}`;
    const commitManifests = async (files: Record<string, string>) => {
      cluster.git.commit(`${owner}/aform-cluster`, "develop", files);
      await refresh();
    };
    /** As Argo CD's webhook does it when it hears of the commit. */
    const refresh = () =>
      cluster.api.call(`/apis/${application[0]}/namespaces/${namespaces.delivery}/applications/aform`, {
        method: "PATCH",
        type: "application/merge-patch+json",
        body: { metadata: { annotations: { "argocd.argoproj.io/refresh": "normal" } } },
      });
    const built = (one: BuiltRepository, word: string) =>
      one.commit({
        Dockerfile: `FROM ${cluster.baseImage}\nCOPY word /word\nCMD ["/bin/busybox", "sleep", "3600"]\n`,
        word: `${word}\n`,
      });
    /** What has run before a test; something has. */
    const runningBefore = async () => {
      const images = await running();
      assert.equal(images.length, 1, images.join());
      return images;
    };
    const running = async () => {
      const pods = await cluster.api.list("v1", "Pod", "default", `app=${service}`);
      return pods
        .filter((pod) => !("deletionTimestamp" in pod.metadata) && isReady(pod))
        .map(({ spec }) => (spec as { containers: { image: string }[] }).containers[0]?.image ?? "");
    };
    const digestOf = async (tag: string) => {
      const image = await aform.of(service).image(tag);
      assert.ok(image !== undefined, `the registry has the tag ${tag}`);
      return image.digest;
    };
    const deploymentsOf = (commit: string) =>
      cluster.statuses.deployments.filter(({ ref }) => ref === commit);
    const wordsOf = (commit: string) =>
      deploymentsOf(commit)
        .flatMap(({ statuses }) => statuses.map(({ state, description = "" }) => `${state}: ${description}`))
        .join("\n");
    /** As `pulumi up` applies what the stack file says of the project: its first application, and the service. */
    const applyStack = async (edit: Edit) => {
      const objects = await stackObjects(edited(cluster.config, edit), "develop");
      const titles = [
        "Application argocd/aform",
        "ImageUpdater argocd/aform",
        `WorkflowTemplate ci/${service}`,
      ];
      for (const one of objects.filter((object) => titles.includes(titleOf(object))))
        await cluster.api.apply(one);
      if (edit.timeLimit !== undefined) await templateIsKnown();
    };

    it("goes from the push to the pod, and GitHub is told", async () => {
      await commitManifests(manifests(`${image()}:latest`));
      const one = aform.of(service);
      const commit = built(one, "first");
      await one.push(commit).succeeds();
      const digest = await digestOf("develop");
      assert.deepEqual(await running(), [`${image()}:develop@${digest}`]);
      const [deployed] = deploymentsOf(commit);
      assert.equal(deployed?.environment, "develop");
      assert.match(
        deployed.statuses.map(({ state, description = "" }) => `${state}: ${description}`).join("\n"),
        /^queued: waiting for Argo CD\nin_progress: Argo CD rolls it out\nsuccess: live \d+ s after the push$/,
      );
      const [workflowOf] = await cluster.api.list(...workflow, namespace, `argo-cicd/commit=${commit}`);
      const { conditions = [] } = workflowOf?.["status"] as { conditions?: { type: string }[] };
      assert.ok(!conditions.some(({ type }) => type.endsWith("Error")), JSON.stringify(conditions));
      assert.match(
        await metrics(cluster),
        new RegExp(`^argo_workflows_push_to_live_seconds_count{.*service="${service}".*} 1$`, "m"),
      );
    });

    it("follows the next image at once", async (context) => {
      const one = aform.of(service);
      const commit = built(one, "second");
      const run = one.push(commit);
      const [first] = updater.heard;
      const heard = await until(
        "the updater has heard",
        () => updater.heard.find((time) => time !== first),
        120,
      );
      const digest = await digestOf("develop");
      const since = async (what: string, ask: () => Promise<boolean>) => {
        await until(what, ask);
        return `${what} after ${((Date.now() - heard) / 1000).toFixed(1)} s`;
      };
      const has = (object: unknown) => JSON.stringify(object).includes(digest);
      const times = await Promise.all([
        since("the Application has it", async () =>
          has((await cluster.api.get(...application, "aform", namespaces.delivery))["spec"]),
        ),
        since("the Deployment has it", async () =>
          has((await cluster.api.get("apps/v1", "Deployment", service, "default"))["spec"]),
        ),
        since("a pod runs it", async () => (await running()).some((one) => one.endsWith(digest))),
      ]);
      context.diagnostic(`from the event: ${times.join(", ")}`);
      await run.succeeds();
    });

    it("is undone by nobody: the program's objects, applied again, change nothing", async () => {
      const before = await cluster.api.get(...application, "aform", namespaces.delivery);
      await applyStack({});
      const after = await cluster.api.get(...application, "aform", namespaces.delivery);
      assert.deepEqual(after["spec"], before["spec"]);
      assert.deepEqual(await running(), [`${image()}:develop@${await digestOf("develop")}`]);
    });

    it("stays at the commit of a pin, and goes on without it", async () => {
      const one = aform.of(service);
      const commit = cluster.git.git(`${owner}/${service}`, "rev-parse", "develop~1");
      const tag = `develop-${commit.slice(0, 7)}`;
      await applyStack({ pin: commit.slice(0, 7) });
      await updater.poll();
      await until(
        "the pinned image runs",
        async () => (await running()).join() === `${image()}:${tag}@${await digestOf(tag)}`,
      );
      const newer = built(one, "while it is pinned");
      await one.push(newer).succeeds();
      assert.deepEqual(await running(), [`${image()}:${tag}@${await digestOf(tag)}`]);
      assert.deepEqual(deploymentsOf(newer), []);
      await applyStack({});
      await updater.poll();
      await until(
        "the newest image runs",
        async () => (await running()).join() === `${image()}:develop@${await digestOf("develop")}`,
      );
    });

    it("that does not become live is told with the reason, and what runs goes on running", async () => {
      const before = await runningBefore();
      await applyStack(hasty);
      const one = aform.of(service);
      // A program that ran for a moment would have been ready for it, and the pod before would go.
      const broken = one.commit({ Dockerfile: `FROM ${cluster.baseImage}\nCMD ["/nowhere"]\n` });
      await one.push(broken).fails();
      assert.match(
        wordsOf(broken),
        /\nfailure: not live after 12 s: aform: Deployment aform-service-user is (Progressing|Degraded): /,
      );
      assert.match(one.told(broken).at(-1) ?? "", /^success: moved develop/);
      assert.deepEqual(await running(), before);
    });

    it("of manifests that cannot be found is told too, and goes on when they are there again", async () => {
      const before = await runningBefore();
      await applyStack({ ...hasty, path: "nowhere" });
      const one = aform.of(service);
      const commit = built(one, "third");
      await one.push(commit).fails();
      assert.match(
        wordsOf(commit),
        /\nfailure: not live after 12 s: aform: nowhere: app path does not exist/,
      );
      assert.deepEqual(await running(), before);
      await applyStack({});
      await until("the image runs", async () => (await running()).join().endsWith(await digestOf("develop")));
    });

    it("of a cluster repository that cannot be read is a fault of the Application in words", async () => {
      // The git server has none for alog.
      const { status } = await cluster.api.get(...application, "alog", namespaces.delivery);
      assert.match(JSON.stringify(status), /"message":"[^"]*repository not found/);
    });

    for (const [what, source, word] of [
      ["a revision that is not there", { targetRevision: "no-such-branch" }, /no-such-branch/],
      [
        "a repository that is not the project's",
        { repoURL: "https://github.com/a/b.git" },
        /is not permitted in project/,
      ],
    ] as const) {
      it(`of ${what} is a fault of the Application in words, and what runs goes on running`, async () => {
        const before = await runningBefore();
        const own = cluster.objects.find((one) => titleOf(one) === "Application argocd/aform");
        const spec = own?.["spec"] as { source: object };
        const changed = { ...own, spec: { ...spec, source: { ...spec.source, ...source } } } as ClusterObject;
        await cluster.api.apply(changed);
        await until("the fault is told", async () => {
          const { status } = await cluster.api.get(...application, "aform", namespaces.delivery);
          const { conditions = [] } = status as { conditions?: { message: string }[] };
          return conditions.some(({ message }) => word.test(message));
        });
        assert.deepEqual(await running(), before);
        await applyStack({});
      });
    }
  });
}

/** What the workflow controller counts. */
async function metrics({ api }: BuildCluster): Promise<string> {
  const pods = await api.list("v1", "Pod", namespaces.workflows);
  const controller = pods.find(({ metadata }) => metadata.name.includes("workflow-controller"));
  const pod = `${controller?.metadata.name ?? ""}:9090`;
  return String(await api.call(`/api/v1/namespaces/${namespaces.workflows}/pods/${pod}/proxy/metrics`));
}

function deployment(image: string): object {
  const labels = { app: service };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: service },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "main", image }] },
      },
    },
  };
}

interface EditedProject {
  repositories: unknown[];
  applications: Config[];
}

interface Edit {
  readonly pin?: string;
  readonly path?: string;
  readonly timeLimit?: string;
}

/** For what never becomes live. */
const hasty: Edit = { timeLimit: "12s" };

function edited(config: Config, { pin, path, timeLimit }: Edit): Config {
  const copy = structuredClone(config);
  if (timeLimit !== undefined) copy["delivery"] = { ...(copy["delivery"] as Config), timeLimit };
  const { aform } = copy["projects"] as Record<"aform", EditedProject>;
  if (pin !== undefined) {
    aform.repositories = aform.repositories.map((one) => (one === service ? { name: service, pin } : one));
  }
  if (path !== undefined) aform.applications = aform.applications.map((one) => ({ ...one, path }));
  return copy;
}

/** `pulumi up` of a committed stack on a cluster, by the real engine and provider: interrupted, edited, destroyed. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { charts } from "../../components/charts/charts.ts";
import { confined, unprivileged } from "../../components/kinds/security.ts";
import type { ChartRepository } from "../support/chart-archive.ts";
import type { ClusterApi, ClusterObject } from "../support/cluster-api.ts";
import { chartContents, serveCharts } from "../support/cluster-charts.ts";
import { existing } from "../support/cluster-environment.ts";
import { secretValue } from "../support/cluster-objects.ts";
import type { OwnSite } from "../support/cluster-own.ts";
import { startOwnSite } from "../support/cluster-own.ts";
import { describeCluster } from "../support/cluster-report.ts";
import { until } from "../support/cluster-wait.ts";
import type { Config } from "../support/declare.ts";
import { deletableNamespaces, smallProject } from "../support/declare.ts";
import type { Engine } from "../support/engine.ts";
import { startEngine } from "../support/engine.ts";
import { hookJob } from "../support/hook-job.ts";

const skip = existing === undefined ? false : "an existing cluster gets no Helm releases";

/** Releases that Helm is changing, or was changing when it was killed. */
const pending = "owner=helm,status in (pending-install,pending-upgrade,pending-rollback)";

describe("the stack publish", { skip }, () => {
  let site: OwnSite;
  let repository: ChartRepository;
  let engine: Engine;
  let api: ClusterApi;
  const close: (() => unknown)[] = [];
  before(async () => {
    site = await startOwnSite({ withArgoCd: true });
    close.push(async () => assert.deepEqual(await site.close(), []));
    api = site.api;
    repository = await serveCharts();
    close.unshift(repository.close);
    engine = await startEngine("publish", { kubeconfig: site.kubeconfig, folder: site.folder });
    close.unshift(engine.close);
  });
  after(async () => {
    for (const one of close) await one();
  });
  afterEach(async (context) => {
    if (!("passed" in context) || context.passed) return;
    process.stderr.write(
      `${engine.printed().split("\n").slice(-60).join("\n")}\n${await describeCluster(api)}\n`,
    );
  });

  const releases = () => api.list("v1", "Secret", undefined, pending);
  const namespaces = async () => (await api.list("v1", "Namespace")).map(({ metadata }) => metadata.name);

  /** As in docs/operations.md. */
  const recover = async () => {
    await engine.cancel();
    for (const { metadata } of await releases())
      await api.remove("v1", "Secret", metadata.name, metadata.namespace);
  };

  /** Interrupts `up` while Helm is changing a release. @returns the error of `up` */
  const upUntilPending = async (interrupt: (controller: AbortController) => unknown) => {
    const controller = new AbortController();
    const up = engine.up({ interrupt: controller.signal }).then(() => "it came up", String);
    await until("Helm is changing a release", async () => (await releases()).length > 0);
    await interrupt(controller);
    return up;
  };

  describe("on an empty cluster", () => {
    const login = ["ci", "regcred", ".dockerconfigjson"] as const;

    it("is previewed without changing the cluster", async () => {
      const before = await namespaces();
      assert.deepEqual(Object.keys(await engine.preview()), ["create"]);
      assert.deepEqual(await namespaces(), before);
    });

    it("stops at Ctrl-C, and leaves nothing that blocks the next `up`", async () => {
      for (const one of handMade) await api.apply(one);
      engine.edit((config) => Object.assign(config["cluster"] as Config, { adoptExisting: true }));
      assert.match(await upUntilPending((controller) => controller.abort()), /\^C received; cancelling/);
    });

    it("continues after it was killed, as documented", async () => {
      assert.match(await upUntilPending(() => engine.kill()), /SIGKILL/);
      await recover();
    });

    it("continues after an outage of the API server, as documented", async () => {
      await upUntilPending(async () => {
        await site.stopApi();
        // As long as it takes to start another one.
        await sleep(15_000);
        await site.startApi();
      });
      await recover();
      await engine.up();
    });

    it("has adopted what was created by hand", async () => {
      const config = JSON.parse(await secretValue(api, ...login)) as { auths: Record<string, unknown> };
      assert.ok("https://index.docker.io/v1/" in config.auths);
      engine.edit((edited) => Reflect.deleteProperty(edited["cluster"] as Config, "adoptExisting"));
      assert.deepEqual(await engine.up(), { update: ["kubernetes kubernetes"] });
    });
  });

  describe("that is up", () => {
    const editRepositories = (change: (repositories: unknown[]) => unknown) => {
      engine.edit((config) => {
        change((config["projects"] as Record<"alog", { repositories: unknown[] }>).alog.repositories);
      });
    };
    const addRepository = () => editRepositories((all) => all.push("alog-service-search"));
    const removeRepository = () => editRepositories((all) => all.pop());

    it("has no changes in the next `up` or after a refresh", async () => {
      assert.deepEqual(await engine.up(), {});
      assert.deepEqual(await engine.refresh(), {});
      assert.deepEqual(await engine.preview(), {});
    });

    it("has passed its values to its charts", async () => {
      const { data } = await api.get("v1", "ConfigMap", "workflow-controller-configmap", "argo");
      const { workflowRestrictions } = JSON.parse((data as { config: string }).config) as Config;
      assert.deepEqual(workflowRestrictions, { templateReferencing: "Strict" });
    });

    it("adds and removes a repository and a project, and keeps the port of the other project", async () => {
      type Projects = Record<"alog", { repositories: unknown[] }> & Config;
      const edit = (change: (projects: Projects) => void) => {
        engine.edit((config) => {
          change(config["projects"] as Projects);
        });
      };
      edit((projects) => {
        projects.alog.repositories.unshift("alog-service-search");
        // Sorts first.
        projects["a-shop"] = smallProject();
      });
      const before = await portsOf(api);
      const { create = [], ...rest } = await engine.up();
      const own = ["RepositoryWebhook alog-service-search", "WorkflowTemplate alog-service-search"];
      for (const one of [...own, "Sensor a-shop", "Application shop"]) assert.ok(create.includes(one), one);
      const maps = ["ConfigMap ci/build-limits", "ConfigMap ci/catch-up"];
      const shared = [...maps, "EventSource github", "ImageUpdater alog"];
      const ways = [
        "Ingress github-webhook",
        "Role argocd/build-live",
        "Role argocd/catch-up",
        "Sensor alog",
        "Service github-webhook",
      ];
      assert.deepEqual(rest, { update: [...shared, ...ways] });
      assert.equal((await portsOf(api))["alog"], before["alog"]);
      edit((projects) => {
        projects.alog.repositories.shift();
        Reflect.deleteProperty(projects, "a-shop");
      });
      assert.deepEqual(await engine.up(), { delete: create, update: [...shared, ...ways] });
      assert.deepEqual(await portsOf(api), before);
    });

    it("changes everything but its charts while their repository does not answer", async () => {
      repository.setUp(false);
      try {
        addRepository();
        // The provider's Helm requests each chart, even for a release that does not change.
        await assert.rejects(engine.up(), /check the chart name and repository configuration/);
        // As in docs/operations.md.
        const { create } = await engine.up({ exclude: ["**:Release::*"] });
        assert.deepEqual(create, [
          "RepositoryWebhook alog-service-search",
          "WorkflowTemplate alog-service-search",
        ]);
      } finally {
        repository.setUp(true);
      }
      assert.deepEqual(await engine.up(), {});
      removeRepository();
      await engine.up();
    });

    it("completes an edit that Ctrl-C has interrupted before it is reverted, as documented", async () => {
      const before = await sensorOf(api);
      await undeploySensor(api);
      addRepository();
      const controller = new AbortController();
      const up = engine.up({ interrupt: controller.signal }).then(() => "it came up", String);
      await until("the Sensor is changed", async () => !isDeepStrictEqual(await sensorOf(api), before));
      controller.abort();
      assert.match(await up, /Sensor.*context canceled/);

      // Why the edit must not be reverted yet: the provider does not detect what was added at the end of a list.
      removeRepository();
      await engine.refresh();
      const { update = [] } = await engine.preview();
      assert.ok(!update.includes("Sensor alog"));
      assert.notDeepEqual(await sensorOf(api), before);

      await scaleController(api, 1);
      addRepository();
      await engine.up();
      removeRepository();
      await engine.up();
      assert.deepEqual(await sensorOf(api), before);
      assert.deepEqual(await engine.up(), {});
    });

    it("finds by a refresh what was changed by hand, reverts it, and keeps the deployed image", async () => {
      const images = ["chromato99/alog-front-web:main@sha256:0123456789abcdef"];
      await patchSource(api, { path: "by-hand", kustomize: { images } });
      await engine.refresh();
      assert.deepEqual(await engine.up(), { update: ["Application alog"] });
      const { path, kustomize } = await sourceOf(api);
      assert.deepEqual([path, kustomize], ["k8s", { images }]);
    });
  });

  describe("with a chart that fails", () => {
    const rollouts = chartContents("argoRollouts");
    const namespace = "argo-rollouts";
    const serve = (version: string, ...objects: ClusterObject[]) => {
      Object.assign(charts.argoRollouts, { version });
      repository.serve({ ...rollouts, version, objects: [...rollouts.objects, ...objects] });
    };
    const installed = async () => {
      const records = await api.list("v1", "Secret", namespace, "owner=helm,status=deployed");
      return records.map(({ metadata }) => metadata.labels?.["version"]);
    };
    const objects = async () =>
      (await api.list("v1", "ConfigMap", namespace)).map(({ metadata }) => metadata.name);

    it("reports the failure, and leaves nothing of the chart", async () => {
      engine.edit((config) => (config["addons"] = { argoRollouts: true }));
      serve("2.41.1", hookJob("post-install", site.baseImage, "exit 1"));
      await assert.rejects(engine.up(), /argo-rollouts/);
      assert.match(engine.printed(), /BackoffLimitExceeded/);
      assert.deepEqual(await installed(), []);
      assert.ok(!(await objects()).includes("argo-rollouts-values"));
    });

    it("reports while it waits which pod does not start, and why", async () => {
      serve("2.41.1", deploymentOf(`${site.registry.name}/absent:1`));
      const controller = new AbortController();
      const up = engine.up({ interrupt: controller.signal }).then(() => "it came up", String);
      const warning = /warning: the pod absent-\S+ in argo-rollouts waits: (ErrImagePull|ImagePullBackOff), /;
      await until("`up` prints it", () => warning.test(engine.printed()), 120);
      controller.abort();
      assert.match(await up, /argo-rollouts/);
      assert.deepEqual(await installed(), []);
    });

    it("comes up once the chart is fixed", async () => {
      serve("2.41.1");
      await engine.up();
      assert.deepEqual(await installed(), ["1"]);
      assert.deepEqual(await engine.up(), {});
    });

    it("rolls back when an upgrade fails", async () => {
      serve("2.41.2", hookJob("post-upgrade", site.baseImage, "exit 1"));
      await assert.rejects(engine.up(), /argo-rollouts/);
      // The failed upgrade was the second, and the rollback is the third.
      assert.deepEqual(await installed(), ["3"]);
    });

    it("continues after it was killed in an upgrade, as documented", async () => {
      serve("2.41.2", hookJob("post-upgrade", site.baseImage, "sleep 600"));
      assert.match(await upUntilPending(() => engine.kill()), /SIGKILL/);
      await recover();
      serve("2.41.2");
      assert.deepEqual(await engine.up(), { update: ["Release argo-rollouts"] });
      assert.deepEqual(await releases(), []);
      assert.deepEqual(await engine.refresh(), {});
      assert.deepEqual(await engine.up(), {});
    });
  });

  it("is destroyed completely, except for what the documentation lists", async () => {
    engine.edit((config) => {
      const deletable = [...deletableNamespaces, "argo-rollouts"];
      Object.assign(config["cluster"] as Config, { deletableNamespaces: deletable });
    });
    await engine.up();
    const { delete: gone, discard: left, ...others } = await engine.destroy();
    assert.deepEqual(others, {});
    assert.ok(gone !== undefined && gone.length > 50);
    // It was only read.
    assert.deepEqual(left, ["Namespace kube-system"]);
    assert.deepEqual((await namespaces()).sort(), [
      "default",
      "kube-node-lease",
      "kube-public",
      "kube-system",
    ]);
    const secrets = await api.list("v1", "Secret", "default");
    assert.deepEqual(secrets.map(({ metadata }) => metadata.name).sort(), ["alog-secret", "regcred"]);
    const kinds = await api.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    assert.ok(kinds.length > 10, "the CustomResourceDefinitions of the charts must stay");
  });
});

/** What a cluster may have before the first `up`: a namespace, and a login with the name of the stack's. */
const handMade: readonly ClusterObject[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "ci", labels: { team: "alog" } } },
  {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "regcred", namespace: "ci" },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify({ auths: { "registry.example": {} } }) },
  },
];

/** The ports of the Service behind the Ingress, by project. */
async function portsOf(api: ClusterApi): Promise<Partial<Record<string, number>>> {
  const { spec } = await api.get("v1", "Service", "github-webhook", "argo-events");
  const { ports } = spec as { ports: readonly { name: string; port: number }[] };
  return Object.fromEntries(ports.map(({ name, port }) => [name, port]));
}

/** The specification of the project's Sensor. */
async function sensorOf(api: ClusterApi): Promise<unknown> {
  return (await api.get("argoproj.io/v1alpha1", "Sensor", "alog", "argo-events"))["spec"];
}

/** Makes the Sensor look as if its controller found no bus for it, for which `up` waits. */
async function undeploySensor(api: ClusterApi): Promise<void> {
  await scaleController(api, 0);
  const path = "/apis/argoproj.io/v1alpha1/namespaces/argo-events/sensors/alog/status";
  const conditions = [{ type: "Deployed", status: "False", reason: "Asked" }];
  await until("the controller has ended", async () => {
    const pods = await api.list("v1", "Pod", "argo-events");
    return !pods.some(({ metadata }) => metadata.name.startsWith(eventsController));
  });
  await mergePatch(api, path, { status: { conditions } });
}

const eventsController = "argo-events-controller-manager";

function scaleController(api: ClusterApi, replicas: number): Promise<unknown> {
  const path = `/apis/apps/v1/namespaces/argo-events/deployments/${eventsController}`;
  return mergePatch(api, path, { spec: { replicas } });
}

function mergePatch(api: ClusterApi, path: string, body: object): Promise<unknown> {
  return api.call(path, { method: "PATCH", type: "application/merge-patch+json", body });
}

/** A Deployment for a chart, whose only pod cannot start. */
function deploymentOf(image: string): ClusterObject {
  const labels = { app: "absent" };
  const containers = [{ name: "main", image, securityContext: confined }];
  const spec = { securityContext: unprivileged, containers };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "absent" },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

const application = ["argoproj.io/v1alpha1", "Application", "alog", "argocd"] as const;

interface Source {
  readonly path: string;
  readonly kustomize?: { readonly images: readonly string[] };
}

async function sourceOf(api: ClusterApi): Promise<Source> {
  return ((await api.get(...application))["spec"] as { source: Source }).source;
}

/** Like the Image Updater, and like a change by hand. */
async function patchSource(api: ClusterApi, source: Source): Promise<void> {
  const [apiVersion, , name, namespace] = application;
  const path = `/apis/${apiVersion}/namespaces/${namespace}/applications/${name}?fieldManager=by-hand`;
  await mergePatch(api, path, { spec: { source } });
}

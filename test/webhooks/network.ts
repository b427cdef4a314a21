/** The NetworkPolicies of a stack, enforced: which connections they allow, and a push that still succeeds. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { chartLabels, chartPods } from "../../components/charts/pods.ts";
import { namespace as ingressNamespace } from "../../components/charts/traefik.ts";
import { metricsPort } from "../../components/kinds/event-pods.ts";
import type { ClusterApi } from "../support/cluster-api.ts";
import { namespaces, parts } from "../support/cluster-argo.ts";
import { deliveredOf } from "../support/cluster-delivered.ts";
import { existing } from "../support/cluster-environment.ts";
import { secretValue } from "../support/cluster-objects.ts";
import type { Probe, Targets } from "../support/cluster-probe.ts";
import { probePort, startProbe } from "../support/cluster-probe.ts";
import type { BuildCluster } from "../support/cluster-stack.ts";
import { webhookUrl } from "../support/cluster-trigger.ts";
import { until } from "../support/cluster-wait.ts";
import type { Config } from "../support/declare.ts";
import type { SiteNetwork } from "../support/site.ts";
import type { Updater } from "../support/updater-stand-in.ts";
import { startUpdater, updaterService } from "../support/updater-stand-in.ts";

const skip = existing === undefined ? false : "an existing cluster may not enforce them";

/** @param started returns the cluster once it has started, with Argo CD; its policies stay */
export function describeNetwork(started: () => BuildCluster): void {
  describe("the NetworkPolicies", { skip, concurrency: 1 }, () => {
    let cluster: BuildCluster;
    let network: SiteNetwork;
    let world: World;
    let updater: Updater;
    before(async () => {
      cluster = started();
      assert.ok(cluster.network !== undefined);
      network = cluster.network;
      world = await worldOf(cluster, network);
      updater = await listeningUpdater(cluster);
    });
    after(() => updater.close());

    const targets = (): Targets => ({
      ...world.needed,
      ...world.ingress,
      ...world.inside,
      ...world.metadata,
    });

    /** Which of all targets each of the three pods reaches. */
    const reached = async () => {
      const all = targets();
      const of = async ({ address, reaches }: Probe) => {
        const others = Object.entries(all).filter(([, target]) => !target.startsWith(`${address}:`));
        return reaches(Object.fromEntries(others));
      };
      const { build, application, ingress } = world.probes;
      return { build: await of(build), application: await of(application), ingress: await of(ingress) };
    };

    it("are what restricts: without them, every connection succeeds", async () => {
      const but = (own: string) => Object.keys(targets()).filter((name) => name !== own);
      assert.deepEqual(await reached(), {
        build: but("build"),
        application: but("application"),
        ingress: but("ingress controller"),
      });
    });

    it("are created by an edit of the stack file, and enforced on the node", async (context) => {
      const { engine } = cluster;
      assert.ok(engine !== undefined);
      engine.edit((config) => Object.assign(config["cluster"] as Config, policiesOf(network)));
      const start = performance.now();
      const { create = [], ...others } = await engine.up();
      context.diagnostic(`\`up\` took ${((performance.now() - start) / 1000).toFixed(1)} s`);
      assert.deepEqual(
        create.filter((one) => !one.startsWith("NetworkPolicy ")),
        [],
      );
      assert.ok(!Object.keys(others).some((kind) => kind.includes("delete") || kind.includes("replace")));
      await network.enforce();
      const { probes, metadata } = world;
      await until("they are enforced", async () => (await probes.build.reaches(metadata)).length === 0);
    });

    it("let no pod reach more than it needs", async () => {
      const needed = Object.keys(world.needed);
      assert.deepEqual(await reached(), {
        build: needed,
        // The stack does not isolate the namespaces of applications: these reach what is public, or not of the stack.
        application: [...needed, "ingress controller", "metadata"],
        // It serves all applications.
        ingress: [...needed, "event source", "application"],
      });
    });

    it("let pods resolve names", async () => {
      const { build, ingress } = world.probes;
      for (const probe of [build, ingress])
        assert.ok(await probe.resolves("kubernetes.default.svc.cluster.local"));
    });

    it("let a push through, from the ingress controller to the pod that runs its image", async () => {
      const serviceUrl = () => cluster.serviceUrl(ingressNamespace.default, ingressPodName, probePort);
      const aform = await deliveredOf({ ...cluster, serviceUrl }, "aform");
      await aform.commitManifests();
      const commit = aform.commit("behind policies");
      await aform.repository.push(commit).succeeds();
      assert.deepEqual(await aform.running(), [await aform.imageAt("main")]);
      assert.match(aform.repository.reported(commit).join("\n"), /^success: /m);
      assert.notDeepEqual(updater.eventsOf(aform.image), []);
    });
  });
}

/** The pods that connect, and their targets. */
interface World {
  readonly probes: Readonly<Record<"build" | "application" | "ingress", Probe>>;
  /** What a build needs. */
  readonly needed: Targets;
  readonly ingress: Targets;
  /** What only its neighbors may reach. */
  readonly inside: Targets;
  readonly metadata: Targets;
}

async function worldOf(cluster: BuildCluster, network: SiteNetwork): Promise<World> {
  const { api } = cluster;
  const source = await addressOf(api, ...parts["event source"]);
  const eventSource = `${source}:${new URL(await webhookUrl(cluster, "aform")).port}`;
  const [build, application, ingress] = await Promise.all([
    startProbe(cluster, { namespace: namespaces.builds, name: "probe" }),
    startProbe(cluster, { namespace: "default", name: "probe" }),
    startIngress(cluster, eventSource),
  ]);
  const at = ({ address }: Probe, port = probePort) => `${address}:${port.toString()}`;
  return {
    probes: { build, application, ingress },
    needed: neededByBuilds(cluster, network),
    ingress: { "ingress controller": at(ingress, chartPods.traefik.http), "event source": eventSource },
    inside: {
      "metrics of the event source": `${source}:${metricsPort.toString()}`,
      ...(await partsInside(api)),
      build: at(build),
      application: at(application),
    },
    metadata: { metadata: await network.serveMetadata() },
  };
}

function neededByBuilds(
  { git, registry, logStore = "" }: BuildCluster,
  { apiServer: [itself = "", service = ""] }: SiteNetwork,
): Targets {
  return {
    // GitHub's stand-in answers at the address of git.
    "git and GitHub": new URL(git.url).host,
    registry: registry.name,
    "store of logs": logStore,
    "API server": `${itself}:6443`,
    "Service of the API server": `${service}:443`,
  };
}

async function partsInside(api: ClusterApi): Promise<Targets> {
  const bus = await addressOf(api, ...parts.bus);
  const ofCd = (key: "argoCdRedis" | "argoCdRepositories") =>
    addressOf(api, namespaces.delivery, `app.kubernetes.io/name=${chartPods[key].name}`);
  return {
    bus: `${bus}:4222`,
    "monitor of the bus": `${bus}:8222`,
    redis: `${await ofCd("argoCdRedis")}:${chartPods.argoCdRedis.redis.toString()}`,
    "repo server": `${await ofCd("argoCdRepositories")}:${chartPods.argoCdRepositories.grpc.toString()}`,
    "workflow controller": `${await addressOf(api, ...parts["controller of Argo Workflows"])}:9090`,
  };
}

async function addressOf(api: ClusterApi, namespace: string, selector: string): Promise<string> {
  const [pod] = await api.list("v1", "Pod", namespace, selector);
  const { podIP } = pod?.["status"] as { podIP?: string };
  assert.ok(podIP !== undefined, selector);
  return podIP;
}

const ingressPodName = "ingress";

/** In place of Traefik, for which the tests' chart has no pod: forwards deliveries, and shows what it may reach. */
async function startIngress(cluster: BuildCluster, to: string): Promise<Probe> {
  const { name, http } = chartPods.traefik;
  const labels = chartLabels({ name });
  const namespace = ingressNamespace.default;
  await cluster.api.apply({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: ingressPodName, namespace },
    spec: { selector: labels, ports: [{ port: probePort, targetPort: http }] },
  });
  return startProbe(cluster, { namespace, name, labels, forwards: { from: http, to } });
}

function policiesOf({ apiServer, servers }: SiteNetwork): Config {
  const ranges = (addresses: readonly string[]) => addresses.map((address) => `${address}/32`);
  return { networkPolicies: { enabled: true, apiServer: ranges(apiServer), allow: ranges(servers) } };
}

/** The stand-in for the Image Updater, with its Service. */
async function listeningUpdater({ api, registry, listen }: BuildCluster): Promise<Updater> {
  const key = await secretValue(api, namespaces.delivery, "image-updater-webhook", "token");
  const updater = await startUpdater(api, { key, registry, address: listen });
  for (const one of updaterService(updater.url)) await api.apply(one);
  return updater;
}

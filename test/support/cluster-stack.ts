/** A cluster in which the builds of a stack run: the stack's own objects, and what they depend on. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import type { ClusterApi, ClusterObject } from "./cluster-api.ts";
import { controllers, namespaces, parts } from "./cluster-argo.ts";
import type { GitServer, GitServerOptions } from "./cluster-git.ts";
import { startGitServer } from "./cluster-git.ts";
import { serveCharts } from "./cluster-charts.ts";
import { existing } from "./cluster-environment.ts";
import { buildKinds, defineKinds } from "./cluster-kinds.ts";
import { stackObjects } from "./cluster-objects.ts";
import { describeCluster, isReady } from "./cluster-report.ts";
import type { BuildSite, SiteOptions } from "./site.ts";
import { startSite } from "./cluster-site.ts";
import { committedConfig } from "./cluster-stack-config.ts";
import { until } from "./cluster-wait.ts";
import type { Config } from "./declare.ts";
import type { Engine } from "./engine.ts";
import { startEngine } from "./engine.ts";
import type { StatusServer } from "./github-server.ts";
import { statusServer } from "./github-server.ts";

export interface BuildCluster extends BuildSite {
  readonly git: GitServer;
  /** GitHub's statuses, at the address of the git server. */
  readonly statuses: StatusServer;
  /** The configuration of the stack in the cluster. */
  readonly config: Config;
  readonly objects: readonly ClusterObject[];
  /** The engine that has deployed the stack, on the tests' own node. */
  readonly engine?: Engine;
}

export interface StackOptions extends SiteOptions, Pick<GitServerOptions, "onReceived"> {
  /**
   * Returns the stack's configuration, once its site and its git server have started; by default the committed one,
   * with small builds.
   */
  readonly configOf?: (site: BuildSite, git: GitServer) => Config;
}

/**
 * Starts the cluster before the tests of a suite and removes it after them. Prints the cluster's state when one fails.
 *
 * @param ready is called with the cluster before the first test
 */
export function useBuildCluster(
  stack: string,
  ready: (cluster: BuildCluster) => void,
  options: SiteOptions = {},
): void {
  let cluster: BuildCluster | undefined;
  before(async () => {
    cluster = await startBuildCluster(stack, options);
    ready(cluster);
  });
  after(async () => {
    assert.deepEqual((await cluster?.close()) ?? [], []);
  });
  afterEach(async (context) => {
    if (cluster === undefined || !("passed" in context) || context.passed) return;
    process.stderr.write(`${await describeCluster(cluster.api)}\n`);
  });
}

/** Resolves when a push to the stack's webhooks would start a build. */
export async function startBuildCluster(
  stack: string,
  { withArgoCd = false, onReceived, configOf = committedConfig(stack, withArgoCd) }: StackOptions = {},
): Promise<BuildCluster> {
  const site = await startSite({ withArgoCd });
  let git: GitServer | undefined;
  let stackOf: Installed | undefined;
  const close = () => {
    git?.close();
    stackOf?.close();
    return site.close();
  };
  try {
    const statuses = statusServer("secret token of statuses", /^[\w-]+\/[a-z-]+$/);
    const token = "secret token that clones shop";
    const hidden = /^\/KEA-ACCELER\/shop\.git\//;
    const options = { address: site.listen, token, hidden, statuses, onReceived };
    git = await startGitServer(join(site.folder, "git"), site.host, options);
    const config = configOf(site, git);
    const objects = await stackObjects(config, stack);
    if (existing === undefined) stackOf = await installByEngine(stack, config, site);
    else await install(site, objects);
    await listening(site.api, objects);
    const { engine } = stackOf ?? {};
    return { ...site, git, statuses, config, objects, close, ...(engine === undefined ? {} : { engine }) };
  } catch (error) {
    process.stderr.write(`${await describeCluster(site.api)}\n`);
    await close();
    throw error;
  }
}

interface Installed {
  readonly engine: Engine;
  readonly close: () => void;
}

/** As users do: `pulumi up`, with charts from a repository on this machine. */
async function installByEngine(
  stack: string,
  config: Config,
  { kubeconfig, folder }: BuildSite,
): Promise<Installed> {
  const charts = await serveCharts();
  const engine = await startEngine(stack, { config, kubeconfig, folder });
  const close = () => {
    engine.close();
    charts.close();
  };
  try {
    await engine.up();
    return { engine, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** In an existing cluster, everything has the tests' field manager, to be removed by it: there are no releases. */
async function install(site: BuildSite, objects: readonly ClusterObject[]): Promise<void> {
  const { api } = site;
  await defineKinds(site, buildKinds);
  const ours = objects.filter(({ apiVersion, kind }) => !isDelivery(apiVersion, kind));
  const places = ours.filter(({ kind }) => kind === "Namespace");
  const rest = ours.filter((one) => !places.includes(one));
  for (const one of [...places, ...controllers(), ...rest]) await api.apply(one);
  await allReady(api);
}

/** Waits for every trigger: a Sensor's pod is ready before it listens, and misses what was sent before that. */
export async function listening(api: ClusterApi, objects: readonly ClusterObject[]): Promise<void> {
  const wanted = objects
    .filter(({ kind }) => kind === "Sensor")
    .reduce((sum, { spec }) => sum + (spec as { triggers: readonly object[] }).triggers.length, 0);
  await until("every trigger listens", async () => {
    const [bus] = await api.list("v1", "Pod", ...parts.bus);
    const path = `/api/v1/namespaces/${namespaces.events}/pods/${bus?.metadata.name ?? ""}:8222/proxy/jsz`;
    const { consumers } = (await api.call(path)) as { consumers: number };
    return consumers >= wanted;
  });
}

/** Builds do not need Argo CD. */
export function isDelivery(apiVersion: string, kind: string): boolean {
  return apiVersion.includes("argocd") || ["Application", "AppProject"].includes(kind);
}

/** Waits for the controllers, then for the bus, the sources and the sensors that they have created. */
async function allReady(api: ClusterApi): Promise<void> {
  const wanted = ["controller", "eventbus-controller", "eventsource-controller", "sensor-controller"];
  const places = [namespaces.events, namespaces.workflows];
  await until(
    "every pod is ready",
    async () => {
      const pods = (await Promise.all(places.map((one) => api.list("v1", "Pod", one)))).flat();
      const kinds = pods.map(({ metadata }) => metadata.labels?.["controller"] ?? "controller");
      return wanted.every((kind) => kinds.includes(kind)) && pods.every(isReady);
    },
    120,
  );
}

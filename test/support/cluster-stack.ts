/** A cluster in which the builds of a stack run: the stack's own objects, and around them what they count on. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { argoWorkflowsValues } from "../../components/manifests/values/argo-workflows.ts";
import type { ClusterApi, ClusterObject } from "./cluster-api.ts";
import { controllers } from "./cluster-argo.ts";
import type { GitServer } from "./cluster-git.ts";
import { startGitServer } from "./cluster-git.ts";
import { addBuildImages } from "./cluster-images.ts";
import { buildKinds, defineKinds } from "./cluster-kinds.ts";
import { hostAddress, machineAddress } from "./cluster-machine.ts";
import { stackObjects } from "./cluster-objects.ts";
import type { Registry } from "./cluster-registry.ts";
import { startRegistry } from "./cluster-registry.ts";
import { until } from "./cluster-wait.ts";
import type { Config } from "./declare.ts";
import { secretsFor, stackConfig } from "./declare.ts";
import type { StatusServer } from "./github-server.ts";
import { statusServer } from "./github-server.ts";
import { busyboxImage } from "./images.ts";
import type { Node } from "./node.ts";
import { nodeName, startNode } from "./node.ts";

export const registryHost = `${machineAddress}:5000`;
/** Holds a shell; what the tests' Dockerfiles start from. */
export const baseImage = `${registryHost}/base/busybox:1`;

export interface BuildCluster extends Node {
  readonly git: GitServer;
  /** GitHub's statuses, at the address of the git server. */
  readonly statuses: StatusServer;
  readonly registry: Registry;
  /** Of the stack whose objects are there. */
  readonly config: Config;
  readonly objects: readonly ClusterObject[];
}

/** Ready when a push to the stack's webhooks would start a build. */
export async function startBuildCluster(stack: string): Promise<BuildCluster> {
  const node = await startNode(registryHost);
  let git: GitServer | undefined;
  const close = async () => {
    git?.close();
    await node.close();
  };
  try {
    const statuses = statusServer("secret token of statuses", /^KEA-ACCELER\/[a-z-]+$/);
    const token = "secret token that clones shop";
    const options = { token, hidden: /^\/KEA-ACCELER\/shop\.git\//, statuses };
    git = await startGitServer(join(node.machine.folder, "git"), hostAddress, options);
    const config = buildConfig(stack, git.url);
    const objects = await stackObjects(config, stack);
    const registry = await startRegistry(node.machine, registryHost);
    await addBuildImages(node);
    await node.addImage(busyboxImage(baseImage));
    await node.pushImage(baseImage);
    await install(node, objects);
    return { ...node, git, statuses, registry, config, objects, close };
  } catch (error) {
    process.stderr.write(`${await describeCluster(node)}\n`);
    await close();
    throw error;
  }
}

/** The committed stack file; other addresses, one pod of the bus for the one node, small builds, and one more project. */
function buildConfig(stack: string, gitUrl: string): Config {
  const committed = stackConfig(stack);
  const registry = committed["registry"] as Config;
  const config: Config = {
    ...committed,
    registry: { ...registry, host: registryHost, insecure: true },
    github: { url: gitUrl },
    eventBus: { replicas: 1 },
    builds: { resources: { cpu: "100m", memory: "1Gi" }, gitTags: "v*" },
    projects: { ...(committed["projects"] as Config), shop },
  };
  return { ...config, secrets: secretsFor(config) };
}

/** What the committed stacks have none of: a private repository of several services. */
const shop = {
  owner: "KEA-ACCELER",
  private: true,
  webhook: { url: "https://shop.example/github-webhook" },
  repositories: [
    { name: "shop", service: "shop-api", paths: ["api"], context: "api" },
    { name: "shop", service: "shop-jobs", paths: ["jobs"], context: "jobs", timeLimit: "15s" },
    { name: "shop", service: "shop-vulnerable", paths: ["vulnerable"], context: "vulnerable" },
  ],
};

async function install(node: Node, objects: readonly ClusterObject[]): Promise<void> {
  const { api, machine } = node;
  await defineKinds(node, buildKinds);
  const ours = objects.filter(({ apiVersion, kind }) => !isDelivery(apiVersion, kind));
  const namespaces = ours.filter(({ kind }) => kind === "Namespace");
  for (const one of namespaces) await api.apply(one);
  const bus = ours.find(({ kind }) => kind === "EventBus");
  for (const one of storageFor(bus, machine.folder)) await api.apply(one);
  const { executor, controller } = argoWorkflowsValues({ highAvailability: false, nodePort: undefined });
  const { workflowRestrictions, extraEnv } = controller;
  const values = {
    eventsNamespace: "argo-events",
    workflowsNamespace: "argo",
    executor,
    workflowRestrictions,
    extraEnv,
  };
  for (const one of controllers(values)) await api.apply(one);
  for (const one of ours.filter((object) => !namespaces.includes(object))) await api.apply(one);
  await allReady(api, ["argo", "argo-events"]);
}

/** Argo CD is no part of a build. */
function isDelivery(apiVersion: string, kind: string): boolean {
  return apiVersion.includes("argocd") || ["Application", "AppProject"].includes(kind);
}

/** The stack's StorageClass with one volume, a folder of the node's. */
function storageFor(bus: ClusterObject | undefined, folder: string): ClusterObject[] {
  const { jetstream } = bus?.["spec"] as {
    jetstream: { persistence: { storageClassName: string; volumeSize: string } };
  };
  const { storageClassName, volumeSize } = jetstream.persistence;
  const path = join(folder, "volume");
  mkdirSync(path);
  const here = { key: "kubernetes.io/hostname", operator: "In", values: [nodeName] };
  return [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: storageClassName },
      provisioner: "kubernetes.io/no-provisioner",
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: "bus" },
      spec: {
        storageClassName,
        capacity: { storage: volumeSize },
        accessModes: ["ReadWriteOnce"],
        local: { path },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
      },
    },
  ];
}

/** Waits for the controllers, then for the bus, the sources and the sensors that these have made. */
async function allReady(api: ClusterApi, namespaces: readonly string[]): Promise<void> {
  const wanted = ["controller", "eventbus-controller", "eventsource-controller", "sensor-controller"];
  await until(
    "every pod is ready",
    async () => {
      const pods = (await Promise.all(namespaces.map((one) => api.list("v1", "Pod", one)))).flat();
      const kinds = pods.map(({ metadata }) => metadata.labels?.["controller"] ?? "controller");
      return wanted.every((kind) => kinds.includes(kind)) && pods.every(isReady);
    },
    120,
  );
}

function isReady({ status }: ClusterObject): boolean {
  const { conditions = [] } = status as { conditions?: { type: string; status: string }[] };
  return conditions.some((one) => one.type === "Ready" && one.status === "True");
}

/** What a person would ask for first: the pods with their faults, and the logs. */
export async function describeCluster({ api, machine }: Pick<Node, "api" | "machine">): Promise<string> {
  const pods = await api.list("v1", "Pod");
  const events = await api.list("v1", "Event");
  return [
    machine.logs(),
    "----- pods",
    ...pods.map(({ metadata, status }) => `${metadata.name} ${JSON.stringify(status).slice(0, 1500)}`),
    "----- events",
    ...events
      .filter((one) => one["type"] !== "Normal")
      .map((one) => `${one.metadata.name} ${String(one["message"])}`),
  ].join("\n");
}

/** A cluster of the test's own: a node on this machine, with its images and a registry beside it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ClusterObject } from "./cluster-api.ts";
import type { Part } from "./cluster-argo.ts";
import { argoCdImages } from "./cluster-argocd.ts";
import { addBuildImages } from "./cluster-images.ts";
import type { Machine } from "./cluster-machine.ts";
import { hostAddress, leftovers, machineAddress } from "./cluster-machine.ts";
import type { Registry } from "./cluster-registry.ts";
import { startRegistry } from "./cluster-registry.ts";
import type { ApiSite, BuildSite, SiteOptions } from "./cluster-site.ts";
import { clusterTool } from "./cluster-tools.ts";
import { until } from "./cluster-wait.ts";
import { busyboxImage } from "./images.ts";
import type { Node } from "./node.ts";
import { nodeName, startControlPlaneAlone, startNode } from "./node.ts";

const registry = `${machineAddress}:5000`;
const baseImage = `${registry}/base/busybox:1`;
const storageClass = "node";
const logStore = `${machineAddress}:9000`;

export async function startOwnApi(): Promise<ApiSite> {
  const started = await startControlPlaneAlone();
  return { ...started, ...ending(started) };
}

export async function startOwnSite({ withArgoCd = false }: SiteOptions): Promise<BuildSite> {
  const node = await startNode(registry);
  const { api, machine } = node;
  let running: Registry;
  try {
    running = await startRegistry(machine, registry);
    await startStore(machine);
    await addBuildImages(node);
    if (withArgoCd) for (const image of await argoCdImages()) await node.addImage(image);
    await node.addImage(busyboxImage(baseImage));
    await node.pushImage(baseImage);
    for (const one of storage(machine.folder)) await api.apply(one);
  } catch (error) {
    process.stderr.write(`${machine.logs()}\n`);
    await node.close();
    throw error;
  }
  return {
    ...node,
    ...ending(node),
    folder: machine.folder,
    host: hostAddress,
    listen: hostAddress,
    storageClass,
    logStore,
    registry: { ...running, name: registry, url: `http://${registry}` },
    baseImage,
    serviceUrl: async (namespace, name, port) => {
      const { spec } = await api.get("v1", "Service", name, namespace);
      return `http://${(spec as { clusterIP: string }).clusterIP}:${port.toString()}`;
    },
    // Without a chance to say goodbye, which no API can do; the kubelet starts them again.
    kill: async (part) => {
      await machine.run("pkill", ["-KILL", "-f", `^${programs[part]}`]);
    },
  };
}

const programs: Readonly<Record<Part, string>> = {
  sensors: "/bin/argo-events sensor-service",
  "event source": "/bin/argo-events eventsource-service",
  bus: "/nats-server",
};

/** An object store in memory, with one bucket. */
async function startStore(machine: Machine): Promise<void> {
  const args = ["-backend", "memory", "-host", logStore, "-initialbucket", "logs", "-quiet"];
  machine.start("store", await clusterTool("gofakes3"), args);
  await until("the object store answers", async () => (await fetch(`http://${logStore}/logs`)).ok);
}

function ending({ machine, close }: Pick<Node, "machine" | "close">): Pick<ApiSite, "logs" | "close"> {
  return {
    logs: () => Promise.resolve(machine.logs()),
    close: async () => {
      await close();
      return leftovers();
    },
  };
}

/** A StorageClass with one volume, a folder of the node's. */
function storage(folder: string): ClusterObject[] {
  const path = join(folder, "volume");
  mkdirSync(path);
  const here = { key: "kubernetes.io/hostname", operator: "In", values: [nodeName] };
  return [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: storageClass },
      provisioner: "kubernetes.io/no-provisioner",
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: "bus" },
      spec: {
        storageClassName: storageClass,
        // Of the disk, which nothing measures: as much as any stack asks for.
        capacity: { storage: "1Ti" },
        accessModes: ["ReadWriteOnce"],
        local: { path },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
      },
    },
  ];
}

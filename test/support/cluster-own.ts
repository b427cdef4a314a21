/** The tests' own cluster: a node on this machine, with its images and a registry beside it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ClusterObject } from "./cluster-api.ts";
import type { Part } from "./cluster-argo.ts";
import { argoCdImages } from "./cluster-argocd.ts";
import { addBuildImages } from "./cluster-images.ts";
import { networkOf } from "./cluster-network.ts";
import type { Machine } from "./cluster-machine.ts";
import type { Registry } from "./cluster-registry.ts";
import { startRegistry } from "./cluster-registry.ts";
import type { ApiSite, BuildSite, SiteOptions } from "./site.ts";
import { clusterTool } from "./cluster-tools.ts";
import { until } from "./cluster-wait.ts";
import { busyboxImage } from "./images.ts";
import { nodeName, registryOf, startControlPlaneAlone, startNode } from "./node.ts";

export function startOwnApi(): Promise<ApiSite> {
  return startControlPlaneAlone();
}

export type OwnSite = BuildSite & Required<Pick<BuildSite, "stopApi" | "startApi">>;

export async function startOwnSite({ withArgoCd = false }: SiteOptions): Promise<OwnSite> {
  const node = await startNode();
  const { api, machine } = node;
  const registry = registryOf(machine);
  const baseImage = `${registry}/base/busybox:1`;
  const logStore = `${machine.address}:9000`;
  let running: Registry;
  try {
    running = await startRegistry(machine, registry);
    await startStore(machine, logStore);
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
    folder: machine.folder,
    run: machine.run,
    host: machine.hostAddress,
    listen: machine.hostAddress,
    logStore,
    network: networkOf(node),
    registry: { ...running, name: registry, url: `http://${registry}` },
    baseImage,
    serviceUrl: async (namespace, name, port) => {
      const { spec } = await api.get("v1", "Service", name, namespace);
      return `http://${(spec as { clusterIP: string }).clusterIP}:${port.toString()}`;
    },
    // Without a graceful end, which no API can do. The kubelet restarts them.
    kill: async (part) => {
      await machine.run("pkill", ["-KILL", "-f", `^${programs[part]}`]);
    },
  };
}

const programs: Readonly<Record<Part, string>> = {
  sensors: "/bin/argo-events sensor-service",
  "event source": "/bin/argo-events eventsource-service",
  bus: "/nats-server",
  "controller of Argo Events": "/bin/argo-events controller",
  "controller of Argo Workflows": "/bin/workflow-controller",
};

/** An object store in memory, with one bucket. */
async function startStore(machine: Machine, logStore: string): Promise<void> {
  const args = ["-backend", "memory", "-host", logStore, "-initialbucket", "logs", "-quiet"];
  machine.start("store", await clusterTool("gofakes3"), args);
  await until("the object store answers", async () => (await fetch(`http://${logStore}/logs`)).ok);
}

/** Volumes of the classes that the stacks name, one for each pod of a bus: folders on the node. */
function storage(folder: string): ClusterObject[] {
  const volumes = ["ceph-block", cinder].flatMap((storageClass) =>
    [0, 1, 2].map((index) => volume(folder, storageClass, index)),
  );
  return [
    {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      // A chart creates the other one.
      metadata: { name: cinder },
      provisioner: "kubernetes.io/no-provisioner",
    },
    ...volumes,
  ];
}

/** The cloud provides this class to the stack publish. */
const cinder = "csi-cinder-sc-delete";

function volume(folder: string, storageClassName: string, index: number): ClusterObject {
  const name = `${storageClassName}-${index.toString()}`;
  const path = join(folder, name);
  mkdirSync(path);
  const here = { key: "kubernetes.io/hostname", operator: "In", values: [nodeName] };
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      storageClassName,
      // Nothing enforces this size: it suffices for any stack.
      capacity: { storage: "1Ti" },
      accessModes: ["ReadWriteOnce"],
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
    },
  };
}

/** An existing cluster. It pulls the images itself, and what a test creates in it is removed again. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { confined, unprivileged } from "../../components/kinds/security.ts";
import type { ClusterObject } from "./cluster-api.ts";
import { ApiError, ClusterApi } from "./cluster-api.ts";
import { controllers, parts } from "./cluster-argo.ts";
import { argoCd } from "./cluster-argocd.ts";
import { isMarked } from "./cluster-clean.ts";
import type { Existing } from "./cluster-environment.ts";
import { publicImages, requireHost, requireKubeconfig } from "./cluster-environment.ts";
import { stackObjects, titleOf } from "./cluster-objects.ts";
import type { Proxy } from "./cluster-proxy.ts";
import { startProxy } from "./cluster-proxy.ts";
import { describeCluster } from "./cluster-report.ts";
import { registryReady } from "./cluster-registry.ts";
import type { ApiSite, BuildSite } from "./site.ts";
import { until } from "./cluster-wait.ts";
import { stackConfig } from "./declare.ts";

const registry = { name: "registry", namespace: "argo-cicd-test", port: 5000 };
const registryName = `${registry.name}.${registry.namespace}.svc:${registry.port.toString()}`;

/** @throws Error that states in one line why the tests cannot run there */
export async function requireExisting(existing: Existing): Promise<void> {
  requireKubeconfig(existing);
  requireHost(existing);
  const proxy = await startProxy(existing.kubeconfig);
  try {
    const api = new ClusterApi(proxy.url);
    await requireRoom(api);
    await defaultStorageClass(api);
  } finally {
    await proxy.close();
  }
}

export async function startExistingApi(existing: Existing): Promise<ApiSite> {
  return startAt(existing, await startProxy(existing.kubeconfig));
}

export async function startExistingSite(existing: Existing): Promise<BuildSite> {
  const host = requireHost(existing);
  const proxy = await startProxy(existing.kubeconfig);
  const site = await startAt(existing, proxy);
  const folder = mkdtempSync(join(tmpdir(), "argo-cicd-"));
  const addressOf = (namespace: string, name: string, port: number) =>
    `${proxy.url}/api/v1/namespaces/${namespace}/services/${name}:${port.toString()}/proxy`;
  const url = addressOf(registry.namespace, registry.name, registry.port);
  const close = () => {
    rmSync(folder, { recursive: true });
    return site.close();
  };
  try {
    const storageClass = await defaultStorageClass(site.api);
    const start = async () => {
      for (const one of registryObjects()) await site.api.apply(one);
      await registryReady(url);
    };
    await start();
    return {
      ...site,
      folder,
      host,
      storageClass,
      registry: { name: registryName, url, start, stop: () => withoutRegistry(site.api) },
      baseImage: existing.baseImage,
      serviceUrl: (...service) => Promise.resolve(addressOf(...service)),
      // Does not wait until the node reports that they have ended: others are created at once.
      kill: async (part) => {
        const [place, labels] = parts[part];
        const pods = `labelSelector=${labels}&gracePeriodSeconds=0`;
        await site.api.call(`/api/v1/namespaces/${place}/pods?${pods}`, { method: "DELETE" });
      },
      close,
    };
  } catch (error) {
    process.stderr.write(`${await describeCluster(site.api)}\n`);
    await close();
    throw error;
  }
}

async function startAt({ kubeconfig }: Existing, proxy: Proxy): Promise<ApiSite> {
  const api = new ClusterApi(proxy.url);
  try {
    await requireRoom(api);
  } catch (error) {
    await proxy.close();
    throw error;
  }
  const cleanUp = startCleaner();
  const close = async () => {
    await proxy.close();
    return cleanUp();
  };
  return { api, kubeconfig, close };
}

/** @throws Error if the cluster does not answer, or has objects of others that a test would change */
async function requireRoom(api: ClusterApi): Promise<void> {
  await api.call("/version").catch((error: unknown) => {
    throw new Error(`CLUSTER_KUBECONFIG: the cluster does not answer: ${String(error).trim()}`);
  });
  const foreign = (await taken(api)).filter((one) => !isMarked(one)).map(titleOf);
  if (foreign.length > 0) {
    const [first = "", ...more] = foreign;
    const others =
      more.length === 0 ? "" : ` and ${more.length.toString()} more objects that the tests create`;
    throw new Error(
      `CLUSTER_KUBECONFIG: the cluster already has ${first}${others}: use a cluster without them.`,
    );
  }
  // A run that was interrupted may still be cleaning up.
  await until(
    "nothing is left of another run, which `npx node test/support/cluster-cleaner.ts` removes",
    async () => (await taken(api)).length === 0,
    45,
  );
}

/** The objects in the cluster that tests would create, except those in namespaces that tests create. */
async function taken(api: ClusterApi): Promise<ClusterObject[]> {
  const objects = [...controllers(), ...argoCd({}), ...registryObjects()];
  for (const stack of ["develop", "publish"])
    objects.push(...(await stackObjects(stackConfig(stack), stack)));
  const made = objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
  const outside = objects.filter(({ metadata: { namespace = "" } }) => !made.includes(namespace));
  const kinds = await api.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  return [
    ...(await Promise.all(outside.map((one) => found(api, one)))).filter((one) => one !== undefined),
    ...kinds
      .filter(({ metadata }) => metadata.name.endsWith("argoproj.io"))
      .map((one) => ({ ...one, kind: "CustomResourceDefinition" })),
  ];
}

async function found(api: ClusterApi, { apiVersion, kind, metadata }: ClusterObject) {
  try {
    return await api.get(apiVersion, kind, metadata.name, metadata.namespace);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

async function defaultStorageClass(api: ClusterApi): Promise<string> {
  const classes = await api.list("storage.k8s.io/v1", "StorageClass");
  const isDefault = "storageclass.kubernetes.io/is-default-class";
  const one = classes.find(({ metadata }) => metadata.annotations?.[isDefault] === "true");
  if (one !== undefined) return one.metadata.name;
  throw new Error(
    "CLUSTER_KUBECONFIG: the cluster has no default StorageClass, and the EventBus needs a volume.",
  );
}

/** @returns a function that ends the cleaner, and returns what it could not remove */
function startCleaner(): () => Promise<readonly string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "cluster-cleaner.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    // In its own session: an interrupt from the keyboard is for the test.
    detached: true,
  });
  const left = text(child.stdout);
  const ended = once(child, "close");
  return async () => {
    child.stdin.end("the test is over");
    const [code] = (await ended) as [number | null];
    const lines = (await left).split("\n").filter((line) => line !== "");
    return code === 0 || lines.length > 0 ? lines : ["everything: the cleaner failed, see above"];
  };
}

/** Its Service selects nothing. The pod stays, because it holds the images. */
async function withoutRegistry(api: ClusterApi): Promise<void> {
  const services = registryObjects().filter(({ kind }) => kind === "Service");
  for (const one of services)
    await api.apply({ ...one, spec: { ...(one["spec"] as object), selector: { app: "none" } } });
}

/** A registry that requires no login and speaks plain HTTP. */
function registryObjects(): ClusterObject[] {
  const { name, namespace, port } = registry;
  const metadata = { name, namespace };
  const labels = { app: name };
  const container = {
    name,
    image: publicImages.registry,
    securityContext: confined,
    volumeMounts: [{ name: "images", mountPath: "/var/lib/registry" }],
  };
  const pod = {
    securityContext: unprivileged,
    containers: [container],
    volumes: [{ name: "images", emptyDir: {} }],
  };
  const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } };
  return [
    // With a label: an object with nothing but a name gets no field manager.
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
    { apiVersion: "apps/v1", kind: "Deployment", metadata, spec },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port }] } },
  ];
}

/** Removes what tests have created in a cluster: everything with their field manager, and what results from it. */
import type { ClusterApi, ClusterObject } from "./cluster-api.ts";
import { ApiError, manager } from "./cluster-api.ts";
import { until } from "./cluster-wait.ts";

interface Resource {
  /** `/api/v1`, or `/apis/` with group and version. */
  readonly root: string;
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

interface Found {
  readonly kind: string;
  readonly name: string;
  readonly path: string;
}

/** @returns what could not be removed; empty on success */
export async function cleanUp(api: ClusterApi): Promise<string[]> {
  const found = await marked(api);
  const ofKind = (kind: string) => found.filter((one) => one.kind === kind);
  const namespaces = ofKind("Namespace");
  const kinds = ofKind("CustomResourceDefinition");
  const names = namespaces.map(({ name }) => name);
  // While the controllers still run, because they remove the finalizers that they have added.
  for (const step of [["sensors", "eventsources"], ["eventbus"], ["workflows"]]) {
    await removeArgo(api, names, step);
  }
  await dropFinalizers(api, names);
  await remove(api, namespaces, 120);
  await remove(
    api,
    found.filter((one) => ![...namespaces, ...kinds].includes(one)),
  );
  await remove(api, kinds);
  await patiently("their volumes are gone", async () => (await volumesOf(api, names)).length === 0, 30);
  const left = (await marked(api)).map(({ kind, name }) => `${kind} ${name}`);
  return [...left, ...(await volumesOf(api, names)).map((name) => `PersistentVolume ${name}`)];
}

/** Namespaces that exist without the tests; every other namespace of a stack is its own. */
const shared = /^(default|kube-.*)$/;

/** What was applied, except in namespaces that are deleted as a whole. */
async function marked(api: ClusterApi): Promise<Found[]> {
  const all = await resources(api);
  const places = (await list(api, "/api/v1/namespaces"))
    .map(({ metadata }) => metadata.name)
    .filter((name) => shared.test(name));
  const find = async ({ root, name, kind }: Resource, place = "") => {
    const path = `${root}${place}/${name}`;
    const objects = (await list(api, path)).filter(isMarked);
    return objects.map(({ metadata }) => ({ kind, name: metadata.name, path: `${path}/${metadata.name}` }));
  };
  const found = await Promise.all(all.filter(({ namespaced }) => !namespaced).map((one) => find(one)));
  for (const place of places) {
    const within = all.filter(({ namespaced }) => namespaced);
    found.push(...(await Promise.all(within.map((one) => find(one, `/namespaces/${place}`)))));
  }
  return found.flat();
}

/** Whether a test has applied it. */
export function isMarked({ metadata }: ClusterObject): boolean {
  return metadata.managedFields?.some((one) => one.manager === manager) ?? false;
}

/** Tests apply nothing of other groups, whose servers may be unavailable. */
const builtInOrArgo = /^([a-z]+|.*\.k8s\.io|(.*\.)?argoproj\.io)\//;

async function resources(api: ClusterApi): Promise<Resource[]> {
  const { groups } = (await api.call("/apis")) as {
    groups: { preferredVersion: { groupVersion: string } }[];
  };
  const versions = groups.map(({ preferredVersion }) => preferredVersion.groupVersion);
  const roots = versions.filter((one) => builtInOrArgo.test(one)).map((one) => `/apis/${one}`);
  const lists = await Promise.all(["/api/v1", ...roots].map((root) => resourcesAt(api, root)));
  return lists.flat();
}

async function resourcesAt(api: ClusterApi, root: string): Promise<Resource[]> {
  try {
    const { resources: all } = (await api.call(root)) as {
      resources: { name: string; kind: string; namespaced: boolean; verbs: readonly string[] }[];
    };
    return all
      .filter(({ verbs }) => verbs.includes("list") && verbs.includes("delete"))
      .map(({ name, kind, namespaced }) => ({ root, name, kind, namespaced }));
  } catch {
    // A group whose server is unavailable, or that has just disappeared with its kinds.
    return [];
  }
}

/** Only metadata: the rest may be large, and may be secrets of others. */
async function list(api: ClusterApi, path: string): Promise<ClusterObject[]> {
  const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  const found = await unlessGone(api.call(path, { accept }));
  return (found as { items?: ClusterObject[] } | undefined)?.items ?? [];
}

async function removeArgo(api: ClusterApi, namespaces: readonly string[], names: readonly string[]) {
  const paths = namespaces.flatMap((namespace) =>
    names.map((name) => `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/${name}`),
  );
  for (const path of paths) await unlessGone(api.call(path, { method: "DELETE" }));
  const left = async () => (await Promise.all(paths.map((path) => list(api, path)))).flat();
  await patiently(`all ${names.join(" and ")} are gone`, async () => (await left()).length === 0, 15);
}

/** Removes Argo's finalizers: without its controllers, a namespace would wait for them forever. */
async function dropFinalizers(api: ClusterApi, namespaces: readonly string[]): Promise<void> {
  const argo = (await resources(api)).filter(
    // The workflow controller also adds one to the pods of builds.
    ({ root, name, namespaced }) => namespaced && (root.includes("argoproj.io/") || name === "pods"),
  );
  const type = "application/merge-patch+json";
  const body = { metadata: { finalizers: null } };
  for (const namespace of namespaces) {
    for (const { root, name } of argo) {
      const path = `${root}/namespaces/${namespace}/${name}`;
      const held = (await list(api, path)).filter(
        ({ metadata }) => Reflect.get(metadata, "finalizers") !== undefined,
      );
      for (const { metadata } of held) {
        await unlessGone(api.call(`${path}/${metadata.name}`, { method: "PATCH", type, body }));
      }
    }
  }
}

async function remove(api: ClusterApi, found: readonly Found[], seconds = 30): Promise<void> {
  for (const { path } of found) await unlessGone(api.call(path, { method: "DELETE" }));
  const isGone = async ({ path }: Found) => (await unlessGone(api.call(path))) === undefined;
  const allGone = async () => (await Promise.all(found.map(isGone))).every((gone) => gone);
  await patiently(`${found.length.toString()} objects are gone`, allGone, seconds);
}

/** The volumes that the cluster has created for the namespaces' claims, and deletes by itself. */
async function volumesOf(api: ClusterApi, namespaces: readonly string[]): Promise<string[]> {
  const { items } = (await api.call("/api/v1/persistentvolumes")) as { items: ClusterObject[] };
  return items
    .filter(({ spec }) => {
      const { claimRef, persistentVolumeReclaimPolicy } = spec as {
        claimRef?: { namespace: string };
        persistentVolumeReclaimPolicy: string;
      };
      return persistentVolumeReclaimPolicy === "Delete" && namespaces.includes(claimRef?.namespace ?? "");
    })
    .map(({ metadata }) => metadata.name);
}

/** Prints a timeout instead of failing: the rest is removed anyway. */
async function patiently(what: string, ask: () => Promise<boolean>, seconds: number): Promise<void> {
  try {
    await until(what, ask, seconds);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}

/** Undefined if the object does not exist, or is being deleted. */
async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ApiError && [404, 409].includes(error.status)) return undefined;
    throw error;
  }
}

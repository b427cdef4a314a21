/**
 * Stands in for the Image Updater, which cannot be built from modules: hears CloudEvents as its webhook does, and
 * changes Applications as it does. It follows tags by their digest, into a kustomization, and knows nothing else.
 */
import type { ClusterApi, ClusterObject } from "./cluster-api.ts";
import { namespaces } from "./cluster-argo.ts";
import type { GitServerOptions } from "./cluster-git.ts";
import { imageAt } from "./cluster-registry.ts";
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";

export interface Updater extends HttpServer {
  /** When events of an image were heard, in milliseconds since 1970. */
  readonly heardOf: (image: string) => readonly number[];
  /** Looks at every image of an Application, as it does from time to time. */
  readonly poll: (application: string) => Promise<void>;
}

interface Event {
  readonly specversion?: string;
  readonly type?: string;
  readonly data?: { readonly registry?: string; readonly repository?: string; readonly tag?: string };
}

interface Spec {
  readonly commonUpdateSettings: { readonly forceUpdate?: boolean };
  readonly applicationRefs: readonly Reference[];
}

interface Reference {
  readonly namePattern: string;
  readonly images: readonly {
    readonly imageName: string;
    readonly manifestTargets: { readonly kustomize: { readonly name: string } };
  }[];
}

export interface UpdaterOptions extends Pick<GitServerOptions, "address"> {
  readonly key: string;
  /** The registry's name in images, and as the test reaches it. */
  readonly registry: { readonly name: string; readonly url: string };
}

export async function startUpdater(api: ClusterApi, options: UpdaterOptions): Promise<Updater> {
  const { key, registry, address } = options;
  const heard: { readonly image: string; readonly time: number }[] = [];
  const update = async (isMeant: (image: string, application: string) => boolean) => {
    for (const one of await api.list(...updaterKind, namespaces.delivery)) {
      const { applicationRefs, commonUpdateSettings } = one["spec"] as Spec;
      const { forceUpdate = false } = commonUpdateSettings;
      for (const reference of applicationRefs)
        await updateApplication(api, registry, { ...reference, forceUpdate }, isMeant);
    }
  };
  const server = await startHttpServer((request, response, body) => {
    const { data, ...event } = read(body);
    const error = errorOf(request.headers["x-webhook-secret"], key, event, data);
    if (error === undefined) {
      const image = `${data?.registry ?? ""}/${data?.repository ?? ""}`;
      heard.push({ image, time: Date.now() });
      void update((name) => name.slice(0, name.lastIndexOf(":")) === image).catch(console.error);
    }
    response.writeHead(error === undefined ? 200 : 400).end(error ?? "Webhook received and processing");
  }, address);
  return {
    ...server,
    heardOf: (image) => heard.filter((one) => one.image === image).map(({ time }) => time),
    poll: (application) => update((_, one) => one === application),
  };
}

const updaterKind = ["argocd-image-updater.argoproj.io/v1alpha1", "ImageUpdater"] as const;
const applicationKind = ["argoproj.io/v1alpha1", "Application"] as const;

function read(body: string): Event {
  try {
    return JSON.parse(body) as Event;
  } catch {
    return {};
  }
}

function errorOf(secret: unknown, key: string, { specversion, type }: Event, data: Event["data"]) {
  if (secret !== key) return "invalid webhook secret";
  if (specversion === undefined) return "missing CloudEvents specversion";
  if (type?.includes("image") !== true) return "unsupported CloudEvents type";
  return data?.tag === undefined ? "tag not found in CloudEvents payload" : undefined;
}

/** The images that it finds newer, all in one merge patch; no patch where there is none. */
async function updateApplication(
  api: ClusterApi,
  registry: UpdaterOptions["registry"],
  { namePattern, images, forceUpdate }: Reference & { readonly forceUpdate: boolean },
  isMeant: (image: string, application: string) => boolean,
): Promise<void> {
  const application = await api.get(...applicationKind, namePattern, namespaces.delivery);
  const before = kustomizeImages(application);
  let after = before;
  for (const { imageName, manifestTargets } of images.filter((one) => isMeant(one.imageName, namePattern))) {
    const [path = "", tag = ""] = imageName.slice(registry.name.length + 1).split(":");
    const image = await imageAt(registry.url, path, tag);
    const { name } = manifestTargets.kustomize;
    if (image === undefined || !(forceUpdate || runs(application, name))) continue;
    after = [...after.filter((one) => !one.startsWith(`${name}=`)), `${name}=${imageName}@${image.digest}`];
  }
  if (JSON.stringify(after.toSorted()) === JSON.stringify(before.toSorted())) return;
  const body = { spec: { source: { kustomize: { images: after } } } };
  const path = `/apis/${applicationKind[0]}/namespaces/${namespaces.delivery}/applications/${namePattern}`;
  await api.call(`${path}?fieldManager=argocd-image-updater`, {
    method: "PATCH",
    type: "application/merge-patch+json",
    body,
  });
}

function kustomizeImages({ spec }: ClusterObject): readonly string[] {
  const { source } = spec as { source: { kustomize?: { images?: readonly string[] } } };
  return source.kustomize?.images ?? [];
}

/** It leaves alone what an Application does not run, unless it is forced. */
function runs({ status }: ClusterObject, image: string): boolean {
  const { summary } = (status ?? {}) as { summary?: { images?: readonly string[] } };
  return (summary?.images ?? []).some((one) => one.startsWith(`${image}:`) || one.startsWith(`${image}@`));
}

/** The Service that the chart would make, before a server outside of the cluster. */
export function updaterService(url: string): ClusterObject[] {
  const { hostname, port } = new URL(url);
  const name = "argocd-image-updater";
  const metadata = { name, namespace: namespaces.delivery };
  const target = { name: "webhook", port: Number(port) };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { ports: [{ name: "webhook", port: 8080, targetPort: Number(port) }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports: [target],
      endpoints: [{ addresses: [hostname] }],
    },
  ];
}

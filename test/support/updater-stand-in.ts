/**
 * Stands in for the Image Updater, which cannot be built from modules: it receives CloudEvents and changes Applications
 * like the original. It supports only tags that are followed by digest, in a kustomization. Its behavior was compared
 * with the original's: see docs/tested.md.
 */
import type { IncomingMessage } from "node:http";
import type { ClusterApi, ClusterObject } from "./cluster-api.ts";
import { ApiError } from "./cluster-api.ts";
import { namespaces } from "./cluster-argo.ts";
import type { GitServerOptions } from "./cluster-git.ts";
import { imageAt } from "./cluster-registry.ts";
import type { HttpServer } from "./http-server.ts";
import { startHttpServer } from "./http-server.ts";

export interface Updater extends HttpServer {
  /** When events of an image were received, in milliseconds since 1970. */
  readonly eventsOf: (image: string) => readonly number[];
  /** Checks every image of an Application, as the original does periodically. */
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
  /** The registry's name in images, and its URL for the test. */
  readonly registry: { readonly name: string; readonly url: string };
}

export async function startUpdater(api: ClusterApi, options: UpdaterOptions): Promise<Updater> {
  const { key, registry, address } = options;
  const received: { readonly image: string; readonly time: number }[] = [];
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
    const error = refusalOf(request, key) ?? errorOf(event, data);
    if (error === undefined) {
      const image = `${data?.registry ?? ""}/${data?.repository ?? ""}`;
      received.push({ image, time: Date.now() });
      void update((name) => name.slice(0, name.lastIndexOf(":")) === image).catch(console.error);
    }
    response.writeHead(error === undefined ? 200 : 400).end(error ?? "Webhook received and processing");
  }, address);
  return {
    ...server,
    eventsOf: (image) => received.filter((one) => one.image === image).map(({ time }) => time),
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

/** What is wrong with a request, in the original's words. */
function refusalOf({ url = "", headers }: IncomingMessage, key: string): string | undefined {
  const type = new URL(url, "http://updater").searchParams.get("type") ?? "";
  if (type === "") return "missing registry type parameter";
  if (type !== "cloudevents") return `invalid registry type: ${type}`;
  const content = headers["content-type"] ?? "";
  if (!/application\/(cloudevents\+)?json/.test(content)) return `invalid content type: ${content}`;
  return headers["x-webhook-secret"] === key ? undefined : "invalid webhook secret";
}

/** What is wrong with an event. The original also reads the subject if the data lack the image and the tag. */
function errorOf({ specversion, type = "" }: Event, data: Event["data"]): string | undefined {
  if (specversion === undefined) return "missing CloudEvents specversion";
  if (!/container|image/.test(type)) return `unsupported CloudEvents type: ${type}`;
  if (data?.repository === undefined) return "repository name not found in CloudEvents payload";
  if (data.tag === undefined) return "tag not found in CloudEvents payload";
  return data.registry === undefined ? "registry URL not found in CloudEvents payload" : undefined;
}

/**
 * Sets the images that differ from the running ones, if Argo CD has found a kustomization. Like the original, it writes
 * back the whole specification that it has read before it queried the registry: what others have changed since is lost.
 */
async function updateApplication(
  api: ClusterApi,
  registry: UpdaterOptions["registry"],
  { namePattern, images, forceUpdate }: Reference & { readonly forceUpdate: boolean },
  isMeant: (image: string, application: string) => boolean,
): Promise<void> {
  const application = await api.get(...applicationKind, namePattern, namespaces.delivery);
  const meant = images.filter((one) => isMeant(one.imageName, namePattern));
  const { sourceType } = (application["status"] ?? {}) as { sourceType?: string };
  if (sourceType !== "Kustomize" || meant.length === 0) return;
  const found = await Promise.all(meant.map((one) => newer(registry, application, one, forceUpdate)));
  const set = found.filter((one) => one !== undefined);
  if (set.length === 0) return;
  const names = set.map(({ name }) => name);
  const others = kustomizeImages(application).filter((one) => !names.includes(one.split("=")[0] ?? ""));
  const { source } = application["spec"] as { source: object };
  const kustomize = { images: [...others, ...set.map(({ name, image }) => `${name}=${image}`)] };
  await replaceSpec(api, namePattern, {
    ...(application["spec"] as object),
    source: { ...source, kustomize },
  });
}

/** The image of the followed tag, if the first one that runs under its name is another. */
async function newer(
  registry: UpdaterOptions["registry"],
  application: ClusterObject,
  { imageName, manifestTargets }: Reference["images"][number],
  forceUpdate: boolean,
) {
  const [path = "", tag = ""] = imageName.slice(registry.name.length + 1).split(":");
  const { name } = manifestTargets.kustomize;
  const running = runningImage(application, name);
  if (running === undefined && !forceUpdate) return undefined;
  const found = await imageAt(registry.url, path, tag);
  if (found === undefined || running?.endsWith(`@${found.digest}`) === true) return undefined;
  return { name, image: `${imageName}@${found.digest}` };
}

/** Like the original, on a conflict it reads the new version, and writes its own specification there. */
async function replaceSpec(api: ClusterApi, name: string, spec: object): Promise<void> {
  const application = await api.get(...applicationKind, name, namespaces.delivery);
  const path = `/apis/${applicationKind[0]}/namespaces/${namespaces.delivery}/applications/${name}`;
  try {
    await api.call(`${path}?fieldManager=argocd-image-updater`, {
      method: "PUT",
      type: "application/json",
      body: { ...application, spec },
    });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    await replaceSpec(api, name, spec);
  }
}

function kustomizeImages({ spec }: ClusterObject): readonly string[] {
  const { source } = spec as { source: { kustomize?: { images?: readonly string[] } } };
  return source.kustomize?.images ?? [];
}

/** Like the original, only the first, although a pod of another one may run beside it. */
function runningImage({ status }: ClusterObject, image: string): string | undefined {
  const { summary } = (status ?? {}) as { summary?: { images?: readonly string[] } };
  return (summary?.images ?? []).find((one) => one.startsWith(`${image}:`) || one.startsWith(`${image}@`));
}

/** The Service that the chart would create, for a server outside of the cluster. */
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

/** Argo CD without its server, as its project installs it, in the stack's namespace. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { ClusterObject } from "./cluster-api.ts";
import { namespaces } from "./cluster-argo.ts";
import { clusterTool, recipes } from "./cluster-tools.ts";
import type { Image } from "./images.ts";
import { argoCdImage, redisImage } from "./images.ts";

const { module, version } = recipes.argocd;

/** The images of the installation: Argo CD's has git and Kustomize beside its own program. */
export async function argoCdImages(): Promise<Image[]> {
  const programs = { argocd: await clusterTool("argocd"), kustomize: await clusterTool("kustomize") };
  return [
    argoCdImage(`quay.io/argoproj/argocd:${version}`, programs),
    redisImage(imageOf("argocd-redis", installed())),
  ];
}

/**
 * The objects of the installation, without the CustomResourceDefinitions and the controller of ApplicationSets.
 *
 * @param parameters what the chart's values set in `argocd-cmd-params-cm`; may be a template of Helm
 */
export function argoCd(parameters: Readonly<Record<string, string>> | string): ClusterObject[] {
  return installed().map((one) => withParameters(withKey(hurried(inNamespace(one))), parameters));
}

function withParameters(one: ClusterObject, data: unknown): ClusterObject {
  return one.metadata.name === "argocd-cmd-params-cm" ? { ...one, data } : one;
}

/** Argo CD's server, which is not installed, would create the key. */
function withKey(one: ClusterObject): ClusterObject {
  const isKey = one.kind === "Secret" && one.metadata.name === "argocd-secret";
  return isKey ? { ...one, stringData: { "server.secretkey": "not secret" } } : one;
}

function installed(): ClusterObject[] {
  return manifestsOf("core-install.yaml")
    .filter((text) => !isLeftOut(text))
    .map((text) => parse(text) as ClusterObject);
}

/** What the chart creates for a program in Argo CD's namespace: an account, a Role and a RoleBinding. */
export function accountOf(program: string): ClusterObject[] {
  return manifestsOf("namespace-install.yaml")
    .filter((text) => /^kind: (ServiceAccount|Role|RoleBinding)$/m.test(text))
    .map((text) => parse(text) as ClusterObject)
    .filter(({ metadata }) => metadata.name === program)
    .map(inNamespace);
}

function manifestsOf(file: string): string[] {
  const downloaded = execFileSync("go", ["mod", "download", "-json", `${module}@${version}`], {
    encoding: "utf8",
  });
  const { Dir } = JSON.parse(downloaded) as { Dir: string };
  return readFileSync(join(Dir, "manifests", file), "utf8").split(/^---$/m);
}

/**
 * ApplicationSets, which are not installed, and cluster roles: the chart is configured to create none, because the
 * stack has its own Roles. The controller's Role in Argo CD's namespace mentions ApplicationSets, and stays.
 */
function isLeftOut(text: string): boolean {
  const named = /^kind: Role$/m.test(text) ? "name: argocd-applicationset" : "applicationset";
  return (
    /^kind: (CustomResourceDefinition|ClusterRole|ClusterRoleBinding)$/m.test(text) || text.includes(named)
  );
}

function inNamespace(one: ClusterObject): ClusterObject {
  const placed = { ...one.metadata, namespace: namespaces.delivery };
  const subjects = (one["subjects"] as readonly object[] | undefined)?.map((subject) => ({
    ...subject,
    namespace: namespaces.delivery,
  }));
  return { ...one, metadata: placed, ...(subjects === undefined ? {} : { subjects }) };
}

/** The tests' own node has the images and no registry, commits are not signed, and a test waits for the pods. */
function hurried(one: ClusterObject): ClusterObject {
  const spec = one["spec"] as { template?: { spec: PodSpec } } | undefined;
  if (spec?.template === undefined) return one;
  const { containers, initContainers = [], ...pod } = spec.template.spec;
  const hurry = (container: Container) => ({
    ...container,
    imagePullPolicy: "IfNotPresent",
    env: [...(container.env ?? []), { name: "ARGOCD_GPG_ENABLED", value: "false" }],
    ...(container.readinessProbe === undefined
      ? {}
      : { readinessProbe: { ...container.readinessProbe, initialDelaySeconds: 0, periodSeconds: 1 } }),
  });
  const changed = { ...pod, initContainers: initContainers.map(hurry), containers: containers.map(hurry) };
  return { ...one, spec: { ...spec, template: { ...spec.template, spec: changed } } };
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}

interface Container {
  readonly image: string;
  readonly env?: readonly object[];
  readonly readinessProbe?: object;
}

function imageOf(name: string, objects: readonly ClusterObject[]): string {
  const found = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name);
  const { template } = found?.["spec"] as { template: { spec: PodSpec } };
  return template.spec.containers[0]?.image ?? "";
}

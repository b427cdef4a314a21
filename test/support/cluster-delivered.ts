/** The delivery of a project in a test's cluster: its manifests, its Application, and the resulting pods. */
import assert from "node:assert/strict";
import type { ClusterObject } from "./cluster-api.ts";
import { namespaces } from "./cluster-argo.ts";
import type { BuiltRepository } from "./cluster-builds.ts";
import { builderOf } from "./cluster-builds.ts";
import { stackObjects, titleOf } from "./cluster-objects.ts";
import { isReady } from "./cluster-report.ts";
import type { BuildCluster } from "./cluster-stack.ts";
import type { DeliveredProject } from "./cluster-stack-config.ts";
import { deliveredServices } from "./cluster-stack-config.ts";
import type { Deployment } from "./github-server.ts";
import { applyTemplate } from "./cluster-template.ts";
import { branchOf, owner } from "./cluster-trigger.ts";
import type { Config } from "./declare.ts";

const kind = ["argoproj.io/v1alpha1", "Application"] as const;

/** The service of a project that its Application runs. */
export interface Delivered {
  readonly service: string;
  /** Without a tag. */
  readonly image: string;
  readonly repository: BuiltRepository;
  /** Adds a commit whose image contains this word, and runs. @returns the full commit */
  readonly commit: (word: string) => string;
  /** Adds a commit to the cluster repository, whose manifests run the service, and notifies Argo CD. */
  readonly commitManifests: () => Promise<void>;
  /** The Application that the stack declares. */
  readonly declared: ClusterObject;
  /** The same object in the cluster. */
  readonly application: () => Promise<ClusterObject>;
  /** Applies the Application and the service of the edited stack file, as `pulumi up` does. */
  readonly applyStack: (edit: Edit) => Promise<void>;
  /** The images of the pods that are ready. */
  readonly running: () => Promise<string[]>;
  /** The same before a test: exactly one. */
  readonly runningBefore: () => Promise<string[]>;
  /** The image that the registry has under a tag: `image:tag@digest`. */
  readonly imageAt: (tag: string) => Promise<string>;
  readonly digestOf: (tag: string) => Promise<string>;
  readonly deploymentsOf: (commit: string) => Deployment[];
  /** The statuses of a commit's Deployments at GitHub, one a line: `state: description`. */
  readonly wordsOf: (commit: string) => string;
}

/** The edits of a project in the stack file. */
export interface Edit {
  readonly pin?: string;
  readonly path?: string;
  readonly timeLimit?: string;
}

export async function deliveredOf(cluster: BuildCluster, project: DeliveredProject): Promise<Delivered> {
  const { api } = cluster;
  const service = deliveredServices[project];
  const image = `${cluster.registry.name}/chromato99/${service}`;
  const repository = (await builderOf(cluster, project)).of(service);
  const slug = `${owner}/${service}`;
  const declared = cluster.objects.find((one) => titleOf(one) === `Application argocd/${project}`);
  assert.ok(declared !== undefined);
  const running = () => runningOf(cluster, service);
  const digestOf = async (tag: string) => {
    const found = await repository.image(tag);
    assert.ok(found !== undefined, `the registry has the tag ${tag}`);
    return found.digest;
  };
  const deploymentsOf = (commit: string) =>
    cluster.statuses.deployments.filter((one) => one.repository === slug && one.ref === commit);
  return {
    service,
    image,
    repository,
    commit: (word) => repository.commit(filesOf(cluster, word)),
    commitManifests: async () => {
      cluster.git.commit(`${owner}/${project}-cluster`, branchOf(project), manifests(service, image));
      await refresh(cluster, project);
    },
    declared,
    application: () => api.get(...kind, project, namespaces.delivery),
    applyStack: (edit) => applyStack(cluster, project, edit),
    running,
    runningBefore: async () => {
      const images = await running();
      assert.equal(images.length, 1, images.join());
      return images;
    },
    imageAt: async (tag) => `${image}:${tag}@${await digestOf(tag)}`,
    digestOf,
    deploymentsOf,
    wordsOf: (commit) =>
      deploymentsOf(commit)
        .flatMap(({ statuses }) => statuses.map(({ state, description = "" }) => `${state}: ${description}`))
        .join("\n"),
  };
}

function filesOf({ baseImage }: BuildCluster, word: string): Record<string, string> {
  return {
    Dockerfile: `FROM ${baseImage}\nCOPY word /word\nCMD ["/bin/busybox", "sleep", "3600"]\n`,
    word: `${word}\n`,
  };
}

/** They name a tag that no build sets: the Image Updater decides what runs. */
function manifests(service: string, image: string): Record<string, string> {
  return {
    "k8s/kustomization.yaml": "resources: [deployment.yaml]\n",
    "k8s/deployment.yaml": JSON.stringify(deployment(service, `${image}:latest`)),
  };
}

function deployment(service: string, image: string): object {
  const labels = { app: service };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: service },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "main", image }] },
      },
    },
  };
}

/** As Argo CD's webhook does when it is notified of a commit. */
export async function refresh({ api }: Pick<BuildCluster, "api">, application: string): Promise<void> {
  await api.call(`/apis/${kind[0]}/namespaces/${namespaces.delivery}/applications/${application}`, {
    method: "PATCH",
    type: "application/merge-patch+json",
    body: { metadata: { annotations: { "argocd.argoproj.io/refresh": "normal" } } },
  });
}

async function runningOf({ api }: BuildCluster, service: string): Promise<string[]> {
  const pods = await api.list("v1", "Pod", "default", `app=${service}`);
  return pods
    .filter((pod) => !("deletionTimestamp" in pod.metadata) && isReady(pod))
    .map(({ spec }) => (spec as { containers: { image: string }[] }).containers[0]?.image ?? "");
}

async function applyStack(cluster: BuildCluster, project: DeliveredProject, edit: Edit): Promise<void> {
  const service = deliveredServices[project];
  const objects = await stackObjects(edited(cluster.config, project, edit), "develop");
  const titles = [`Application argocd/${project}`, `ImageUpdater argocd/${project}`];
  for (const one of objects) {
    if (titles.includes(titleOf(one))) await cluster.api.apply(one);
    if (titleOf(one) === `WorkflowTemplate ci/${service}`) await applyTemplate(cluster.api, one);
  }
}

interface EditedProject {
  repositories: unknown[];
  applications: Config[];
}

function edited(config: Config, name: DeliveredProject, { pin, path, timeLimit }: Edit): Config {
  const service = deliveredServices[name];
  const copy = structuredClone(config);
  if (timeLimit !== undefined) copy["delivery"] = { ...(copy["delivery"] as Config), timeLimit };
  const project = (copy["projects"] as Record<DeliveredProject, EditedProject>)[name];
  if (pin !== undefined) {
    project.repositories = project.repositories.map((one) =>
      one === service ? { name: service, pin } : one,
    );
  }
  if (path !== undefined) project.applications = project.applications.map((one) => ({ ...one, path }));
  return copy;
}

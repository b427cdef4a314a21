/** The API of a cluster with the small stack, and the doctor's findings there. */
import { cluster } from "../../tools/doctor/cluster.ts";
import type { Finding } from "../../tools/doctor/finding.ts";
import type { Config } from "./declare.ts";
import type { Reply } from "./doctor.ts";
import { clusterOf, examinedOf, linesOf, now } from "./doctor.ts";

export const uid = "0f5c1a52-1111-4222-8333-123456789abc";
export const argo = "/apis/argoproj.io/v1alpha1/namespaces";
export const kinds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
export const helm = "/api/v1/secrets?labelSelector=owner%3Dhelm";
export const catchUpRuns = `${argo}/ci/workflows?labelSelector=argo-cicd%2Fcatch-up`;
export const deadLetters = "/api/v1/namespaces/argo-events/configmaps?labelSelector=argo-cicd%2Fdead-letter";
export const rehearsal = "POST /api/v1/namespaces?dryRun=All";
export const classes = "/apis/storage.k8s.io/v1/storageclasses";
export const ingresses = "/apis/networking.k8s.io/v1/ingressclasses";
export const ceph = "/apis/ceph.rook.io/v1/namespaces/rook-ceph/cephclusters";

export const list = (...items: object[]) => ({ items });
export const named = (name: string) => ({ metadata: { name } });
export const conditions = (...all: [type: string, status: string, message?: string][]) => ({
  status: { conditions: all.map(([type, status, message]) => ({ type, status, message })) },
});
export const node = (name: string, ...all: [string, string, string?][]) => ({
  ...named(name),
  ...conditions(...all),
});
export const deployed = conditions(["Deployed", "True"]);

export function release(name: string, namespace: string, labels: object = {}, manager = "pulumi-kubernetes") {
  return {
    metadata: {
      name: `sh.helm.release.v1.${name}.v1`,
      namespace,
      labels: { owner: "helm", name, status: "deployed", version: "1", ...labels },
      managedFields: [{ manager }],
    },
  };
}

export function kind(chart: string, namespace: string) {
  const annotations = { "meta.helm.sh/release-name": chart, "meta.helm.sh/release-namespace": namespace };
  return { metadata: { annotations } };
}

export function catchUpRun(
  minutes: number,
  phase: string,
  outputs: Readonly<Record<string, string>>,
  message = "",
) {
  const finishedAt = later(-60 * minutes).toISOString();
  const parameters = Object.entries(outputs).map(([name, value]) => ({ name, value }));
  return {
    ...named(`catch-up-${minutes.toString()}`),
    status: { phase, finishedAt, message, nodes: { a: { outputs: { parameters } } } },
  };
}

export function pod(name: string, status: object, { labels = {}, seconds = 3600 } = {}) {
  const creationTimestamp = later(-seconds).toISOString();
  return { metadata: { name, labels, creationTimestamp }, status };
}

/** This many seconds after the doctor's run, or before it if negative. */
export function later(seconds: number): Date {
  const milliseconds = seconds * 1000;
  return new Date(now.getTime() + milliseconds);
}

/** The answers of a healthy cluster with the small stack. */
const healthy: Readonly<Record<string, Reply>> = {
  "/version": { gitVersion: "v1.34.2" },
  "/api/v1/namespaces/kube-system": { metadata: { uid } },
  "/api/v1/nodes": list(node("a", ["Ready", "True"]), node("b", ["Ready", "True"])),
  [classes]: list(named("standard")),
  [ingresses]: list(named("nginx")),
  [rehearsal]: { code: 422 },
  "/apis/admissionregistration.k8s.io/v1": { resources: [{ name: "validatingadmissionpolicies" }] },
  [helm]: list(
    release("argo-workflows", "argo"),
    release("argo-events", "argo-events"),
    release("argo-cd", "argocd", { status: "superseded" }),
    release("argo-cd", "argocd", { version: "10" }, "Helm"),
    release("argocd-image-updater", "argocd"),
    release("prometheus", "monitoring", { status: "failed" }, "Helm"),
  ),
  [`${kinds}/workflows.argoproj.io`]: kind("argo-workflows", "argo"),
  [`${kinds}/sensors.argoproj.io`]: kind("argo-events", "argo-events"),
  [`${kinds}/applications.argoproj.io`]: kind("argo-cd", "argocd"),
  [`${kinds}/imageupdaters.argocd-image-updater.argoproj.io`]: kind("argocd-image-updater", "argocd"),
  [`${argo}/argo-events/eventbus/default`]: deployed,
  [`${argo}/argo-events/eventsources/github`]: deployed,
  [`${argo}/argo-events/sensors/shop`]: deployed,
  [deadLetters]: list(),
  [`${argo}/ci/cronworkflows/catch-up`]: { spec: {} },
  [catchUpRuns]: list(
    catchUpRun(12, "Failed", {}),
    catchUpRun(2, "Succeeded", { started: "1", unanswered: "0" }),
    named("running"),
  ),
  "/api/v1/namespaces/argocd/pods?limit=500": list(
    pod("one", { phase: "Running", ...conditions(["Ready", "True"]).status }),
    pod("two", { phase: "Succeeded" }),
  ),
};

export function findings(
  answers: Readonly<Record<string, Reply | undefined>>,
  config: Config = {},
  time = now,
): Promise<readonly Finding[]> {
  const given = Object.entries({ ...healthy, ...answers }).flatMap(([path, reply]) =>
    reply === undefined ? [] : [[path, reply] as const],
  );
  const kubectl = { connect: () => Promise.resolve(clusterOf(Object.fromEntries(given), time)) };
  return cluster(examinedOf(config, { kubectl }));
}

export async function found(...given: Parameters<typeof findings>) {
  return linesOf(await findings(...given));
}

export const known = { cluster: { context: "test", storageClass: "standard", uid } };

/** The lines that are not good. */
export async function problems(...given: Parameters<typeof found>) {
  const [answers, config = known, time] = given;
  return (await found(answers, config, time)).filter((line) => !line.startsWith("good"));
}

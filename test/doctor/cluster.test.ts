import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cluster, oldestKubernetes } from "../../tools/doctor/cluster.ts";
import type { Config } from "../support/declare.ts";
import { root } from "../support/declare.ts";
import type { Said } from "../support/doctor.ts";
import { clusterOf, examinedOf, linesOf, now, refused } from "../support/doctor.ts";

const uid = "0f5c1a52-1111-4222-8333-123456789abc";
const argo = "/apis/argoproj.io/v1alpha1/namespaces";
const kinds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const helm = "/api/v1/secrets?labelSelector=owner%3Dhelm";
const looks = `${argo}/ci/workflows?labelSelector=argo-cicd%2Flook`;
const rehearsal = "POST /api/v1/namespaces?dryRun=All";
const classes = "/apis/storage.k8s.io/v1/storageclasses";
const ingresses = "/apis/networking.k8s.io/v1/ingressclasses";
const ceph = "/apis/ceph.rook.io/v1/namespaces/rook-ceph/cephclusters";

const list = (...items: object[]) => ({ items });
const named = (name: string) => ({ metadata: { name } });
const conditions = (...all: [type: string, status: string, message?: string][]) => ({
  status: { conditions: all.map(([type, status, message]) => ({ type, status, message })) },
});
const node = (name: string, ...all: [string, string, string?][]) => ({
  ...named(name),
  ...conditions(...all),
});
const deployed = conditions(["Deployed", "True"]);

function release(
  name: string,
  namespace: string,
  labels: object = {},
  manager = "pulumi-resource-kubernetes",
) {
  return {
    metadata: {
      name: `sh.helm.release.v1.${name}.v1`,
      namespace,
      labels: { owner: "helm", name, status: "deployed", version: "1", ...labels },
      managedFields: [{ manager }],
    },
  };
}

function kind(chart: string, namespace: string) {
  const annotations = { "meta.helm.sh/release-name": chart, "meta.helm.sh/release-namespace": namespace };
  return { metadata: { annotations } };
}

function look(minutes: number, phase: string, outputs: Readonly<Record<string, string>>, message = "") {
  const finishedAt = later(-60 * minutes).toISOString();
  const parameters = Object.entries(outputs).map(([name, value]) => ({ name, value }));
  return {
    ...named(`catch-up-${minutes.toString()}`),
    status: { phase, finishedAt, message, nodes: { a: { outputs: { parameters } } } },
  };
}

function pod(name: string, status: object, { labels = {}, seconds = 3600 } = {}) {
  const creationTimestamp = later(-seconds).toISOString();
  return { metadata: { name, labels, creationTimestamp }, status };
}

/** So many seconds before, or after, the doctor looks. */
function later(seconds: number): Date {
  const milliseconds = seconds * 1000;
  return new Date(now.getTime() + milliseconds);
}

/** A cluster with the small stack on it. */
const healthy: Readonly<Record<string, Said>> = {
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
    release("argo-cd", "argocd", { version: "10" }),
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
  [`${argo}/ci/cronworkflows/catch-up`]: { spec: {} },
  [looks]: list(
    look(12, "Failed", {}),
    look(2, "Succeeded", { started: "1", unanswered: "0" }),
    named("running"),
  ),
  "/api/v1/namespaces/argocd/pods?limit=500": list(
    pod("one", { phase: "Running", ...conditions(["Ready", "True"]).status }),
    pod("two", { phase: "Succeeded" }),
  ),
};

async function found(answers: Readonly<Record<string, Said | undefined>>, config: Config = {}, time = now) {
  const given = Object.entries({ ...healthy, ...answers }).flatMap(([path, said]) =>
    said === undefined ? [] : [[path, said] as const],
  );
  const kubectl = { connect: () => Promise.resolve(clusterOf(Object.fromEntries(given), time)) };
  return linesOf(await cluster(examinedOf(config, { kubectl })));
}

const known = { cluster: { context: "test", storageClass: "standard", uid } };

/** The lines that are not good. */
async function faults(...given: Parameters<typeof found>) {
  const [answers, config = known, time] = given;
  return (await found(answers, config, time)).filter((line) => !line.startsWith("good"));
}

describe("the doctor on a cluster", () => {
  it("says that all is well", async () => {
    assert.deepEqual(await found({}, known), [
      "good cluster.context: the cluster of test answers, with Kubernetes v1.34.2.",
      "good clock: this machine and the API server agree on the time.",
      "good cluster.uid: it is the cluster that is meant.",
      "good cluster: 2 nodes are ready.",
      "good cluster.storageClass: there is the StorageClass standard.",
      "good webhooks.ingress.class: there is the IngressClass nginx.",
      "good cluster: pod security admission is on.",
      "good cluster.admissionPolicies: the API server has ValidatingAdmissionPolicies.",
      "good cluster: 4 of the stack's 4 releases are installed, and none is in the way.",
      "good eventBus: the EventBus default is deployed.",
      "good webhooks: the EventSource github is deployed.",
      "good projects.shop: the Sensor shop is deployed.",
      "good builds.catchUp: the last look for lost pushes ended 2 min ago; builds that it started: 1.",
      "good cluster: 2 pods are well in argocd.",
    ]);
  });

  it("says in one line why it cannot be asked", async () => {
    const fix = "Fix: correct what `kubectl --context test get nodes` says.";
    const kubectl = { connect: () => Promise.reject(new Error('context "test" does not exist')) };
    assert.deepEqual(linesOf(await cluster(examinedOf({}, { kubectl }))), [
      `unchecked cluster.context: the cluster of the context test cannot be asked (context "test" does not exist). ${fix}`,
    ]);
    for (const [said, because] of [
      [{ code: 0, reason: "no answer within 4 s" }, "no answer within 4 s"],
      [{ code: 401, reason: "401 Unauthorized" }, "401 Unauthorized"],
      [{ code: 302, headers: { location: "https://elsewhere.example" }, reason: "302" }, "302"],
      [{ code: 200, text: "<html>Sign in</html>" }, "what answers is not Kubernetes"],
    ] as const) {
      assert.deepEqual(await found({ "/version": said }), [
        `unchecked cluster.context: the cluster of the context test cannot be asked (${because}). ${fix}`,
      ]);
    }
  });

  it("asks nothing more of another cluster than the one that is meant", async () => {
    const other = "11111111-1111-4222-8333-123456789abc";
    const config = { cluster: { ...known.cluster, uid: other } };
    assert.deepEqual((await found({}, config)).slice(2), [
      `bad cluster.uid: the context test leads to another cluster, ${uid}. Fix: correct cluster.context.`,
    ]);
  });

  it("finds an identity that nobody has noted, or that may not be read", async () => {
    assert.deepEqual(await faults({}, {}), [
      `warn cluster.uid: nothing says which cluster is meant, should the context lead to another. Fix: pulumi config set --path cluster.uid ${uid} --stack test.`,
    ]);
    assert.deepEqual(await faults({ "/api/v1/namespaces/kube-system": refused }), [
      "unchecked cluster.uid: the namespace kube-system cannot be read (403 may not).",
    ]);
    const shell = { metadata: { uid: "$(reboot)" } };
    assert.deepEqual(await faults({ "/api/v1/namespaces/kube-system": shell }, {}), [
      "unchecked cluster.uid: the namespace kube-system cannot be read (200).",
    ]);
  });

  it("finds versions that are too old, or none", async () => {
    assert.deepEqual(await faults({ "/version": { gitVersion: "v1.30.9" } }), [
      "bad cluster.context: the cluster of test has Kubernetes v1.30.9. Fix: upgrade it to 1.31 or later.",
    ]);
    assert.deepEqual(await faults({ "/version": { gitVersion: "v1.31.0-eks-1" } }), []);
    assert.deepEqual(await faults({ "/version": { gitVersion: "latest" } }), [
      "unchecked cluster.context: the cluster of test has a version that is none.",
    ]);
    const operations = readFileSync(join(root, "docs/operations.md"), "utf8");
    assert.ok(
      operations.includes(`A Kubernetes cluster of version 1.${oldestKubernetes.toString()} or later`),
    );
  });

  it("finds clocks that differ", async () => {
    const fix = "Fix: synchronize the clock of the one that is wrong.";
    assert.deepEqual(await faults({}, known, later(-5)), []);
    assert.deepEqual(await faults({}, known, later(6)), [
      `warn clock: this machine is 6 s behind the API server. ${fix}`,
    ]);
    assert.deepEqual(await faults({}, known, later(-61)), [
      `bad clock: this machine is 61 s ahead of the API server. ${fix}`,
    ]);
    const dated = { code: 200, text: '{"gitVersion":"v1.34.2"}', headers: { date: "noon" } };
    assert.deepEqual(await faults({ "/version": dated }), [
      "unchecked clock: the API server does not say the time.",
    ]);
  });

  it("finds nodes that are not ready, short of something, closed, or too few", async () => {
    const nodes = list(
      node("a", ["Ready", "Unknown", "Kubelet stopped\nposting"]),
      node("b", ["Ready", "True"], ["DiskPressure", "True"]),
      { ...node("c", ["Ready", "True"]), spec: { unschedulable: true } },
    );
    const config = { cluster: { ...known.cluster, highAvailability: true }, addons: { rookCeph: true } };
    const lines = await faults({ "/api/v1/nodes": nodes, [ceph]: undefined }, config);
    assert.deepEqual(lines.slice(0, 5), [
      "warn cluster: the node a is not ready (Kubelet stopped posting). Fix: see what `kubectl describe node a` says.",
      "warn cluster: the node b has DiskPressure and evicts pods. Fix: free what it is short of.",
      "warn cluster: the node c takes no pods. Fix: kubectl uncordon c.",
      "bad cluster.highAvailability: it needs three nodes (three Sensors, of which two must be there), and 2 nodes are ready. Fix: add nodes, or unset it.",
      "bad addons.rookCeph: it needs three nodes (three copies of everything, each on a node of its own), and 2 nodes are ready. Fix: add nodes, or unset it.",
    ]);
    assert.deepEqual(await faults({ "/api/v1/nodes": list() }), [
      "bad cluster: it has no nodes. Fix: add one.",
    ]);
    assert.deepEqual(await faults({ "/api/v1/nodes": refused }), [
      "unchecked cluster: the list of nodes cannot be read (403 may not).",
    ]);
  });

  it("finds classes that are not there and that the stack does not bring", async () => {
    const answers = { [classes]: list(named("standart"), named("fast")), [ingresses]: list() };
    assert.deepEqual(await faults(answers), [
      "bad cluster.storageClass: there is no StorageClass standard; the cluster has standart, fast. Fix: set cluster.storageClass to standart.",
      "bad webhooks.ingress.class: there is no IngressClass nginx; the cluster has none. Fix: install one, or set addons.ingressController.",
    ]);
    const brought = { ...known, addons: { ingressController: {} } };
    assert.deepEqual(await faults({ [ingresses]: list() }, brought), []);
    assert.deepEqual(await faults({ [ingresses]: { code: 200, text: "<html>" } }), [
      "unchecked webhooks.ingress.class: the list of IngressClasses cannot be read (the answer is not JSON).",
    ]);
  });

  it("finds an API server without pod security or policies", async () => {
    const answers = {
      [rehearsal]: { code: 201 },
      "/apis/admissionregistration.k8s.io/v1": { resources: [] },
    };
    const security =
      "warn cluster: pod security admission is off, so that a namespace's level limits no pod. Fix: enable the admission plugin PodSecurity.";
    assert.deepEqual(await faults(answers), [
      security,
      "bad cluster.admissionPolicies: the API server has no ValidatingAdmissionPolicies. Fix: enable them, or set it to false.",
    ]);
    const without = { cluster: { ...known.cluster, admissionPolicies: false } };
    assert.deepEqual(await faults(answers, without), [security]);
    assert.deepEqual(await faults({ [rehearsal]: refused }), [
      "unchecked cluster: whether pod security admission is on is not told (403 may not).",
    ]);
  });

  it("finds releases that were interrupted, that have failed, or that are somebody else's", async () => {
    const releases = list(
      release("argo-workflows", "argo", { status: "pending-install" }),
      release("argo-events", "argo-events", { status: "deployed" }),
      release("argo-events", "argo-events", { status: "failed", version: "2" }),
      release("argo-cd", "argocd", {}, "Helm"),
      release("argo-cd", "elsewhere", { status: "pending-upgrade" }),
    );
    assert.deepEqual(await faults({ [helm]: releases }), [
      "bad cluster: the release argo-workflows in argo is pending-install: its last command was interrupted, or still runs. Fix: when no pulumi and no helm runs, `kubectl --context test delete secret --namespace argo sh.helm.release.v1.argo-workflows.v1`, then `pulumi up --refresh`.",
      "warn cluster: the release argo-events in argo-events has failed at revision 2. Fix: `pulumi up --refresh` tries again, and says why it fails.",
      "bad cluster: the release argo-cd in argocd was installed by Helm, and `pulumi up` adopts no release. Fix: `helm uninstall argo-cd --namespace argocd`, if nothing needs it.",
    ]);
    assert.deepEqual(await faults({ [helm]: refused }), [
      "unchecked cluster: the list of Helm's releases cannot be read (403 may not).",
    ]);
  });

  it("finds kinds that belong to another release, or to none", async () => {
    const answers = {
      [`${kinds}/workflows.argoproj.io`]: kind("argo", "workflows"),
      [`${kinds}/applications.argoproj.io`]: { metadata: {} },
      [`${kinds}/sensors.argoproj.io`]: undefined,
      [`${kinds}/imageupdaters.argocd-image-updater.argoproj.io`]: refused,
    };
    const annotations = (name: string, namespace: string) =>
      `the annotations meta.helm.sh/release-name=${name} meta.helm.sh/release-namespace=${namespace} and the label app.kubernetes.io/managed-by=Helm.`;
    assert.deepEqual(await faults(answers), [
      `bad cluster: the kind workflows.argoproj.io belongs to the release argo in workflows, so argo-workflows cannot be installed in argo. Fix: give it and the other kinds of argo-workflows ${annotations("argo-workflows", "argo")}`,
      `bad cluster: the kind applications.argoproj.io belongs to no release of Helm, so argo-cd cannot be installed in argocd. Fix: give it and the other kinds of argo-cd ${annotations("argo-cd", "argocd")}`,
      "unchecked cluster: the kind imageupdaters.argocd-image-updater.argoproj.io cannot be read (403 may not).",
    ]);
  });

  it("finds what Argo Events has not deployed", async () => {
    const answers = {
      [`${argo}/argo-events/eventbus/default`]: conditions(["Deployed", "False", "no PVC"]),
      [`${argo}/argo-events/eventsources/github`]: {},
      [`${argo}/argo-events/sensors/shop`]: undefined,
    };
    assert.deepEqual(await faults(answers), [
      "bad eventBus: the EventBus default is not deployed (no PVC). Fix: see the controller's log in argo-events.",
      "bad webhooks: the EventSource github is not deployed (its controller says nothing of it). Fix: see the controller's log in argo-events.",
      "warn projects.shop: there is no Sensor shop. Fix: `pulumi up` makes it.",
    ]);
    const none = Object.fromEntries(Object.keys(answers).map((path) => [path, undefined]));
    assert.deepEqual(await faults(none), [
      "warn projects: nothing that receives pushes is there yet. Fix: `pulumi up` makes it.",
    ]);
  });

  it("finds looks for lost pushes that are late, have failed, or were not answered", async () => {
    const log = (name: string) => `Fix: see \`argo logs ${name} --namespace ci\`.`;
    for (const [all, line] of [
      [[], "warn builds.catchUp: no look for lost pushes has ended yet."],
      [
        [look(51, "Succeeded", {})],
        "bad builds.catchUp: the last look for lost pushes ended 51 min ago, and there is one every 10 min. Fix: see the workflow controller's log.",
      ],
      [
        [look(3, "Failed", {}, "no such token")],
        `bad builds.catchUp: the last look for lost pushes ended 3 min ago and failed (no such token). ${log("catch-up-3")}`,
      ],
      [
        [look(3, "Succeeded", { unanswered: "2" })],
        `warn builds.catchUp: the last look for lost pushes ended 3 min ago; for 2 services it could not ask all it needs. ${log("catch-up-3")}`,
      ],
    ] as const) {
      assert.deepEqual(await faults({ [looks]: list(...all) }), [line]);
    }
    const cron = `${argo}/ci/cronworkflows/catch-up`;
    assert.deepEqual(await faults({ [cron]: undefined }), [
      "warn builds.catchUp: there is no CronWorkflow catch-up. Fix: `pulumi up` makes it.",
    ]);
    assert.deepEqual(await faults({ [cron]: { spec: { suspend: true } } }), [
      "warn builds.catchUp: the CronWorkflow is suspended: lost pushes stay lost. Fix: `argo cron resume catch-up`.",
    ]);
    const off = { ...known, builds: { catchUp: { enabled: false } } };
    assert.deepEqual(await faults({ [cron]: refused }, off), []);
  });

  it("finds pods that do not run, and why", async () => {
    const waiting = (reason: string, message: string) => ({ state: { waiting: { reason, message } } });
    const build = { labels: { "workflows.argoproj.io/workflow": "w" } };
    const ended = { lastState: { terminated: { reason: "OOMKilled" } } };
    const unready = conditions(["Ready", "False", "containers with unready status: [main]"]).status;
    const pods = list(
      pod("crash", { containerStatuses: [waiting("CrashLoopBackOff", "back-off 5m\u001b[31m")] }),
      pod("young", { phase: "Pending" }, { seconds: 30 }),
      pod("image", { initContainerStatuses: [waiting("ErrImagePull", "")] }, { seconds: 1 }),
      pod("full", { phase: "Pending", ...conditions(["PodScheduled", "False", "0/3 nodes"]).status }),
      pod("evicted", { phase: "Failed", reason: "Evicted", message: "low on memory" }),
      pod("killed", { phase: "Running", containerStatuses: [ended], ...unready }),
      pod("slow", { phase: "Running", ...unready }),
      pod("build", { phase: "Failed" }, build),
    );
    const line = (name: string, why: string) =>
      `warn cluster: the pod ${name} in argo ${why}. Fix: see what \`kubectl describe pod ${name} --namespace argo\` says.`;
    assert.deepEqual(await faults({ "/api/v1/namespaces/argo/pods?limit=500": pods }), [
      line("crash", "waits: CrashLoopBackOff, back-off 5m[31m"),
      line("image", "waits: ErrImagePull"),
      line("full", "has no node: 0/3 nodes"),
      line("evicted", "has failed: Evicted, low on memory"),
      line("killed", "is not ready: OOMKilled"),
      "warn cluster: 1 more pod is not well in argo.",
    ]);
    assert.deepEqual(await faults({ "/api/v1/namespaces/argo/pods?limit=500": refused }), [
      "unchecked cluster: the list of pods in argo cannot be read (403 may not).",
    ]);
  });

  it("says how Ceph is, or that its disks cannot be seen", async () => {
    const three = list(...["a", "b", "c"].map((name) => node(name, ["Ready", "True"])));
    const config = { ...known, addons: { rookCeph: true } };
    const of = (health: string, bytesUsed: number) => {
      const details = { OSD_DOWN: { message: "1 osds down" } };
      const capacity = { bytesUsed, bytesTotal: 100 };
      return list({ status: { ceph: { health, capacity, ...(health === "HEALTH_OK" ? {} : { details }) } } });
    };
    const told = async (said: Said | undefined) =>
      (await found({ "/api/v1/nodes": three, [ceph]: said }, config)).filter((line) =>
        line.includes(" addons.rookCeph: "),
      );
    const fix = "Fix: see the log of rook-ceph-operator, and Rook's page on common issues.";
    assert.deepEqual(await told(of("HEALTH_OK", 74)), ["good addons.rookCeph: Ceph says HEALTH_OK."]);
    assert.deepEqual(await told(of("HEALTH_WARN", 75)), [
      `warn addons.rookCeph: Ceph says HEALTH_WARN (1 osds down). ${fix}`,
      "warn addons.rookCeph: Ceph's disks are 75 % full. Fix: add disks.",
    ]);
    assert.deepEqual(await told(of("HEALTH_ERR", 0)), [
      `bad addons.rookCeph: Ceph says HEALTH_ERR (1 osds down). ${fix}`,
    ]);
    assert.deepEqual(await told(undefined), [
      "unchecked addons.rookCeph: whether the nodes have unused disks cannot be seen through Kubernetes. Fix: run `lsblk --fs` on each node: Ceph takes what has no FSTYPE and no partitions.",
    ]);
  });
});

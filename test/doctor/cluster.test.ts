import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { cluster, oldestKubernetes } from "../../tools/doctor/cluster.ts";
import { root, smallProject } from "../support/declare.ts";
import { examinedOf, linesOf, refused } from "../support/doctor.ts";
import {
  ceph,
  classes,
  problems,
  found,
  helm,
  ingresses,
  kind,
  kinds,
  known,
  later,
  list,
  named,
  node,
  rehearsal,
  release,
  uid,
} from "../support/doctor-cluster.ts";

describe("the doctor's check of a cluster", () => {
  it("reports each subject of a healthy cluster", async () => {
    assert.deepEqual(await found({}, known), [
      "good cluster.context: the cluster of test answers and runs Kubernetes v1.34.2.",
      "good clock: this machine and the API server agree on the time.",
      "good cluster.uid: the context points to this cluster.",
      "good cluster: 2 nodes are ready.",
      "good cluster.storageClass: the StorageClass standard exists.",
      "good webhooks.ingress.class: the IngressClass nginx exists.",
      "good cluster: pod security admission is on.",
      "good cluster.admissionPolicies: the API server has ValidatingAdmissionPolicies.",
      "good cluster: 4 of the stack's 4 releases are installed, and none is in the way.",
      "good eventBus: the EventBus default is deployed.",
      "good webhooks: the EventSource github is deployed.",
      "good projects.shop: the Sensor shop is deployed.",
      "good builds.catchUp: the last check for lost pushes ended 2 min ago; builds started: 1.",
      "good cluster: 2 pods are healthy in argocd.",
    ]);
  });

  it("reports in one line why the cluster cannot be queried", async () => {
    const fix = "Fix: run `kubectl --context test get nodes`, and fix the error that it reports.";
    const kubectl = { connect: () => Promise.reject(new Error('context "test" does not exist')) };
    assert.deepEqual(linesOf(await cluster(examinedOf({}, { kubectl }))), [
      `unchecked cluster.context: the cluster of the context test cannot be queried (context "test" does not exist). ${fix}`,
    ]);
    for (const [reply, because] of [
      [{ code: 0, reason: "no answer within 4 s" }, "no answer within 4 s"],
      [{ code: 401, reason: "401 Unauthorized" }, "401 Unauthorized"],
      [{ code: 302, headers: { location: "https://elsewhere.example" }, reason: "302" }, "302"],
      [{ code: 200, text: "<html>Sign in</html>" }, "the answer is not from Kubernetes"],
    ] as const) {
      assert.deepEqual(await found({ "/version": reply }), [
        `unchecked cluster.context: the cluster of the context test cannot be queried (${because}). ${fix}`,
      ]);
    }
  });

  it("stops at a cluster with another uid", async () => {
    const other = "11111111-1111-4222-8333-123456789abc";
    const config = { cluster: { ...known.cluster, uid: other } };
    assert.deepEqual((await found({}, config)).slice(2), [
      `bad cluster.uid: the context test points to another cluster, ${uid}. Fix: correct cluster.context.`,
    ]);
  });

  it("reports a uid that is not set or cannot be read", async () => {
    assert.deepEqual(await problems({}, {}), [
      `warn cluster.uid: it is not set, so a context that points to another cluster goes unnoticed. Fix: pulumi config set --path cluster.uid ${uid} --stack test.`,
    ]);
    assert.deepEqual(await problems({ "/api/v1/namespaces/kube-system": refused }), [
      "unchecked cluster.uid: the namespace kube-system cannot be read (403 may not).",
    ]);
    const shell = { metadata: { uid: "$(reboot)" } };
    assert.deepEqual(await problems({ "/api/v1/namespaces/kube-system": shell }, {}), [
      "unchecked cluster.uid: the namespace kube-system cannot be read (200).",
    ]);
  });

  it("reports old and invalid versions of Kubernetes", async () => {
    assert.deepEqual(await problems({ "/version": { gitVersion: "v1.30.9" } }), [
      "bad cluster.context: the cluster of test runs Kubernetes v1.30.9. Fix: upgrade it to 1.31 or later.",
    ]);
    assert.deepEqual(await problems({ "/version": { gitVersion: "v1.31.0-eks-1" } }), []);
    assert.deepEqual(await problems({ "/version": { gitVersion: "latest" } }), [
      "unchecked cluster.context: the cluster of test reports no valid version.",
    ]);
    const operations = readFileSync(join(root, "docs/operations.md"), "utf8");
    assert.ok(
      operations.includes(`A Kubernetes cluster of version 1.${oldestKubernetes.toString()} or later`),
    );
  });

  it("reports clocks that differ", async () => {
    const fix = "Fix: synchronize the wrong clock.";
    assert.deepEqual(await problems({}, known, later(-5)), []);
    assert.deepEqual(await problems({}, known, later(6)), [
      `warn clock: this machine is 6 s behind the API server. ${fix}`,
    ]);
    assert.deepEqual(await problems({}, known, later(-61)), [
      `bad clock: this machine is 61 s ahead of the API server. ${fix}`,
    ]);
    const dated = { code: 200, text: '{"gitVersion":"v1.34.2"}', headers: { date: "noon" } };
    assert.deepEqual(await problems({ "/version": dated }), [
      "unchecked clock: the API server sends no valid Date header.",
    ]);
  });

  it("reports nodes that are not ready, under pressure, cordoned, or too few", async () => {
    const nodes = list(
      node("a", ["Ready", "Unknown", "Kubelet stopped\nposting"]),
      node("b", ["Ready", "True"], ["DiskPressure", "True"]),
      { ...node("c", ["Ready", "True"]), spec: { unschedulable: true } },
    );
    const config = { cluster: { ...known.cluster, highAvailability: true }, addons: { rookCeph: true } };
    const lines = await problems({ "/api/v1/nodes": nodes, [ceph]: undefined }, config);
    assert.deepEqual(lines.slice(0, 5), [
      "warn cluster: the node a is not ready (Kubelet stopped posting). Fix: see `kubectl describe node a`.",
      "warn cluster: the node b has DiskPressure and evicts pods. Fix: free the resource that it lacks.",
      "warn cluster: the node c is cordoned and takes no new pods. Fix: kubectl uncordon c.",
      "bad cluster.highAvailability: it needs three nodes (three replicas of each Sensor, two of which must run), but 2 nodes are ready. Fix: add nodes, or unset it.",
      "bad addons.rookCeph: it needs three nodes (three copies of everything, each on its own node), but 2 nodes are ready. Fix: add nodes, or unset it.",
    ]);
    assert.deepEqual(await problems({ "/api/v1/nodes": list() }), [
      "bad cluster: the cluster has no nodes. Fix: add one.",
    ]);
    assert.deepEqual(await problems({ "/api/v1/nodes": refused }), [
      "unchecked cluster: the list of nodes cannot be read (403 may not).",
    ]);
  });

  it("reports architectures of builds that no node has", async () => {
    const of = (name: string, architecture: string) => {
      const one = node(name, ["Ready", "True"]);
      return { ...one, metadata: { ...one.metadata, labels: { "kubernetes.io/arch": architecture } } };
    };
    const repositories = [
      { name: "web", architecture: ["amd64", "arm64"] },
      { name: "api", architecture: "arm64" },
    ];
    const config = { ...known, projects: { shop: { ...smallProject(), repositories } } };
    const lines = await problems({ "/api/v1/nodes": list(of("a", "amd64"), of("b", "amd64")) }, config);
    assert.deepEqual(
      lines.filter((line) => line.includes("architecture")),
      [
        "warn builds.architecture: no node has the architecture arm64, so builds of web, api would wait. Fix: add a node of this architecture, or set another one.",
      ],
    );
    const both = list(of("a", "amd64"), of("b", "arm64"));
    assert.ok(
      !(await problems({ "/api/v1/nodes": both }, config)).some((line) => line.includes("architecture")),
    );
  });

  it("reports classes that neither the cluster has nor the stack installs", async () => {
    const answers = { [classes]: list(named("standart"), named("fast")), [ingresses]: list() };
    assert.deepEqual(await problems(answers), [
      "bad cluster.storageClass: there is no StorageClass standard; the cluster has standart, fast. Fix: set cluster.storageClass to standart.",
      "bad webhooks.ingress.class: there is no IngressClass nginx; the cluster has none. Fix: install one, or set addons.ingressController.",
    ]);
    const brought = { ...known, addons: { ingressController: {} } };
    assert.deepEqual(await problems({ [ingresses]: list() }, brought), []);
    assert.deepEqual(await problems({ [ingresses]: { code: 200, text: "<html>" } }), [
      "unchecked webhooks.ingress.class: the list of IngressClasses cannot be read (the answer is not JSON).",
    ]);
  });

  it("reports an API server without pod security or admission policies", async () => {
    const answers = {
      [rehearsal]: { code: 201 },
      "/apis/admissionregistration.k8s.io/v1": { resources: [] },
    };
    const security =
      "warn cluster: pod security admission is off, so no pod is limited by its namespace's level. Fix: enable the admission plugin PodSecurity.";
    assert.deepEqual(await problems(answers), [
      security,
      "bad cluster.admissionPolicies: the API server has no ValidatingAdmissionPolicies. Fix: enable them, or set cluster.admissionPolicies to false.",
    ]);
    const without = { cluster: { ...known.cluster, admissionPolicies: false } };
    assert.deepEqual(await problems(answers, without), [security]);
    assert.deepEqual(await problems({ [rehearsal]: refused }), [
      "unchecked cluster: cannot tell whether pod security admission is on (403 may not).",
    ]);
  });

  it("reports releases that were interrupted, failed, or were not installed by Pulumi", async () => {
    const releases = list(
      release("argo-workflows", "argo", { status: "pending-install" }),
      release("argo-events", "argo-events", { status: "deployed" }),
      release("argo-events", "argo-events", { status: "failed", version: "2" }),
      release("argo-cd", "argocd", {}, "Helm"),
      release("argo-cd", "elsewhere", { status: "pending-upgrade" }),
    );
    assert.deepEqual(await problems({ [helm]: releases }), [
      "bad cluster: the release argo-workflows in argo is pending-install: its last command was interrupted or is still running. Fix: when neither pulumi nor helm runs, `kubectl --context test delete secret --namespace argo sh.helm.release.v1.argo-workflows.v1`, then `pulumi up --refresh`.",
      "warn cluster: the release argo-events in argo-events failed at revision 2. Fix: `pulumi up --refresh` retries, and reports why it fails.",
      "bad cluster: the release argo-cd in argocd was installed by Helm, and `pulumi up` does not adopt releases. Fix: `helm uninstall argo-cd --namespace argocd`, if nothing needs it.",
    ]);
    assert.deepEqual(await problems({ [helm]: refused }), [
      "unchecked cluster: the list of Helm's releases cannot be read (403 may not).",
    ]);
  });

  it("reports CRDs that belong to another release, or to none", async () => {
    const answers = {
      [`${kinds}/workflows.argoproj.io`]: kind("argo", "workflows"),
      [`${kinds}/applications.argoproj.io`]: { metadata: {} },
      [`${kinds}/sensors.argoproj.io`]: undefined,
      [`${kinds}/imageupdaters.argocd-image-updater.argoproj.io`]: refused,
    };
    const annotations = (name: string, namespace: string) =>
      `the annotations meta.helm.sh/release-name=${name} meta.helm.sh/release-namespace=${namespace} and the label app.kubernetes.io/managed-by=Helm.`;
    assert.deepEqual(await problems(answers), [
      `bad cluster: the CRD workflows.argoproj.io belongs to the release argo in workflows, so argo-workflows cannot be installed in argo. Fix: add to it and the other CRDs of argo-workflows ${annotations("argo-workflows", "argo")}`,
      `bad cluster: the CRD applications.argoproj.io belongs to no Helm release, so argo-cd cannot be installed in argocd. Fix: add to it and the other CRDs of argo-cd ${annotations("argo-cd", "argocd")}`,
      "unchecked cluster: the CRD imageupdaters.argocd-image-updater.argoproj.io cannot be read (403 may not).",
    ]);
  });
});

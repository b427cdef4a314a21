/** The edits that are refused because of the stack's state; test/edits/losses.test.ts tests some with the engine. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { wrongCluster } from "../components/cluster/identity.ts";
import { leavingApplications } from "../components/cluster/state/leaving.ts";
import { losses } from "../components/cluster/state/losses.ts";
import type { StateResource } from "../components/cluster/state/state-resources.ts";
import { parseConfig } from "../components/settings/parse.ts";
import { settingsOf } from "../components/settings/settings.ts";
import type { Config } from "./support/declare.ts";
import { smallConfig, smallProject } from "./support/declare.ts";

const cluster = { context: "test", storageClass: "standard" };

const partLabels = { "pod-security.kubernetes.io/enforce": "baseline" };

function namespace(name: string, labels: Config = partLabels, annotations: Config = {}) {
  return { type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name, labels, annotations } } };
}

function bus(replicas: number, namespace = "argo-events"): StateResource {
  const persistence = { storageClassName: "standard", volumeSize: "5Gi", accessMode: "ReadWriteOnce" };
  const spec = { jetstream: { replicas, persistence } };
  return {
    type: "kubernetes:argoproj.io/v1alpha1:EventBus",
    outputs: { kind: "EventBus", metadata: { namespace }, spec },
  };
}

function application(name: string, at: string): StateResource {
  const spec = { project: "shop", destination: { server: "https://kubernetes.default.svc", namespace: at } };
  const outputs = { kind: "Application", metadata: { name, namespace: "argocd" }, spec };
  return { type: "kubernetes:argoproj.io/v1alpha1:Application", outputs };
}

const registry: StateResource = {
  type: "kubernetes:helm.sh/v3:Release",
  outputs: {
    name: "zot",
    namespace: "registry",
    values: { pvc: { storage: "3Gi", storageClassName: "standard" } },
  },
};

/** The path and rule of each loss that an edit would cause. */
function lost(state: readonly StateResource[], differences: Config = {}): string[] {
  const { settings, errors } = parseConfig(smallConfig(differences));
  assert.deepEqual(errors, []);
  assert.ok(settings !== undefined);
  return losses(state, settingsOf(settings, "test")).map(({ path, rule }) => `${path} | ${rule}`);
}

const gone = (name: string) =>
  `cluster.deletableNamespaces | this edit would delete the namespace ${name}, with everything in it`;

describe("an edit of a stack that is up", () => {
  it("loses no namespace of a component except deletable ones", () => {
    const all = ["argo", "argo-events", "argocd", "ci"].map((name) => namespace(name));
    assert.deepEqual(lost(all), []);
    assert.deepEqual(lost(all, { namespaces: { builds: "builds", events: "events" } }), [
      gone("argo-events"),
      gone("ci"),
    ]);
    // An application in the namespace does not keep what the component has there.
    const { applications, ...project } = smallProject();
    const web = { ...applications[0], namespace: "ci" };
    const projects = { shop: { ...project, applications: [web] } };
    assert.deepEqual(lost(all, { namespaces: { builds: "builds" }, projects }), [gone("ci")]);
    for (const name of ["rook-ceph", "registry", "traefik", "argo-rollouts", "ci-buildkit"]) {
      assert.deepEqual(lost([namespace(name)]), [gone(name)]);
      const may = { cluster: { ...cluster, deletableNamespaces: [name] } };
      assert.deepEqual(lost([namespace(name, partLabels, { "argo-cicd/deletable": "true" })], may), []);
      // Still protected, as the last `up` left it.
      assert.deepEqual(lost([namespace(name)], may), [
        `${gone(name)}, which was not deletable at the last \`pulumi up\``,
      ]);
    }
    assert.deepEqual(lost([namespace("shop", {}), namespace("kube-system", { a: "b" })]), []);
  });

  it("keeps the bus and its pending messages", () => {
    const path = "eventBus.replicas";
    const rule = (now: number) =>
      `${path} | the event bus runs with ${now.toString()}, and would lose its waiting deliveries or never become ready`;
    const edits = [
      [3, 3, []],
      [3, 5, []],
      [1, 1, []],
      [1, 3, [rule(1)]],
      [3, 1, [rule(3)]],
      [5, 3, [rule(5)]],
    ] as const;
    for (const [now, replicas, expected] of edits)
      assert.deepEqual(lost([bus(now)], { eventBus: { replicas } }), expected);
    const reported = (at: string, now: string) =>
      `${at} | the event bus runs with ${now}, and would lose its waiting deliveries or never become ready`;
    assert.deepEqual(lost([bus(3)], { eventBus: { volumeSize: "6Gi" } }), [
      reported("eventBus.volumeSize", "5Gi"),
    ]);
    assert.deepEqual(lost([bus(3)], { cluster: { ...cluster, storageClass: "fast" } }), [
      reported("cluster.storageClass", "standard"),
    ]);
  });

  it("keeps the volume of its registry", () => {
    const addons = (volumeSize: string) => ({ addons: { registry: { volumeSize } } });
    const rule = (now: string) => `the volume of the registry has ${now}, which Kubernetes cannot change`;
    assert.deepEqual(lost([registry], addons("3Gi")), []);
    assert.deepEqual(lost([registry], addons("4Gi")), [`addons.registry.volumeSize | ${rule("3Gi")}`]);
    assert.deepEqual(lost([registry], { ...addons("3Gi"), cluster: { ...cluster, storageClass: "fast" } }), [
      `cluster.storageClass | ${rule("standard")}`,
    ]);
  });

  it("moves no part with data to a namespace that stays", () => {
    const all = ["argo", "argo-events", "argocd", "ci", "registry"].map((name) => namespace(name));
    const state = [...all, bus(3), registry];
    const addons = { registry: {} };
    const swapped = { events: "ci", builds: "argo-events" };
    const rule = "is in argo-events, and this edit would delete it there with its data";
    assert.deepEqual(lost(state, { addons }), []);
    assert.deepEqual(lost(state, { addons, namespaces: swapped }), [
      `namespaces.events | the event bus ${rule}`,
    ]);
    assert.deepEqual(lost(state, { addons, namespaces: { registry: "argo", workflows: "registry" } }), [
      "namespaces.registry | zot is in registry, and this edit would delete it there with its data",
    ]);
    const deletableNamespaces = ["argo-events"];
    assert.deepEqual(
      lost(state, { addons, namespaces: swapped, cluster: { ...cluster, deletableNamespaces } }),
      [],
    );
  });

  it("moves no chart whose CRDs stay, even if its namespace may be deleted or stays", () => {
    const release = (name: string, at: string) => ({
      type: "kubernetes:helm.sh/v3:Release",
      outputs: { name, namespace: at },
    });
    const state = [
      ...["argo", "argocd", "traefik"].map((name) =>
        namespace(name, partLabels, { "argo-cicd/deletable": "true" }),
      ),
      release("argo-workflows", "argo"),
      release("argo-cd", "argocd"),
      release("traefik", "traefik"),
    ];
    const rule = "and Helm cannot move it, since its CRDs stay and belong to the release there";
    const addons = { ingressController: {} };
    const may = { ...cluster, deletableNamespaces: ["argo", "argocd", "traefik"] };
    const swapped = { workflows: "argocd", delivery: "argo" };
    assert.deepEqual(lost(state, { addons }), []);
    assert.deepEqual(lost(state, { addons, namespaces: swapped, cluster: may }), [
      `namespaces.workflows | argo-workflows is in argo, ${rule}`,
      `namespaces.delivery | argo-cd is in argocd, ${rule}`,
    ]);
    assert.deepEqual(lost(state, { addons, namespaces: { workflows: "workflows" } }), [
      `namespaces.workflows | argo-workflows is in argo, ${rule}`,
    ]);
    // The chart of Traefik is installed without its CRDs.
    assert.deepEqual(lost(state, { addons, namespaces: { ingress: "web" }, cluster: may }), []);
  });

  it("deletes nothing of an application that moves, unless requested", () => {
    const shop = (...applications: Config[]) => ({
      projects: {
        shop: {
          ...smallProject(),
          applications: applications.map((one) => ({ repository: "shop-cluster", path: "k8s", ...one })),
        },
      },
    });
    const state = [application("web", "shop"), application("jobs", "shop")];
    const jobs = { name: "jobs", namespace: "shop", path: "jobs" };
    const web = { name: "web", namespace: "shop" };
    const moved = { ...web, namespace: "web" };
    assert.deepEqual(lost(state, shop(jobs, web)), []);
    assert.deepEqual(lost(state, shop(jobs, moved)), [
      "projects.shop.applications[1].namespace | Argo CD would delete what web runs in shop, a namespace that shop still permits for another application",
    ]);
    // Two that swap namespaces: each keeps the other's open.
    const exchanged = shop({ ...web, namespace: "api" }, { ...web, name: "api" });
    assert.equal(lost([...state, application("api", "api")], exchanged).length, 2);
    assert.deepEqual(lost(state, shop(jobs, { ...moved, onRemoval: "delete" })), []);
    assert.deepEqual(lost(state, shop(jobs, { ...moved, name: "web-2" })), []);
    // The project has nothing left there, and its AppProject keeps Argo CD out.
    assert.deepEqual(lost(state, shop({ ...jobs, namespace: "web" }, moved)), []);
    assert.deepEqual(lost([application("web", "default")], shop(jobs, moved)), []);
  });

  it("deletes nothing that an application with another name takes over", () => {
    const cascades = ["resources-finalizer.argocd.argoproj.io"];
    const ran = (name: string, path: string, finalizers: readonly string[] = []): StateResource => {
      const source = { repoURL: "https://github.com/acme/shop-cluster.git", path, targetRevision: "main" };
      const spec = { project: "shop", source, destination: { namespace: "shop" } };
      const outputs = { kind: "Application", metadata: { name, namespace: "argocd", finalizers }, spec };
      return { type: "kubernetes:argoproj.io/v1alpha1:Application", outputs };
    };
    const one = (name: string, path: string, more: Config = {}) => ({
      name,
      path,
      repository: "shop-cluster",
      namespace: "shop",
      ...more,
    });
    const edited = (...applications: Config[]) => ({
      projects: { shop: { ...smallProject(), applications } },
    });
    const taken = (index: number, name: string, earlier: string) =>
      `projects.shop.applications[${index.toString()}].name | Argo CD would delete what ${earlier} runs in shop from the manifests that ${name} has now`;
    const state = [ran("web", "web"), ran("jobs", "jobs")];
    assert.deepEqual(lost(state, edited(one("web", "web"), one("jobs", "jobs"))), []);
    assert.deepEqual(lost(state, edited(one("web", "jobs"), one("jobs", "web"))), [
      taken(0, "web", "jobs"),
      taken(1, "jobs", "web"),
    ]);
    // Renamed: running objects stay, unless they are deleted with the old name.
    const renamed = edited(one("site", "web", { onRemoval: "delete" }), one("jobs", "jobs"));
    assert.deepEqual(lost(state, renamed), []);
    assert.deepEqual(lost([ran("web", "web", cascades)], renamed), [taken(0, "site", "web")]);
    // However its repository is accessed, and whoever owns it now.
    const moved = edited(one("site", "web", { repository: "Shop-Cluster", access: "deployKey" }));
    assert.deepEqual(lost([ran("web", "web", cascades)], moved), [taken(0, "site", "web")]);
    // Removed as requested, and other manifests under the same name.
    assert.deepEqual(lost([ran("web", "web", cascades)], edited(one("jobs", "jobs"))), []);
    assert.deepEqual(lost(state, edited(one("web", "web-2"), one("jobs", "jobs"))), []);
    // Another application that had the same manifests before.
    const both = [ran("web", "web", cascades), ran("copy", "web")];
    assert.deepEqual(lost(both, edited(one("copy", "web"))), []);
  });

  it("leaves Argo CD its rights where it still deletes what an application runs", () => {
    const finalizers = ["resources-finalizer.argocd.argoproj.io"];
    const ran = (name: string, at: string, kept: Config = { finalizers }): StateResource => {
      const spec = { project: "shop", destination: { namespace: at } };
      const outputs = { kind: "Application", metadata: { name, ...kept }, spec };
      return { type: "kubernetes:argoproj.io/v1alpha1:Application", outputs };
    };
    const leaving = (...state: StateResource[]) => {
      const { settings } = parseConfig(smallConfig());
      assert.ok(settings);
      return leavingApplications(state, settings);
    };
    const removed = (namespace: string) => [{ project: "shop", namespace }];
    assert.deepEqual(leaving(), []);
    assert.deepEqual(leaving(ran("shop", "default")), []);
    assert.deepEqual(leaving(ran("shop", "old")), removed("old"));
    assert.deepEqual(leaving(ran("web", "web")), removed("web"));
    assert.deepEqual(leaving(ran("web", "web", {}), ran("jobs", "jobs", { finalizers: [] })), []);
  });

  it("moves no NodePort to another Service", () => {
    const release = (name: string, values: Config): StateResource => ({
      type: "kubernetes:helm.sh/v3:Release",
      outputs: { name, values },
    });
    const service = (...ports: Config[]): StateResource => ({
      type: "kubernetes:core/v1:Service",
      outputs: { metadata: { name: "github-webhook-nodeport" }, spec: { ports } },
    });
    const state = [
      release("argo-cd", { server: { service: { nodePortHttps: 30443, nodePortHttp: 0 } } }),
      release("argo-workflows", { server: { serviceNodePort: 30444 } }),
      release("traefik", { ports: { web: { nodePort: 30080 }, websecure: { nodePort: 30445 } } }),
      release("zot", { service: { type: "NodePort", nodePort: 30500 } }),
      service({ name: "desk", port: 12000, nodePort: 30600 }, { name: "shop", port: 12001, nodePort: 30601 }),
    ];
    const webhook = (nodePort: number) => ({
      projects: { shop: { ...smallProject(), webhook: { url: "https://ci.example/shop", nodePort } } },
    });
    const ingressController = (http: number, https: number) => ({
      addons: { ingressController: { nodePorts: { http, https } } },
    });
    const taken = (path: string, owner: string) =>
      `${path} | ${owner} uses this port, which Kubernetes assigns to one Service at a time`;
    assert.deepEqual(lost(state, { argocd: { nodePort: 30444 }, workflows: { nodePort: 30443 } }), [
      taken("argocd.nodePort", "argo-workflows"),
      taken("workflows.nodePort", "argo-cd"),
    ]);
    // A removed object frees its port last.
    assert.deepEqual(lost(state, webhook(30500)), [taken("projects.shop.webhook.nodePort", "zot")]);
    assert.deepEqual(lost(state, ingressController(30601, 30443)), [
      taken("addons.ingressController.nodePorts.http", "github-webhook-nodeport"),
      taken("addons.ingressController.nodePorts.https", "argo-cd"),
    ]);
    assert.deepEqual(lost(state, { addons: { registry: { nodePort: 30080 } } }), [
      taken("addons.registry.nodePort", "traefik"),
    ]);
    // Within a Service or a release, or unchanged.
    assert.deepEqual(lost(state, webhook(30600)), []);
    assert.deepEqual(lost(state, ingressController(30445, 30080)), []);
    assert.deepEqual(lost(state, { argocd: { nodePort: 30443 }, workflows: { nodePort: 30444 } }), []);
  });

  it("loses nothing if there is no state", () => {
    assert.deepEqual(lost([]), []);
  });
});

describe("the cluster of the context", () => {
  const kubeSystem = (uid: string): StateResource => ({
    type: "kubernetes:core/v1:Namespace",
    outputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system", uid } },
  });
  const shop = {
    type: "kubernetes:core/v1:Namespace",
    outputs: { metadata: { name: "shop", uid: "of shop" } },
  };
  const state = [shop, kubeSystem("the old one")];
  /** The error for the cluster that is found, if the stack file has this UID. */
  const clusterError = (found: string | undefined, uid?: string, before: readonly StateResource[] = state) =>
    wrongCluster({ context: "test", uid }, before, found) ?? "";
  const refused = (found: string, expected: string) =>
    new RegExp(
      `^The context test leads to the cluster ${found}, but this stack is for ${expected}; nothing was changed[.]`,
    );

  it("must be that of the last `up` if the stack file has no UID", () => {
    assert.equal(clusterError("the old one"), "");
    assert.match(clusterError("another one"), refused("another one", "the old one"));
    assert.equal(clusterError("any", undefined, [shop]), "");
  });

  it("must be the one of the stack file, whatever the last `up` has seen", () => {
    assert.equal(clusterError("the new one", "the new one"), "");
    assert.match(clusterError("the old one", "the new one"), refused("the old one", "the new one"));
  });

  it("must exist", () => {
    const none = "No cluster answers at the context test; nothing was changed. ";
    for (const before of [[], state]) assert.ok(clusterError(undefined, undefined, before).startsWith(none));
  });
});

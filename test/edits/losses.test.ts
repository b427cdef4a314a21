import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { kubeSystem } from "../support/attached-provider.ts";
import type { Config } from "../support/declare.ts";
import type { Engine } from "../support/engine.ts";
import { startEngine } from "../support/engine.ts";

interface Project {
  applications: Config[];
}

describe("an edit that would destroy what the stack develop holds", () => {
  let engine: Engine;
  let committed: Config;

  before(async () => {
    engine = await startEngine("develop");
    engine.edit((config) => {
      (config["projects"] as Record<"alog", Project>).alog.applications.push(tools);
      Object.assign(config["addons"] as Config, { registry: {} });
      committed = structuredClone(config);
    });
    await engine.up();
  });
  after(() => engine.close());

  const tools = {
    name: "alog-tools",
    repository: "alog-cluster",
    path: "tools",
    namespace: "tools",
    images: [],
  };

  const edit = (change: (config: Config) => void) => {
    engine.edit((config) => {
      for (const key of Object.keys(config)) Reflect.deleteProperty(config, key);
      Object.assign(config, structuredClone(committed));
      change(config);
    });
  };
  const set = (part: string, values: Config) => (config: Config) => {
    config[part] = { ...(config[part] as Config), ...values };
  };

  const refused: Readonly<Record<string, [change: (config: Config) => void, errors: string[]]>> = {
    "renames the namespace of the bus": [
      set("namespaces", { events: "events" }),
      [
        'namespaces.events = "events": argo-events is in argo-events, and Helm cannot move it, since its CRDs stay and belong to the release there',
      ],
    ],
    "renames the namespace of builds": [
      set("namespaces", { builds: "builds" }),
      ["cluster.deletableNamespaces = []: this edit would delete the namespace ci, with everything in it"],
    ],
    "turns storage and registry off": [
      set("addons", { rookCeph: false, registry: undefined }),
      ["registry", "rook-ceph"].map(
        (name) =>
          `cluster.deletableNamespaces = []: this edit would delete the namespace ${name}, with everything in it`,
      ),
    ],
    "turns the registry off in the edit that makes its namespace deletable": [
      (config) => {
        set("cluster", { deletableNamespaces: ["registry"] })(config);
        set("addons", { registry: undefined })(config);
      },
      [
        'cluster.deletableNamespaces = ["registry"]: this edit would delete the namespace registry, with everything in it, which was not deletable at the last `pulumi up`',
      ],
    ],
    "gives two dashboards each other's port": [
      (config) => {
        set("argocd", { nodePort: 32746 })(config);
        set("workflows", { nodePort: 30443 })(config);
      },
      [
        "argocd.nodePort = 32746: argo-workflows uses this port, which Kubernetes assigns to one Service at a time",
        "workflows.nodePort = 30443: argo-cd uses this port, which Kubernetes assigns to one Service at a time",
      ],
    ],
    "changes the number of the bus's pods": [
      set("eventBus", { replicas: 1 }),
      [
        "eventBus.replicas = 1: the event bus runs with 3, and would lose its waiting deliveries or never become ready",
      ],
    ],
    "changes the class and the size of volumes": [
      (config) => {
        set("cluster", { storageClass: "fast" })(config);
        set("eventBus", { volumeSize: "10Gi" })(config);
        set("addons", { registry: { volumeSize: "9Gi" } })(config);
      },
      [
        'eventBus.volumeSize = "10Gi": the event bus runs with 5Gi, and would lose its waiting deliveries or never become ready',
        'cluster.storageClass = "fast": the event bus runs with ceph-block, and would lose its waiting deliveries or never become ready',
        'addons.registry.volumeSize = "9Gi": the volume of the registry has 3Gi, which Kubernetes cannot change',
        'cluster.storageClass = "fast": the volume of the registry has ceph-block, which Kubernetes cannot change',
      ],
    ],
  };
  for (const [what, [change, errors]] of Object.entries(refused)) {
    it(`is refused with a list of all losses if it ${what}`, async () => {
      const { length } = engine.world.changes;
      edit(change);
      for (const operation of [engine.preview, engine.up]) {
        const message = await operation().then(() => "", String);
        const found = [...message.matchAll(/argo-cicd:(\S+ = .+)\n +rule: (.+)\n/g)];
        assert.deepEqual([...new Set(found.map(([, at = "", rule = ""]) => `${at}: ${rule}`))], errors);
      }
      assert.equal(engine.world.changes.length, length);
    });
  }

  it("may add pods to the bus, and delete a deletable namespace", async () => {
    edit(set("eventBus", { replicas: 5 }));
    assert.deepEqual(await engine.preview(), { update: ["EventBus default"] });
    edit(set("cluster", { deletableNamespaces: ["registry"] }));
    await engine.up();
    edit((config) => {
      set("cluster", { deletableNamespaces: ["registry"] })(config);
      set("addons", { registry: undefined })(config);
    });
    assert.deepEqual(await engine.preview(), { delete: ["Namespace registry", "Release zot"] });
  });

  it("keeps the namespace of applications in the cluster, with its Secrets", async () => {
    edit((config) => (config["projects"] as Record<"alog", Project>).alog.applications.pop());
    const { delete: gone, update } = await engine.up();
    // The namespace of the registry is no longer deletable.
    assert.deepEqual(update, ["AppProject alog", "Namespace registry", "Secret argocd/in-cluster"]);
    assert.ok(gone?.includes("Application alog-tools"));
    const left = [...engine.world.objects.keys()].filter((id) => /[/]tools(\/|$)/.test(id));
    assert.deepEqual(left.toSorted(), [
      "kubernetes:core/v1:Namespace/tools",
      "kubernetes:core/v1:Secret/tools/alog-secret",
      "kubernetes:core/v1:Secret/tools/regcred",
    ]);
  });

  it("lets Argo CD delete what an application ran before it takes away its rights", async () => {
    const deletes = { ...tools, name: "alog-jobs", namespace: "jobs", onRemoval: "delete" };
    edit((config) => (config["projects"] as Record<"alog", Project>).alog.applications.push(deletes));
    await engine.up();
    edit(() => undefined);
    const { delete: first = [], ...more } = await engine.up();
    assert.deepEqual(
      [first.filter((one) => /Application|Role/.test(one)), more],
      [["Application alog-jobs"], {}],
    );
    const { update, delete: rights = [] } = await engine.up();
    assert.deepEqual(update, ["AppProject alog", "Secret argocd/in-cluster"]);
    assert.equal(rights.filter((one) => /^Role(Binding)? jobs/.test(one)).length, 4);
  });

  it("is refused if the context leads to another cluster than at the last `up`", async () => {
    edit(() => undefined);
    engine.world.found.set("kube-system", kubeSystem("another one"));
    await assert.rejects(
      engine.up(),
      /leads to the cluster another one, but this stack is for the cluster; nothing was changed/,
    );
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { charts } from "../../components/charts/charts.ts";
import { kubeSystem } from "../support/attached-provider.ts";
import type { Config } from "../support/declare.ts";
import { holds } from "../support/disguises.ts";
import type { Plan } from "../support/engine-stack.ts";
import type { Engine } from "../support/engine.ts";
import { startEngine } from "../support/engine.ts";

interface Project {
  branch?: string;
  repositories: (string | Config)[];
  applications: Config[];
}

const alogRepositories = ["front-web", "service-aggregator", "service-auth", "service-file", "service-issue"]
  .concat(["service-notification", "service-project", "service-release", "service-user"])
  .map((name) => `alog-${name}`);
const aformRepositories = ["front-web", "service-ai", "service-post", "service-survey", "service-user"].map(
  (name) => `aform-${name}`,
);
const repositories = [...aformRepositories, ...alogRepositories];

describe("an edit of the stack develop", () => {
  let engine: Engine;
  let committed: Config;

  before(async () => {
    engine = await startEngine("develop");
    engine.edit((config) => {
      committed = structuredClone(config);
    });
    await engine.up();
  });
  after(() => engine.close());

  /** What the engine would do for an edit; the stack file is put back. */
  async function plan(edit: (config: Config, alog: Project) => void): Promise<Plan> {
    engine.edit((config) => {
      const { alog } = config["projects"] as Record<"alog", Project>;
      edit(config, alog);
    });
    try {
      return await engine.preview();
    } finally {
      engine.edit((config) => {
        for (const key of Object.keys(config)) Reflect.deleteProperty(config, key);
        Object.assign(config, structuredClone(committed));
      });
    }
  }

  const lists = ["EventSource github", "ImageUpdater alog", "Sensor alog"];

  it("that adds a repository creates its objects and updates the lists that name it", async () => {
    const added = await plan((_, alog) => alog.repositories.push("alog-service-search"));
    assert.deepEqual(added, {
      create: ["RepositoryWebhook alog-service-search", "WorkflowTemplate alog-service-search"],
      update: ["ConfigMap ci/build-limits", "ConfigMap ci/catch-up", ...lists],
    });
  });

  it("that removes a repository deletes its objects and updates the lists that named it", async () => {
    const removed = await plan((_, alog) => {
      alog.repositories = alog.repositories.filter((one) => one !== "alog-service-file");
    });
    assert.deepEqual(removed, {
      delete: ["RepositoryWebhook alog-service-file", "WorkflowTemplate alog-service-file"],
      update: ["ConfigMap ci/build-limits", "ConfigMap ci/catch-up", ...lists],
    });
  });

  it("that moves a repository up or down in its list replaces nothing", async () => {
    const moved = await plan((_, alog) => alog.repositories.reverse());
    assert.deepEqual(moved, { update: lists });
  });

  it("that changes the tags updates builds and what deployments follow", async () => {
    const changed = await plan((config) => {
      config["tags"] = { moving: ["stable", "{branch}"] };
    });
    assert.deepEqual(changed, {
      update: [
        "ConfigMap ci/catch-up",
        // The other project names its own.
        "ImageUpdater alog",
        ...alogRepositories.map((name) => `WorkflowTemplate ${name}`),
      ],
    });
  });

  it("that raises the key's version replaces the key, and updates who holds it", async () => {
    const rotated = await plan((config) => {
      config["webhooks"] = { keyVersion: 2 };
    });
    const key = ["RandomPassword webhook-key"];
    assert.deepEqual(rotated, {
      "create-replacement": key,
      "delete-replaced": key,
      replace: key,
      update: [
        "EventSource github",
        ...repositories.map((name) => `RepositoryWebhook ${name}`),
        "Secret webhook-key",
      ].toSorted(),
    });
  });

  it("that gives the webhook to the organization makes it, and then removes those of the repositories", async () => {
    const given = await plan((config) => {
      const projects = config["projects"] as Record<"aform", { webhook: Config }>;
      projects.aform.webhook["organization"] = true;
    });
    assert.deepEqual(given, {
      create: ["OrganizationWebhook aform"],
      delete: aformRepositories.map((name) => `RepositoryWebhook ${name}`),
    });
  });

  it("that changes a webhook's address updates its webhooks and the way in", async () => {
    const moved = await plan((config) => {
      const projects = config["projects"] as Record<"aform", { webhook: Config }>;
      projects.aform.webhook["url"] = "https://server.acceler.kr/hooks";
    });
    assert.deepEqual(moved, {
      update: [
        "EventSource github",
        "Ingress github-webhook",
        ...aformRepositories.map((name) => `RepositoryWebhook ${name}`),
      ],
    });
  });

  it("that adds an application creates it and widens its project's limits", async () => {
    const added = await plan((_, alog) =>
      alog.applications.push({
        name: "alog-ci",
        repository: "alog-cluster",
        path: "ci",
        namespace: "tools",
        images: [],
      }),
    );
    assert.deepEqual(added, {
      create: [
        "Application alog-ci",
        "Namespace tools",
        ...["application-controller", "server"].map((name) => `Role tools/argocd-${name}`),
        ...["application-controller", "server"].map((name) => `RoleBinding tools/argocd-${name}`),
        "Secret tools/alog-secret",
        "Secret tools/regcred",
      ],
      update: ["AppProject alog", "Secret argocd/in-cluster"],
    });
  });

  it("that asks for high availability replaces nothing", async () => {
    const available = await plan((config) => {
      Object.assign(config["cluster"] as Config, { highAvailability: true });
    });
    assert.deepEqual(Object.keys(available).toSorted(), ["create", "update"]);
    assert.deepEqual(available["create"], [
      "PodDisruptionBudget eventbus",
      "PodDisruptionBudget eventsource",
    ]);
  });

  it("that replaces a password updates the Secrets that hold it", async () => {
    const changed = await plan((config) => {
      const secrets = config["secrets"] as { projects: Record<"alog", Config> };
      secrets.projects.alog["DB_PASSWORD"] = "another password";
    });
    assert.deepEqual(changed, { update: ["Secret default/alog-secret"] });
  });

  it("of a chart's version updates its release alone", async () => {
    const { version } = charts.argoCd;
    Object.assign(charts.argoCd, { version: "10.1.2" });
    try {
      assert.deepEqual(await engine.preview(), { update: ["Release argo-cd"] });
    } finally {
      Object.assign(charts.argoCd, { version });
    }
  });

  it("keeps every other URN when it adds a repository for good, and again when it removes it", async () => {
    const urns = () => [...engine.state().matchAll(/"urn":\s*"([^"]+)"/g)].map(([, urn]) => urn).toSorted();
    const before = urns();
    engine.edit((config) => {
      (config["projects"] as Record<"alog", Project>).alog.repositories.unshift("alog-service-search");
    });
    await engine.up();
    const added = urns().filter((urn) => !before.includes(urn));
    assert.deepEqual(
      added.map((urn) => urn?.split("::").at(-1)),
      ["alog-service-search", "alog-service-search"],
    );
    assert.deepEqual(
      urns().filter((urn) => !added.includes(urn)),
      before,
    );
    engine.edit((config) => {
      (config["projects"] as Record<"alog", Project>).alog.repositories.shift();
    });
    await engine.up();
    assert.deepEqual(urns(), before);
    assert.deepEqual(await engine.preview(), {});
  });
});

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
        "cluster.deletableNamespaces = []: this edit would delete the namespace argo-events, with everything in it",
      ],
    ],
    "turns storage and registry off": [
      set("addons", { rookCeph: false, registry: undefined }),
      ["registry", "rook-ceph"].map(
        (name) =>
          `cluster.deletableNamespaces = []: this edit would delete the namespace ${name}, with everything in it`,
      ),
    ],
    "changes the number of the bus's pods": [
      set("eventBus", { replicas: 1 }),
      [
        "eventBus.replicas = 1: the event bus runs with 3, and would lose what waits in it, or never become ready",
      ],
    ],
    "changes the class and the size of volumes": [
      (config) => {
        set("cluster", { storageClass: "fast" })(config);
        set("eventBus", { volumeSize: "10Gi" })(config);
        set("addons", { registry: { volumeSize: "9Gi" } })(config);
      },
      [
        'eventBus.volumeSize = "10Gi": the event bus runs with 5Gi, and would lose what waits in it, or never become ready',
        'cluster.storageClass = "fast": the event bus runs with ceph-block, and would lose what waits in it, or never become ready',
        'addons.registry.volumeSize = "9Gi": the volume of the registry has 3Gi, which Kubernetes does not change',
        'cluster.storageClass = "fast": the volume of the registry has ceph-block, which Kubernetes does not change',
      ],
    ],
  };
  for (const [what, [change, errors]] of Object.entries(refused)) {
    it(`is refused, with all that is lost, where it ${what}`, async () => {
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

  it("takes more pods of the bus, and lets go of a namespace that may be deleted", async () => {
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

  it("leaves the namespace of applications in the cluster, with the Secrets in it", async () => {
    edit((config) => (config["projects"] as Record<"alog", Project>).alog.applications.pop());
    const { delete: gone, update } = await engine.up();
    assert.deepEqual(update, ["AppProject alog", "Secret argocd/in-cluster"]);
    assert.ok(gone?.includes("Application alog-tools"));
    const left = [...engine.world.objects.keys()].filter((id) => /[/]tools(\/|$)/.test(id));
    assert.deepEqual(left.toSorted(), [
      "kubernetes:core/v1:Namespace/tools",
      "kubernetes:core/v1:Secret/tools/alog-secret",
      "kubernetes:core/v1:Secret/tools/regcred",
    ]);
  });

  it("is refused where another cluster than that of the last `up` is at the context", async () => {
    edit(() => undefined);
    engine.world.found.set("kube-system", kubeSystem("another one"));
    await assert.rejects(
      engine.up(),
      /leads to the cluster another one, but this stack is for the cluster; nothing was changed/,
    );
  });
});

describe("a stack that cannot come up", () => {
  let engine: Engine;
  before(async () => {
    engine = await startEngine("publish");
  });
  after(() => engine.close());

  it("for want of secrets says which, and makes nothing", async () => {
    let kept: unknown;
    engine.edit((config) => {
      kept = config["secrets"];
      delete config["secrets"];
    });
    await assert.rejects(engine.up(), (error: Error) => {
      assert.match(error.message, /Pulumi\.publish\.yaml has 23 errors; nothing was declared\./);
      assert.match(error.message, /fix: +pulumi config set --secret --path 'secrets\.githubToken'/);
      assert.doesNotMatch(error.message, /settings\.ts|node:internal/);
      return true;
    });
    assert.deepEqual(engine.world.changes, []);
    engine.edit((config) => (config["secrets"] = kept));
  });

  it("because a value outside of `secrets` is encrypted says so, shows it nowhere, and makes nothing", async () => {
    let kept: unknown;
    engine.edit((config) => {
      kept = structuredClone(config["projects"]);
      const { alog } = config["projects"] as Record<"alog", Project>;
      // The words of a branch have a rule, whose error would print the value.
      alog.branch = (config["secrets"] as { githubToken: string }).githubToken;
    });
    await assert.rejects(engine.up(), (error: Error) => {
      assert.match(error.message, /1 error; [^]*argo-cicd:projects\n +rule: only values of `secrets` /);
      return true;
    });
    assert.ok(engine.secrets.every((value) => !holds(engine.printed(), value)));
    assert.deepEqual(engine.world.changes, []);
    engine.edit((config) => (config["projects"] = kept));
  });

  it("because its context leads to another cluster says so, and makes nothing", async () => {
    engine.world.found.set("kube-system", kubeSystem("the other one"));
    engine.edit((config) => Object.assign(config["cluster"] as Config, { uid: "the right one" }));
    for (const operation of [engine.preview, engine.up]) {
      await assert.rejects(operation(), (error: Error) => {
        assert.match(
          error.message,
          /The context publish leads to the cluster the other one, but this stack is for the right one/,
        );
        return true;
      });
    }
    assert.deepEqual(engine.world.changes, []);
  });

  it("comes up once the context leads to the right one", async () => {
    engine.world.found.set("kube-system", kubeSystem("the right one"));
    engine.world.failing = "github";
    await assert.rejects(engine.up(), /the test makes this fail/);
    assert.ok(engine.world.objects.has("kubernetes:argoproj.io/v1alpha1:Sensor/alog"));
    assert.ok(![...engine.world.objects.keys()].some((id) => id.startsWith("github:")));
  });

  it("goes on from where a failure left it", async () => {
    const { changes, objects } = engine.world;
    assert.deepEqual(Object.keys(await engine.up()), ["create"]);
    // Nothing was made a second time.
    assert.ok(changes.every(({ operation }) => operation === "create"));
    assert.equal(new Set(changes.map(({ type, name }) => `${type} ${name}`)).size, changes.length);
    assert.equal(objects.size, changes.length);
    assert.deepEqual(await engine.preview(), {});
  });
});

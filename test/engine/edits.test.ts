import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { charts } from "../../components/charts/charts.ts";
import type { Config } from "../support/declare.ts";
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
      update: lists,
    });
  });

  it("that removes a repository deletes its objects and updates the lists that named it", async () => {
    const removed = await plan((_, alog) => {
      alog.repositories = alog.repositories.filter((one) => one !== "alog-service-file");
    });
    assert.deepEqual(removed, {
      delete: ["RepositoryWebhook alog-service-file", "WorkflowTemplate alog-service-file"],
      update: lists,
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
        "ImageUpdater aform",
        "ImageUpdater alog",
        ...repositories.map((name) => `WorkflowTemplate ${name}`),
      ].toSorted(),
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
      create: ["Application alog-ci", "Namespace tools", "Secret tools/alog-secret", "Secret tools/regcred"],
      update: ["AppProject alog"],
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
      assert.match(error.message, /Pulumi\.publish\.yaml has 36 errors; nothing was declared\./);
      assert.match(error.message, /fix: +pulumi config set --secret --path 'secrets\.githubToken'/);
      assert.doesNotMatch(error.message, /settings\.ts|node:internal/);
      return true;
    });
    assert.deepEqual(engine.world.changes, []);
    engine.edit((config) => (config["secrets"] = kept));
  });

  it("because its context leads to another cluster says so, and makes nothing", async () => {
    engine.world.found.set("kube-system", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "kube-system", uid: "the other one" },
    });
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
    engine.world.found.set("kube-system", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "kube-system", uid: "the right one" },
    });
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

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

  /** @returns what the engine would do for an edit. The stack file is restored. */
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
        // The other project sets its own tags.
        "ImageUpdater alog",
        ...alogRepositories.map((name) => `WorkflowTemplate ${name}`),
      ],
    });
  });

  it("that raises the key's version replaces the key, and updates the objects that hold it", async () => {
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

  it("that moves the webhook to the organization creates it, then deletes the repositories' webhooks", async () => {
    const given = await plan((config) => {
      const projects = config["projects"] as Record<"aform", { webhook: Config }>;
      projects.aform.webhook["organization"] = true;
    });
    assert.deepEqual(given, {
      create: ["OrganizationWebhook server.acceler.kr/github-webhook"],
      delete: aformRepositories.map((name) => `RepositoryWebhook ${name}`),
    });
  });

  it("that changes the case of a repository's name deletes its webhook before creating it again", async () => {
    const written = await plan((_, alog) => {
      alog.repositories = alog.repositories.map((one) =>
        one === "alog-service-file" ? "Alog-Service-File" : one,
      );
    });
    const hook = ["RepositoryWebhook alog-service-file"];
    const {
      "create-replacement": made,
      "delete-replaced": removed,
      create = [],
      delete: gone = [],
    } = written;
    assert.deepEqual([made, removed, create, gone], [hook, hook, [], []]);
  });

  it("that changes a webhook's address updates its webhooks, the EventSource and the Ingress", async () => {
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

  it("that turns on high availability replaces nothing", async () => {
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

  it("of a chart's version updates only its release", async () => {
    const { version } = charts.argoCd;
    Object.assign(charts.argoCd, { version: "10.1.2" });
    try {
      assert.deepEqual(await engine.preview(), { update: ["Release argo-cd"] });
    } finally {
      Object.assign(charts.argoCd, { version });
    }
  });

  it("keeps every other URN when a repository is added, and when it is removed again", async () => {
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

/** The limits of the rules between keys: what they accept, and what they refuse. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseConfig } from "../../components/settings/parse.ts";
import { topLevel } from "../../components/settings/schema.ts";
import { secretKeys, reportsToGitHub } from "../../components/settings/secrets.ts";
import type { Config } from "../support/declare.ts";
import { secretsFor, smallConfig, smallProject } from "../support/declare.ts";
import { applications, invalidPaths, inShop, project } from "../support/rules.ts";

describe("what may occur only once", () => {
  it("are repositories, by the name of their objects; services of one repository differ", () => {
    const services = [{ name: "mono", service: "web" }, { name: "mono", service: "api" }, "mono"];
    assert.deepEqual(inShop({ repositories: services }), []);
    assert.deepEqual(inShop({ repositories: ["a.b", "a_b", "A-B"] }), [
      "projects.shop.repositories[1]",
      "projects.shop.repositories[2]",
    ]);
    assert.deepEqual(inShop({ repositories: ["web", { name: "mono", service: "Web" }] }), [
      "projects.shop.repositories[1]",
    ]);
  });

  it("are applications in the whole stack, and names of namespaces", () => {
    const projects = {
      a: project("a", { applications: applications({}, {}) }),
      b: project("b", { applications: applications({ path: "b" }) }),
    };
    assert.deepEqual(invalidPaths({ projects }), ["projects.b.applications[0]"]);
    const namespaces = { workflows: "one", events: "one", registry: "one" };
    assert.deepEqual(invalidPaths({ namespaces }), ["namespaces.events", "namespaces.registry"]);
  });

  it("are spellings of an owner or a cluster repository, since GitHub ignores their case", () => {
    const projects = {
      a: project("a", { owner: "acme", applications: applications({ repository: "shop-cluster" }) }),
      b: project("b", {
        owner: "acme",
        applications: applications({ repository: "Shop-Cluster", name: "b", path: "b" }),
      }),
      c: project("c", { owner: "Acme" }),
    };
    const { errors } = parseConfig(smallConfig({ projects }));
    const rule = "a name at GitHub is written in one way in a stack; the first is";
    assert.deepEqual(
      errors.map((one) => `${one.path} | ${one.rule} | ${one.fix}`),
      [
        `projects.c.owner | ${rule} acme, at projects.a.owner | write acme`,
        `projects.b.applications[0].repository | ${rule} shop-cluster, at projects.a.applications[0].repository | write shop-cluster`,
      ],
    );
  });

  it("are webhook addresses, by host and path, regardless of port and scheme", () => {
    const at = (url: string) => project("", { webhook: { url } });
    const others = {
      a: at("https://a.example/x"),
      b: at("https://a.example/y"),
      c: at("https://b.example/x"),
    };
    assert.deepEqual(invalidPaths({ projects: others }), []);
    const same = { a: at("https://a.example/x"), b: at("https://a.example:8080/x") };
    assert.deepEqual(invalidPaths({ projects: same }), ["projects.b.webhook.url"]);
  });

  it("are NodePorts, of all options", () => {
    const everywhere = {
      argocd: { nodePort: 30500 },
      workflows: { nodePort: 30500 },
      addons: {
        registry: { nodePort: 30500 },
        ingressController: { nodePorts: { http: 30500, https: 30500 } },
      },
      projects: { shop: project("shop", { webhook: { url: "https://ci.example/shop", nodePort: 30500 } }) },
    };
    assert.deepEqual(invalidPaths(everywhere), [
      "workflows.nodePort",
      "addons.registry.nodePort",
      "addons.ingressController.nodePorts.http",
      "addons.ingressController.nodePorts.https",
      "projects.shop.webhook.nodePort",
    ]);
    assert.deepEqual(invalidPaths({ argocd: { nodePort: 30501 }, workflows: { nodePort: 30502 } }), []);
  });
});

describe("a combination", () => {
  it("of an Ingress and an IP address is refused; with a NodePort it is valid", () => {
    const ingress = {};
    assert.deepEqual(
      invalidPaths({ argocd: { host: "10.0.0.1", ingress }, workflows: { host: "10.0.0.1" } }),
      ["argocd.host"],
    );
    const shop = (more: Config) => inShop({ webhook: { url: "https://203.0.113.9/shop", ...more } });
    assert.deepEqual(shop({}), ["projects.shop.webhook.url"]);
    assert.deepEqual(shop({ nodePort: 30500 }), []);
  });

  it("of two dashboards and one host is refused if both have an Ingress", () => {
    const page = { host: "ci.example", ingress: {} };
    assert.deepEqual(invalidPaths({ argocd: page, workflows: page }), ["workflows.host"]);
    assert.deepEqual(invalidPaths({ argocd: page, workflows: { host: "ci.example", nodePort: 30500 } }), []);
  });

  it("of prefix and name in keys of annotations and labels must be valid in Kubernetes", () => {
    const ingress = (key: string) => invalidPaths({ webhooks: { ingress: { annotations: { [key]: "x" } } } });
    const label = (key: string) => invalidPaths({ monitoring: { labels: { [key]: "x" } } });
    const long = `${"a.".repeat(126)}a`;
    for (const key of ["a", "cert-manager.io/cluster-issuer", "a/B_c.d", `${long}/${"c".repeat(63)}`]) {
      assert.deepEqual([...ingress(key), ...label(key)], [], key);
    }
    for (const key of ["bad key!", "a..b/c", "a.-b/c", "a/b/c", "/a", `${long}.a/c`, `a/${"c".repeat(64)}`]) {
      assert.equal(ingress(key).length, 1, key);
      assert.equal(label(key).length, 1, key);
    }
  });

  it("of images and repositories uses the name of the service", () => {
    const repositories = [{ name: "mono", service: "api" }, "web"];
    const images = (...all: string[]) =>
      inShop({ repositories, applications: applications({ images: all }) });
    assert.deepEqual(images("api", "web"), []);
    assert.deepEqual(images("web", "mono"), ["projects.shop.applications[0].images[1]"]);
  });

  it("of a project and Argo CD's own project must differ in name", () => {
    assert.deepEqual(invalidPaths({ projects: { default: project("default") } }), ["projects.default"]);
  });

  it("of a project's name and a YAML value of another type is refused", () => {
    const named = (name: string) => invalidPaths({ projects: { [name]: project(name) } });
    for (const name of ["0123", "31", "1e3", "on", "y", "no", "true", "null", "0x1f", "2026-01-01"])
      assert.deepEqual(named(name).slice(0, 1), [`projects.${name}`], name);
    for (const name of ["a1", "only", "0x", "e3", "2026-01", "on-call", "12a"])
      assert.deepEqual(named(name), []);
  });

  it("of a service and the check for lost pushes must differ in name", () => {
    for (const repository of ["catch-up", "Catch_Up", { name: "mono", service: "catch.up", image: "mono" }])
      assert.deepEqual(inShop({ repositories: [repository] }), ["projects.shop.repositories[0]"]);
    const off = { builds: { catchUp: { enabled: false } } };
    assert.deepEqual(inShop({ repositories: ["catch-up"], applications: [] }, off), []);
  });

  it("of tags is checked in each project and repository", () => {
    const tags = { commit: "x", moving: ["{sha7}-x"] };
    const wrong = ["projects.shop.tags", "projects.shop.repositories[1].tags"].flatMap((at) => [
      `${at}.commit`,
      `${at}.moving[0]`,
    ]);
    assert.deepEqual(inShop({ tags, repositories: ["api", { name: "web", tags }] }), wrong);
  });

  it("of logs and one of their two keys reports the other key, and hides no other secret", () => {
    const logs = { endpoint: "s3.example", bucket: "logs" };
    const secrets = { ...secretsFor(smallConfig()), statusToken: undefined, logs: { accessKey: "a" } };
    const config = smallConfig({ builds: { logs }, secrets });
    assert.deepEqual(
      parseConfig(config).errors.map(({ path, fix }) => [path, fix]),
      ["secrets.statusToken", "secrets.logs.secretKey"].map((path) => [
        path,
        `pulumi config set --secret --path '${path}'`,
      ]),
    );
  });

  it("of high availability and a bus of one pod is refused, but either alone is valid", () => {
    const cluster = { context: "test", storageClass: "standard", highAvailability: true };
    assert.deepEqual(invalidPaths({ cluster, eventBus: { replicas: 1 } }), ["eventBus.replicas"]);
    assert.deepEqual(invalidPaths({ cluster, eventBus: { replicas: 3 } }), []);
    assert.deepEqual(invalidPaths({ eventBus: { replicas: 1 } }), []);
    assert.deepEqual(invalidPaths({ eventBus: { volumeSize: "1Gi" } }), ["eventBus.volumeSize"]);
    assert.deepEqual(invalidPaths({ eventBus: { volumeSize: "2Gi" } }), []);
    for (const replicas of [0, 2, 1.5])
      assert.deepEqual(invalidPaths({ eventBus: { replicas } }), ["eventBus.replicas"]);
  });

  for (const key of ["argocd", "workflows"]) {
    it(`of the Ingress of ${key} requires a host, and excludes a NodePort`, () => {
      const page = (value: Config) => invalidPaths({ [key]: value });
      assert.deepEqual(page({ host: "cd.example", ingress: {} }), []);
      assert.deepEqual(page({ host: "cd.example", nodePort: 30443 }), []);
      assert.deepEqual(page({ ingress: {} }), [`${key}.host`]);
      assert.deepEqual(page({ host: "cd.example", nodePort: 30443, ingress: {} }), [`${key}.nodePort`]);
    });
  }

  it("of single sign-on requires the host of its dashboard only", () => {
    const signOn = { issuer: "https://id.example", clientId: "argo", argocd: { viewers: ["a"] } };
    const secrets = { ...secretsFor(smallConfig()), signOn: "x" };
    assert.deepEqual(invalidPaths({ signOn, secrets, argocd: { host: "cd.example", ingress: {} } }), []);
    assert.deepEqual(invalidPaths({ signOn, secrets, argocd: { host: "cd.example", nodePort: 30443 } }), []);
    assert.deepEqual(invalidPaths({ signOn, secrets }), ["argocd.host"]);
  });
});

describe("secrets", () => {
  it("are the keys of the Secret and of builds, each once", () => {
    const config = smallConfig({
      projects: {
        shop: {
          ...smallProject(),
          secret: { name: "keys", keys: ["B", "A"] },
          repositories: [
            { name: "web", buildArgs: ["A", "C"] },
            { name: "api", secrets: ["C", "D"] },
          ],
        },
      },
      secrets: { githubToken: "a", statusToken: "b" },
    });
    assert.deepEqual(
      parseConfig(config).errors.map(({ path, missingSecret }) => [path, missingSecret]),
      ["B", "A", "C", "D"].map((key) => [`secrets.projects.shop.${key}`, true]),
    );
    assert.deepEqual(secretKeys({ secret: undefined, repositories: [] }), []);
  });

  it("of statuses are needed for statuses, and for Deployments if a build waits for them", () => {
    const needed = (statuses: boolean, deployments: boolean, wait: boolean) =>
      reportsToGitHub({
        github: { url: "https://github.com", statuses, deployments },
        delivery: { wait, timeLimit: 600, interval: 7200 },
      });
    assert.deepEqual(
      [
        needed(true, false, false),
        needed(false, true, true),
        needed(false, true, false),
        needed(false, false, true),
      ],
      [true, true, false, false],
    );
    assert.equal(reportsToGitHub({}), false);
    const github = { statuses: false, deployments: false };
    assert.deepEqual(invalidPaths({ github, secrets: { githubToken: "a" } }), []);
    assert.deepEqual(invalidPaths({ secrets: { githubToken: "a" } }), ["secrets.statusToken"]);
  });

  it("that are unused are reported, and others are not", () => {
    const given = { githubToken: "a", statusToken: "b" };
    const errors = (secrets: Config, change: Config = {}) =>
      invalidPaths({
        projects: { shop: { ...smallProject(), ...change } },
        secrets: { ...given, ...secrets },
      });
    assert.deepEqual(errors({ cloneTokens: { shop: "c" } }, { private: true }), []);
    assert.deepEqual(errors({ projects: { shop: {} } }), []);
    assert.deepEqual(errors({ clusterRepositories: { "shop-cluster": "c" } }), [
      "secrets.clusterRepositories.shop-cluster",
    ]);
    const closed = { applications: applications({ access: "token" }) };
    assert.deepEqual(errors({ clusterRepositories: { "shop-cluster": "c" } }, closed), []);
  });

  it("that are a public key of any kind, or empty, are refused", () => {
    const closed = { applications: applications({ access: "deployKey" }) };
    const errors = (key: string) => {
      const secrets = { githubToken: "a", statusToken: "b", clusterRepositories: { "shop-cluster": key } };
      return invalidPaths({ projects: { shop: { ...smallProject(), ...closed } }, secrets });
    };
    const at = "secrets.clusterRepositories.shop-cluster";
    for (const key of ["ssh-rsa AAAA", "ecdsa-sha2-nistp256 AAAA", ""])
      assert.deepEqual(errors(key), [at], key);
    for (const key of ["-----BEGIN OPENSSH PRIVATE KEY-----", "my ssh-rsa"])
      assert.deepEqual(errors(key), [], key);
    for (const one of ["githubToken", "statusToken"]) {
      assert.deepEqual(invalidPaths({ secrets: { githubToken: "a", statusToken: "b", [one]: "" } }), [
        `secrets.${one}`,
      ]);
    }
  });
});

describe("an error in one key", () => {
  it("hides no error of other keys", () => {
    for (const part of Object.keys(topLevel)) {
      const cluster = { context: "test", storageClass: "standard", highAvailability: true };
      const config = { cluster, github: { statuses: false }, [part]: 5 };
      assert.deepEqual(inShop({ applications: applications({ access: "deployKey" }) }, config), [part]);
      const twice = { ...config, projects: { shop: { ...smallProject(), repositories: ["web", "WEB"] } } };
      assert.deepEqual(invalidPaths(twice), [part, "projects.shop.repositories[1]"]);
    }
  });

  it("in a list of repositories is reported with its index", () => {
    assert.deepEqual(inShop({ repositories: [5, "web"], applications: [] }), [
      "projects.shop.repositories[0]",
    ]);
    assert.deepEqual(inShop({ repositories: [{ name: 7 }, "web"], applications: [] }), [
      "projects.shop.repositories[0].name",
    ]);
  });

  it("has a fix for each unknown key", () => {
    const cluster = { context: "test", storageClass: "standard", contxt: 1, colour: 2 };
    assert.deepEqual(
      parseConfig(smallConfig({ cluster })).errors.map(({ path, fix }) => [path, fix]),
      [
        ["cluster.contxt", "did you mean context?"],
        ["cluster.colour", "remove it"],
      ],
    );
  });
});

describe("a value of an enumeration or a list", () => {
  it("is accepted if it is valid", () => {
    const helm = { image: "{service}.image", tag: "{service}.tag" };
    for (const change of [
      { writeBack: "argocd", onRemoval: "keep", access: "public" },
      { onRemoval: "delete" },
      { helm },
      { helm: { ...helm, valueFiles: ["values.yaml"] } },
      { images: [] },
    ]) {
      assert.deepEqual(inShop({ applications: applications(change) }), [], JSON.stringify(change));
    }
    const [read] =
      parseConfig(
        smallConfig({
          projects: { shop: { ...smallProject(), applications: applications({ helm }) } },
        }),
      ).settings?.projects ?? [];
    assert.deepEqual(read?.applications[0]?.helm, { ...helm, valueFiles: [] });
    const clusterKinds = [{ group: "", kind: "PersistentVolume" }];
    assert.deepEqual(inShop({ clusterKinds }), []);
    // A pattern of Argo CD would apply to the whole cluster.
    for (const one of [
      { group: "*", kind: "ClusterRole" },
      { group: "", kind: "*" },
      { group: "", kind: "" },
      { group: "rbac.*", kind: "Cluster*" },
    ])
      assert.ok(inShop({ clusterKinds: [one] }).length > 0, JSON.stringify(one));
    assert.deepEqual(inShop({ clusterKinds: [{ group: "", kind: "A", name: "b" }] }), [
      "projects.shop.clusterKinds[0].name",
    ]);
  });

  it("is refused if it is empty", () => {
    assert.deepEqual(invalidPaths({ tags: { commit: "{sha7}", moving: [] } }), ["tags.moving[0]"]);
    const { errors } = parseConfig(
      smallConfig({ projects: { shop: { ...smallProject(), secret: { name: "keys", keys: [] } } } }),
    );
    assert.deepEqual(
      errors.map(({ path, rule, fix }) => [path, rule, fix]),
      [["projects.shop.secret.keys", "at least one key", "add a key, or remove `secret`"]],
    );
    const logs = (accessKey: string, secretKey: string) => {
      const secrets = { githubToken: "a", statusToken: "b", logs: { accessKey, secretKey } };
      return invalidPaths({ builds: { logs: { endpoint: "ceph.example", bucket: "logs" } }, secrets });
    };
    assert.deepEqual(logs("access", "secret"), []);
    assert.ok(logs("", "secret").includes("secrets.logs.accessKey"));
    assert.ok(logs("access", "").includes("secrets.logs.secretKey"));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dnsLabel } from "../../components/names.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig, smallProject } from "../support/declare.ts";

function settings(differences: Config = {}) {
  const { settings: read, errors } = parseConfig(smallConfig(differences));
  assert.deepEqual(errors, []);
  assert.ok(read !== undefined);
  return read;
}

/** The project of the small stack, after a change. */
function shop(change: Config = {}, differences: Config = {}) {
  const [project] = settings({
    projects: { shop: { ...smallProject(), ...change } },
    ...differences,
  }).projects;
  assert.ok(project !== undefined);
  return project;
}

const web = {
  name: "web",
  service: "web",
  paths: [],
  slug: "acme/web",
  image: "registry.example:5000/team/web",
  dockerfile: "Dockerfile",
  buildArgs: [],
  args: {},
  secrets: [],
  submodules: false,
  partial: false,
  object: "web",
  cloneUrl: "https://github.com/acme/web.git",
  cache: { repository: "registry.example:5000/team/web-cache", lifetime: 1209600 },
  tags: { commit: "{branch}-{sha7}", moving: ["{branch}"] },
  builder: "kaniko",
  resources: { cpu: "1", memory: "2Gi", disk: undefined },
  architectures: [],
  nodeSelector: {},
  tolerations: [],
  builderFlags: [],
  timeLimit: 3600,
  signing: false,
  pullRequests: false,
  otherBranches: false,
};

const app = {
  name: "shop",
  repository: "shop-cluster",
  access: "public",
  writeBack: "argocd",
  path: "k8s",
  namespace: "default",
  repositoryUrl: "https://github.com/acme/shop-cluster.git",
  revision: "main",
  follows: [web],
  ignoreDifferences: [],
  syncOptions: [],
  syncWindows: [],
  onRemoval: "keep",
};

describe("the settings of a minimal stack file", () => {
  it("have every default", () => {
    const read = settings();
    assert.deepEqual(read, {
      secrets: read.secrets,
      cluster: {
        context: "test",
        storageClass: "standard",
        highAvailability: false,
        deletableNamespaces: [],
        adoptExisting: false,
        admissionPolicies: true,
        networkPolicies: { enabled: false, apiServer: [], apiServerPorts: [443, 6443], allow: [] },
      },
      branch: "main",
      github: { url: "https://github.com", statuses: true, deployments: true },
      registry: {
        host: "registry.example:5000",
        namespace: "team",
        login: "password",
        pullSecret: "regcred",
        insecure: false,
      },
      registries: {},
      network: {},
      tags: { commit: "{branch}-{sha7}", moving: ["{branch}"] },
      builds: {
        builder: "kaniko",
        resources: { cpu: "1", memory: "2Gi" },
        timeLimit: 3600,
        atOnce: 4,
        cache: { enabled: true, repository: "{image}-cache", lifetime: 1209600 },
        scan: { mode: "off", severity: "HIGH" },
        signing: { enabled: false, publicKeys: [], admission: "off" },
        pullRequests: false,
        catchUp: { enabled: true, every: 10 },
        nodeSelector: {},
        tolerations: [],
        builderFlags: [],
        keep: 345600,
      },
      webhooks: {
        ingress: { class: "nginx", annotations: {} },
        keyVersion: 1,
        limits: { perSecond: 50, burst: 2000, sources: [] },
      },
      eventBus: { replicas: 3, volumeSize: "5Gi" },
      delivery: { wait: true, timeLimit: 600, interval: 7200 },
      argocd: {},
      workflows: {},
      signOn: undefined,
      mail: undefined,
      monitoring: {
        enabled: false,
        labels: {},
        dashboardLabels: { grafana_dashboard: "1" },
        pushToLive: 900,
      },
      addons: { argoRollouts: false, rookCeph: false },
      namespaces: {
        workflows: "argo",
        events: "argo-events",
        builds: "ci",
        buildkit: "ci-buildkit",
        delivery: "argocd",
        rollouts: "argo-rollouts",
        ingress: "traefik",
        storage: "rook-ceph",
        registry: "registry",
      },
      projects: [
        {
          name: "shop",
          owner: "acme",
          branch: "main",
          otherBranches: [],
          webhook: {
            url: "https://ci.example/shop",
            host: "ci.example",
            path: "/shop",
            port: 14857,
            nodePort: undefined,
            organization: false,
          },
          secret: undefined,
          private: false,
          buildSecret: "shop-build",
          repositories: [web],
          applications: [app],
          clusterKinds: [],
          notifications: undefined,
        },
      ],
    });
  });

  it("have Docker Hub as the registry, which image names omit", () => {
    const registry = { namespace: "team", username: "robot" };
    const { host } = settings({ registry, secrets: { ...Object(smallConfig()["secrets"]) } }).registry;
    assert.equal(host, "docker.io");
    assert.equal(shop({}, { registry }).repositories[0]?.image, "team/web");
  });

  it("have the defaults of an option with an empty value", () => {
    const { addons, argocd } = settings({
      addons: { registry: {}, ingressController: {} },
      argocd: { host: "cd.example", ingress: {} },
    });
    assert.deepEqual(addons.registry, { nodePort: 30500, volumeSize: "3Gi" });
    assert.deepEqual(addons.ingressController, { snippets: false });
    assert.deepEqual(argocd.ingress, { class: "nginx", annotations: {} });
  });
});

describe("the settings of a repository", () => {
  const of = (one: Config, project: Config = {}, differences: Config = {}) =>
    shop({ ...project, repositories: [{ name: "Web.js", ...one }], applications: [] }, differences)
      .repositories[0];

  it("have each path once, in both Unicode forms that git may list", () => {
    const [together, apart] = ["한/é".normalize("NFC"), "한/é".normalize("NFD")];
    assert.deepEqual(of({ paths: ["api", "./api/", together] })?.paths, ["api", together, apart]);
  });

  it("are its own before the project's and the stack's", () => {
    const own = {
      service: "Api.v2",
      paths: ["api"],
      tags: { commit: "x-{sha7}", moving: ["x", "y"] },
      builder: "buildkit",
      resources: { cpu: "2", memory: "4Gi", disk: "8Gi" },
      nodeSelector: { pool: "own" },
      tolerations: [{ key: "own", operator: "Exists" }],
      architecture: "arm64",
      builderFlags: ["--progress=plain"],
      timeLimit: "5m",
      cache: false,
      pin: "1a2b3c4",
    };
    const stack = {
      tags: { commit: "s-{sha7}", moving: ["s"] },
      builds: {
        builder: "kaniko",
        resources: { cpu: "3", memory: "3Gi", disk: "5Gi" },
        nodeSelector: { pool: "builds" },
        tolerations: [{ key: "builds", value: "true", effect: "NoSchedule" }],
        architecture: "amd64",
        builderFlags: ["--single-snapshot"],
        timeLimit: "9m",
      },
      github: { url: "https://git.example///" },
    };
    assert.deepEqual(of(own, { imageNamespace: "other/team" }, stack), {
      ...web,
      name: "Web.js",
      service: "Api.v2",
      paths: ["api"],
      slug: "acme/Web.js",
      image: "registry.example:5000/other/team/api.v2",
      pin: "1a2b3c4",
      partial: true,
      object: "api-v2",
      cloneUrl: "https://git.example/acme/Web.js.git",
      cache: undefined,
      tags: own.tags,
      builder: "buildkit",
      resources: own.resources,
      nodeSelector: { pool: "own", "kubernetes.io/arch": "arm64" },
      tolerations: own.tolerations,
      architecture: ["arm64"],
      architectures: [],
      builderFlags: ["--progress=plain"],
      timeLimit: 300,
      signing: false,
      pullRequests: false,
    });
    const part = { tags: { commit: "x-{sha7}" }, resources: { cpu: "2" } };
    const merged = of(part, { tags: { commit: "p-{sha7}", moving: ["p"] } }, stack);
    assert.deepEqual(of({}, { tags: { moving: ["p"] } }, stack)?.tags, {
      commit: "s-{sha7}",
      moving: ["p"],
    });
    assert.deepEqual(
      [merged?.tags, merged?.resources],
      [
        { commit: "x-{sha7}", moving: ["p"] },
        { cpu: "2", memory: "3Gi", disk: "5Gi" },
      ],
    );
    assert.equal(of({ image: "front" }, {}, stack)?.image, "registry.example:5000/team/front");
    const { tags, builder, resources, timeLimit, nodeSelector, tolerations } = of({}, {}, stack) ?? {};
    assert.deepEqual(
      { tags, builder, resources, timeLimit, nodeSelector, tolerations },
      {
        tags: stack.tags,
        builder: "kaniko",
        resources: stack.builds.resources,
        timeLimit: 540,
        nodeSelector: { pool: "builds", "kubernetes.io/arch": "amd64" },
        tolerations: stack.builds.tolerations,
      },
    );
    const flags = (one: Config) => of(one, {}, stack)?.builderFlags;
    assert.deepEqual(flags({}), ["--single-snapshot"]);
    assert.deepEqual(flags({ builderFlags: [] }), []);
    // Flags of another builder do not apply.
    assert.deepEqual(flags({ builder: "buildkit" }), []);
    const several = (one: Config) => {
      const { architectures, nodeSelector } = of(one, {}, stack) ?? {};
      return [architectures, nodeSelector];
    };
    // In a fixed order.
    assert.deepEqual(several({ architecture: ["arm64", "amd64"] }), [["amd64", "arm64"], { pool: "builds" }]);
    const one = [[], { pool: "builds", "kubernetes.io/arch": "arm64" }];
    assert.deepEqual(several({ architecture: ["arm64"] }), one);
    assert.deepEqual(several({ architecture: "arm64" }), one);
    const none = of({ nodeSelector: {}, tolerations: [] }, {}, stack);
    assert.deepEqual([none?.nodeSelector, none?.tolerations], [{ "kubernetes.io/arch": "amd64" }, []]);
  });

  it("are partial if it is a service, or builds only some paths", () => {
    const partial = (one: Config) => of(one)?.partial;
    assert.deepEqual(
      [partial({}), partial({ service: "api" }), partial({ paths: ["api"] })],
      [false, true, true],
    );
  });

  it("have a cache if the stack has one", () => {
    assert.equal(of({}, {}, { builds: { cache: { enabled: false } } })?.cache, undefined);
    const cache = { repository: "registry.example:5000/cache", lifetime: "2d" };
    assert.deepEqual(of({}, {}, { builds: { cache } })?.cache, {
      repository: "registry.example:5000/cache",
      lifetime: 172800,
    });
  });
});

describe("a name of a Kubernetes object", () => {
  const dotted = "team.example.com";

  it("may have dots if it is a StorageClass, an IngressClass or a Secret", () => {
    const ingress = { class: dotted, tlsSecret: dotted, annotations: {} };
    const given = {
      cluster: { context: "test", storageClass: dotted },
      registry: { host: "registry.example:5000", namespace: "team", pullSecret: dotted },
      webhooks: { ingress },
      argocd: { host: "argocd.example", ingress },
    };
    const read = settings(given);
    assert.equal(read.cluster.storageClass, dotted);
    assert.equal(read.registry.pullSecret, dotted);
    assert.deepEqual([read.webhooks.ingress, read.argocd.ingress], [ingress, ingress]);
    const secret = { name: dotted, keys: ["KEY"] };
    const project = shop({ secret, buildSecret: dotted });
    assert.deepEqual([project.secret, project.buildSecret], [secret, dotted]);
  });

  it("has no dots if it is a namespace, which is a DNS label", () => {
    const applications = smallProject().applications.map((one) => ({ ...one, namespace: dotted }));
    const projects = { shop: { ...smallProject(), applications } };
    const cluster = { context: "test", storageClass: "standard", deletableNamespaces: [dotted] };
    const { errors } = parseConfig(smallConfig({ projects, cluster, namespaces: { builds: dotted } }));
    assert.deepEqual(
      errors.map(({ path, rule }) => [path, rule]),
      ["cluster.deletableNamespaces[0]", "namespaces.builds", "projects.shop.applications[0].namespace"].map(
        (path) => [path, dnsLabel.rule],
      ),
    );
  });
});

describe("the settings of a project", () => {
  it("include its own branch, Secret and ports", () => {
    const { branch, buildSecret, webhook, applications } = shop({
      branch: "develop",
      buildSecret: "keys",
      webhook: { url: "https://ci.example:8080", nodePort: 30012 },
    });
    assert.deepEqual([branch, buildSecret], ["develop", "keys"]);
    assert.deepEqual(webhook, {
      url: "https://ci.example:8080",
      host: "ci.example",
      path: "/",
      port: 14857,
      nodePort: 30012,
      organization: false,
    });
    assert.equal(applications[0]?.revision, "develop");
  });

  it("are sorted by name, each with a port derived from its name", () => {
    const project = (name: string) => ({ owner: "acme", webhook: { url: `https://ci.example/${name}` } });
    const projects = { c: project("c"), a: project("a"), b: project("b") };
    assert.deepEqual(
      settings({ projects }).projects.map(({ name, webhook: { port } }) => [name, port]),
      [
        ["a", 14220],
        ["b", 27077],
        ["c", 29458],
      ],
    );
  });
});

describe("the settings of an application", () => {
  const closed = { repository: "shop-cluster", path: "k8s" };

  it("follow the services that it names, none, or by default all", () => {
    const applications = [
      { ...closed, name: "a", path: "a", images: ["api"] },
      { ...closed, name: "b", path: "b", images: [] },
      { ...closed, name: "c" },
    ];
    const repositories = ["web", { name: "mono", service: "api" }];
    assert.deepEqual(
      shop({ applications, repositories }).applications.map(({ follows }) =>
        follows.map(({ service }) => service),
      ),
      [["api"], [], ["web", "api"]],
    );
  });

  it("read by SSH with a deploy key, and by HTTPS with a token", () => {
    const url = (access: string) =>
      shop({ applications: [{ ...closed, name: "a", access, revision: "next" }] }).applications.map(
        ({ repositoryUrl, revision }) => [repositoryUrl, revision],
      )[0];
    assert.deepEqual(url("deployKey"), ["git@github.com:acme/shop-cluster.git", "next"]);
    assert.deepEqual(url("token"), ["https://github.com/acme/shop-cluster.git", "next"]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import type { SensorDependency } from "../components/kinds/events.ts";
import type { Config } from "./support/declare.ts";
import { eventOf, passes } from "./support/argo-filter.ts";
import { declare, declaredFiles, smallConfig, smallProject, stackConfig } from "./support/declare.ts";

describe("an edit of a stack file", () => {
  it("that adds a repository adds its objects, and changes the lists of repositories", async () => {
    const before = await declaredFiles(stackConfig("develop"), "develop");
    const after = await declaredFiles(
      withRepository(stackConfig("develop"), "alog", "alog-service-search"),
      "develop",
    );
    assert.deepEqual(changes(before, after), {
      added: ["_github/alog-service-search.yaml", "ci/WorkflowTemplate-alog-service-search.yaml"],
      changed: [
        "argo-events/EventSource-github.yaml",
        "argo-events/Sensor-alog.yaml",
        "argocd/ImageUpdater-alog.yaml",
        "ci/ConfigMap-build-limits.yaml",
        "ci/ConfigMap-catch-up.yaml",
      ],
      removed: [],
    });
  });

  it("that switches a repository to BuildKit moves its build to another namespace", async () => {
    const before = await declaredFiles(smallConfig());
    const projects = { shop: { ...smallProject(), repositories: [{ name: "web", builder: "buildkit" }] } };
    const after = await declaredFiles(smallConfig({ projects }));
    assert.deepEqual(changes(before, after), {
      added: [
        "_cluster/Namespace-ci-buildkit.yaml",
        "ci-buildkit/ConfigMap-build-scripts.yaml",
        "ci-buildkit/ConfigMap-buildkitd.yaml",
        "ci-buildkit/Role-build-control.yaml",
        "ci-buildkit/Role-build-live.yaml",
        "ci-buildkit/Role-build.yaml",
        "ci-buildkit/Role-catch-up.yaml",
        "ci-buildkit/Role-start-builds.yaml",
        "ci-buildkit/RoleBinding-build-control.yaml",
        "ci-buildkit/RoleBinding-build-live.yaml",
        "ci-buildkit/RoleBinding-build.yaml",
        "ci-buildkit/RoleBinding-catch-up.yaml",
        "ci-buildkit/RoleBinding-start-builds.yaml",
        "ci-buildkit/Secret-github-status.yaml",
        "ci-buildkit/Secret-image-updater-webhook.yaml",
        "ci-buildkit/ServiceAccount-build-control.yaml",
        "ci-buildkit/ServiceAccount-build-live.yaml",
        "ci-buildkit/ServiceAccount-build.yaml",
        "ci-buildkit/WorkflowTemplate-web.yaml",
      ],
      changed: [
        "_cluster/ValidatingAdmissionPolicy-argo-cicd-build-control.yaml",
        "_cluster/ValidatingAdmissionPolicy-argo-cicd-build-live-notes.yaml",
        "_cluster/ValidatingAdmissionPolicy-argo-cicd-build-live.yaml",
        "_cluster/ValidatingAdmissionPolicy-argo-cicd-catch-up-pods.yaml",
        "_cluster/ValidatingAdmissionPolicy-argo-cicd-catch-up.yaml",
        "_cluster/ValidatingAdmissionPolicy-argo-cicd-results.yaml",
        "_cluster/ValidatingAdmissionPolicyBinding-argo-cicd-arguments.yaml",
        "argo-events/Sensor-shop.yaml",
        "argocd/RoleBinding-build-live.yaml",
        "ci/ConfigMap-catch-up.yaml",
      ],
      removed: ["ci/WorkflowTemplate-web.yaml"],
    });
  });

  it("that exposes Argo CD adds a webhook to each cluster repository, with its own key", async () => {
    const [app] = smallProject().applications;
    const projects = {
      shop: { ...smallProject(), applications: [app, { ...app, name: "shop-ci", path: "ci", images: [] }] },
    };
    const before = await declaredFiles(smallConfig({ projects }));
    const argocd = { host: "cd.example", ingress: {} };
    const after = await declaredFiles(smallConfig({ projects, argocd }));
    assert.deepEqual(changes(before, after), {
      added: [
        "_github/argocd-acme-shop-cluster.yaml",
        "_random/argocd-webhook-key.yaml",
        "argocd/Secret-argocd-github-webhook.yaml",
      ],
      changed: ["_releases/argo-cd.yaml"],
      removed: [],
    });
    assert.equal(
      after.get("_github/argocd-acme-shop-cluster.yaml"),
      `# github:index/repositoryWebhook:RepositoryWebhook argocd-acme-shop-cluster
# parent: ClusterWebhooks cluster-webhooks
# provider: github-acme
# deleteBeforeReplace: true
active: true
configuration: !secret
  contentType: json
  insecureSsl: false
  secret: <RandomPassword argocd-webhook-key>
  url: https://cd.example/api/webhook
events:
  - push
repository: shop-cluster
`,
    );
  });

  it("that moves the webhook to the organization adds one for each project, in place of one for each repository", async () => {
    const project = (name: string, organization: boolean) => ({
      ...smallProject(),
      repositories: [`${name}-web`, `${name}-api`],
      applications: [],
      webhook: { url: `https://ci.example/${name}`, organization },
    });
    const both = (organization: boolean) => {
      const projects = { shop: project("shop", organization), desk: project("desk", organization) };
      return declaredFiles(smallConfig({ projects }));
    };
    const after = await both(true);
    assert.deepEqual(changes(await both(false), after), {
      added: [byAddress("desk"), byAddress("shop")],
      changed: [],
      removed: ["desk-api", "desk-web", "shop-api", "shop-web"].map((name) => `_github/${name}.yaml`),
    });
    assert.equal(
      after.get(byAddress("shop")),
      `# github:index/organizationWebhook:OrganizationWebhook ci.example/shop
# parent: Trigger trigger
# provider: github-acme
# dependsOn: Service sensor-metrics, EventSource github, Service github-webhook, Ingress github-webhook
# aliases:
#   - name: shop
# deleteBeforeReplace: true
active: true
configuration: !secret
  contentType: json
  insecureSsl: false
  secret: <RandomPassword webhook-key>
  url: https://ci.example/shop
events:
  - push
`,
    );
  });

  it("that keeps an address adds no second webhook, which GitHub would refuse", async () => {
    const webhook = { url: "https://ci.example/shop", organization: true };
    const hooks = async (projects: Config, differences: Config = {}) =>
      [...(await declaredFiles(smallConfig({ projects, ...differences }))).keys()].filter((path) =>
        path.startsWith("_github/"),
      );
    // A renamed project, or another project in its place.
    for (const name of ["shop", "store"])
      assert.deepEqual(await hooks({ [name]: { ...smallProject(), webhook } }), [byAddress("shop")]);
    // The same repositories in another case.
    const argocd = { host: "cd.example", ingress: {} };
    const written = await hooks({ shop: { ...smallProject(), repositories: ["web"] } }, { argocd });
    const [app] = smallProject().applications;
    const otherCase = {
      owner: "Acme",
      repositories: ["Web"],
      applications: [{ ...app, repository: "Shop-Cluster" }],
    };
    assert.deepEqual(written, ["_github/argocd-acme-shop-cluster.yaml", "_github/web.yaml"]);
    assert.deepEqual(await hooks({ shop: { ...smallProject(), ...otherCase } }, { argocd }), written);
  });

  it("that moves the webhook to the organization allows a repository with the project's name", async () => {
    const webhook = { url: "https://ci.example/shop", organization: true };
    const desk = {
      ...smallProject(),
      repositories: ["shop"],
      applications: [],
      webhook: { url: "https://ci.example/desk" },
    };
    const files = await declaredFiles(
      smallConfig({ projects: { shop: { ...smallProject(), webhook }, desk } }),
    );
    assert.ok(files.has("_github/shop.yaml") && files.has(byAddress("shop")));
  });

  it("that moves the webhook to the organization builds no pushes of other repositories", async () => {
    const webhook = { url: "https://ci.example/shop", organization: true };
    const projects = { shop: { ...smallProject(), repositories: ["web.js", "api"], webhook } };
    const files = await declaredFiles(smallConfig({ projects }));
    const { spec } = parse(files.get("argo-events/Sensor-shop.yaml") ?? "") as {
      spec: { dependencies: readonly SensorDependency[] };
    };
    const push = (name: string) =>
      eventOf("push", "01234567-89ab-cdef-0123-456789abcdef", {
        ref: "refs/heads/main",
        deleted: false,
        after: "1a2b3c4d".repeat(5),
        head_commit: { message: "fix" },
        repository: { full_name: name },
      });
    const others = [
      "acme/other",
      "acme/web-js",
      "acme/web.js-2",
      "acme/my-web.js",
      "acme/webxjs",
      "acme2/api",
    ];
    const started = [...others, "acme/web.js", "Acme/API", "evil/acme/api", "acme/api\nacme/other"].filter(
      (name) => spec.dependencies.some((dependency) => passes(dependency, push(name))),
    );
    assert.deepEqual(started, ["acme/web.js", "Acme/API"]);
  });

  it("that pins a repository keeps the deployed image, continues to build, and warns", async () => {
    const before = await declaredFiles(smallConfig());
    const projects = { shop: { ...smallProject(), repositories: [{ name: "web", pin: "1a2b3c4d5e" }] } };
    const after = await declaredFiles(smallConfig({ projects }));
    assert.deepEqual(changes(before, after), {
      added: [],
      changed: [
        "argocd/ImageUpdater-shop.yaml",
        "ci/ConfigMap-catch-up.yaml",
        "ci/WorkflowTemplate-web.yaml",
      ],
      removed: [],
    });
    assert.match(after.get("argocd/ImageUpdater-shop.yaml") ?? "", /imageName: .*\/web:[a-z]+-1a2b3c4$/m);
    const waits = (files: Map<string, string>) =>
      (files.get("ci/WorkflowTemplate-web.yaml") ?? "").includes("live.ts");
    assert.deepEqual([waits(before), waits(after)], [true, false]);
    const { warnings } = await declare(smallConfig({ projects }));
    assert.ok(warnings.includes("web is pinned at 1a2b3c4: builds of newer commits are not deployed."));
  });

  it("that reads a cluster repository with a deploy key passes the key only to Argo CD", async () => {
    const [app] = smallProject().applications;
    const projects = { shop: { ...smallProject(), applications: [{ ...app, access: "deployKey" }] } };
    const before = await declaredFiles(smallConfig());
    const after = await declaredFiles(smallConfig({ projects }));
    assert.deepEqual(changes(before, after), {
      added: ["argocd/Secret-shop-cluster-repository.yaml"],
      changed: ["argocd/AppProject-shop.yaml", "argocd/Application-shop.yaml"],
      removed: [],
    });
    assert.match(
      after.get("argocd/Secret-shop-cluster-repository.yaml") ?? "",
      new RegExp(`  labels:
    argocd.argoproj.io/secret-type: repository
[^]*
stringData: !secret
  sshPrivateKey: secret key of shop-cluster
  type: git
  url: git@github.com:acme/shop-cluster.git
$`),
    );
    for (const file of ["argocd/AppProject-shop.yaml", "argocd/Application-shop.yaml"]) {
      assert.match(after.get(file) ?? "", /git@github\.com:acme\/shop-cluster\.git/);
    }
  });

  it("that writes images into a cluster repository lets builds refresh its Application", async () => {
    const [app] = smallProject().applications;
    const closed = { ...app, access: "token" };
    const before = await declaredFiles(
      smallConfig({ projects: { shop: { ...smallProject(), applications: [closed] } } }),
    );
    const applications = [{ ...closed, writeBack: "git" }];
    const after = await declaredFiles(
      smallConfig({ projects: { shop: { ...smallProject(), applications } } }),
    );
    assert.deepEqual(changes(before, after), {
      added: [],
      changed: [
        "_releases/argocd-image-updater.yaml",
        "argocd/ImageUpdater-shop.yaml",
        "argocd/Role-build-live.yaml",
        "ci/WorkflowTemplate-web.yaml",
      ],
      removed: [],
    });
    const { rules } = parse(after.get("argocd/Role-build-live.yaml") ?? "") as { rules: object[] };
    const applicationsNamed = {
      apiGroups: ["argoproj.io"],
      resources: ["applications"],
      resourceNames: ["shop"],
    };
    assert.deepEqual(rules, [
      { ...applicationsNamed, verbs: ["get"] },
      { ...applicationsNamed, verbs: ["patch"] },
    ]);
  });

  it("that declares fifty applications adds no other object than one application does", async () => {
    const [app] = smallProject().applications;
    const applications = Array.from({ length: 50 }, (_, index) => ({
      ...app,
      name: `shop-${index.toString()}`,
      path: `k8s/${index.toString()}`,
    }));
    const one = await declaredFiles(smallConfig());
    const fifty = await declaredFiles(
      smallConfig({ projects: { shop: { ...smallProject(), applications } } }),
    );
    const others = (files: Map<string, string>) =>
      [...files.keys()].filter((path) => !path.startsWith("argocd/Application-"));
    assert.deepEqual(others(fifty), others(one));
    assert.equal(fifty.size, one.size + 49);
  });

  it("that turns waiting off removes everything that reads applications", async () => {
    const before = await declaredFiles(smallConfig());
    const after = await declaredFiles(smallConfig({ delivery: { wait: false } }));
    assert.deepEqual(changes(before, after), {
      added: [],
      changed: [
        "_cluster/ValidatingAdmissionPolicy-argo-cicd-results.yaml",
        "ci/ConfigMap-catch-up.yaml",
        "ci/WorkflowTemplate-catch-up.yaml",
        "ci/WorkflowTemplate-web.yaml",
      ],
      removed: [
        "_cluster/ValidatingAdmissionPolicy-argo-cicd-build-live-notes.yaml",
        "_cluster/ValidatingAdmissionPolicy-argo-cicd-build-live.yaml",
        "_cluster/ValidatingAdmissionPolicyBinding-argo-cicd-build-live-notes.yaml",
        "_cluster/ValidatingAdmissionPolicyBinding-argo-cicd-build-live.yaml",
        "argocd/Role-build-live.yaml",
        "argocd/Role-catch-up.yaml",
        "argocd/RoleBinding-build-live.yaml",
        "argocd/RoleBinding-catch-up.yaml",
        "ci/Role-build-live.yaml",
        "ci/RoleBinding-build-live.yaml",
        "ci/ServiceAccount-build-live.yaml",
      ],
    });
  });

  it("that adds an application with another path, revision and namespace adds only that", async () => {
    const ci = {
      name: "shop-ci",
      repository: "shop-cluster",
      path: "ci",
      revision: "next",
      namespace: "tools",
      images: [],
    };
    const before = await declaredFiles(smallConfig());
    const [app] = smallProject().applications;
    const after = await declaredFiles(
      smallConfig({ projects: { shop: { ...smallProject(), applications: [app, ci] } } }),
    );
    assert.deepEqual(changes(before, after), {
      added: [
        "_cluster/Namespace-tools.yaml",
        "argocd/Application-shop-ci.yaml",
        // Argo CD works only in the namespaces of applications.
        "tools/Role-argocd-application-controller.yaml",
        "tools/Role-argocd-server.yaml",
        "tools/RoleBinding-argocd-application-controller.yaml",
        "tools/RoleBinding-argocd-server.yaml",
      ],
      // The ImageUpdater depends on it.
      changed: [
        "argocd/AppProject-shop.yaml",
        "argocd/ImageUpdater-shop.yaml",
        "argocd/Secret-in-cluster.yaml",
      ],
      removed: [],
    });
  });
});

function withRepository(config: Config, project: string, name: string): Config {
  const copy = structuredClone(config) as { projects: Record<string, { repositories: unknown[] }> };
  copy.projects[project]?.repositories.push(name);
  return copy;
}

/** The file of an organization's webhook. */
function byAddress(path: string): string {
  return `_github/ci.example%2F${path}.yaml`;
}

function changes(before: Map<string, string>, after: Map<string, string>) {
  return {
    added: [...after.keys()].filter((path) => !before.has(path)),
    changed: [...after.keys()].filter((path) => before.has(path) && before.get(path) !== after.get(path)),
    removed: [...before.keys()].filter((path) => !after.has(path)),
  };
}

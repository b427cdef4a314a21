/** The exact rights of the dashboards' servers beyond their own namespace, without other Secrets. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { argoCdRights } from "../../components/charts/argo-cd-rights.ts";
import { workflowsRights } from "../../components/charts/argo-workflows-rights.ts";
import { label } from "../support/builders.ts";

const read = ["get", "list", "watch"];

describe("the rights of Argo Workflows' server", () => {
  const settings = {
    cluster: { admissionPolicies: true },
    namespaces: { workflows: label("argo"), builds: label("ci"), buildkit: label("ci-buildkit") },
    projects: [{ repositories: [{ builder: "kaniko" as const }, { builder: "buildkit" as const }] }],
    builds: {},
  };
  const server = [{ name: "argo-workflows-server", namespace: "argo" }];
  const config = {
    ...{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] },
    resourceNames: ["workflow-controller-configmap"],
  };
  const lists = { apiGroups: ["argoproj.io"], resources: ["workflows", "workflowtemplates"], verbs: read };

  it("are to read its configuration, and to list what it shows", () => {
    assert.deepEqual(workflowsRights(settings), {
      accounts: [],
      grants: [{ name: "argo-server", namespace: "argo", rules: [config], accounts: server }],
      clusterGrants: [{ name: "argo-cicd-argo-server", rules: [lists], accounts: server }],
      policies: [],
    });
  });

  const signOn = {
    ...{ issuer: "https://id.example", clientId: "argo", groupsClaim: "groups", scopes: [] },
    workflows: { admins: ["platform", "acme:ops"], viewers: ["developers"] },
  };

  it("include named Secrets of its own namespace and the list of accounts if people sign on", () => {
    const { grants, clusterGrants } = workflowsRights({ ...settings, signOn });
    assert.deepEqual(grants[0]?.rules, [
      config,
      {
        ...{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] },
        resourceNames: [
          "sign-on",
          "sso",
          "workflows-viewers.service-account-token",
          "workflows-admins.service-account-token",
        ],
      },
      { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
    ]);
    assert.deepEqual(clusterGrants[0]?.rules, [
      lists,
      { apiGroups: [""], resources: ["serviceaccounts"], verbs: read },
    ]);
  });

  it("are granted to people by group, in the namespaces of builds, admins before viewers", () => {
    const { accounts, grants } = workflowsRights({ ...settings, signOn });
    const account = (name: string, rule: string, precedence: string) => ({
      ...{ name, namespace: "argo", token: `${name}.service-account-token` },
      annotations: {
        "workflows.argoproj.io/rbac-rule": rule,
        "workflows.argoproj.io/rbac-rule-precedence": precedence,
      },
    });
    assert.deepEqual(accounts, [
      account("workflows-viewers", "'developers' in groups", "1"),
      account("workflows-admins", "'platform' in groups || 'acme:ops' in groups", "2"),
    ]);
    const views = [
      {
        ...{ apiGroups: ["argoproj.io"], verbs: read },
        resources: ["workflows", "workflowtemplates", "cronworkflows"],
      },
      { apiGroups: [""], resources: ["pods", "events"], verbs: read },
      { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
    ];
    const operates = [
      { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["update", "patch", "delete"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["delete"] },
    ];
    const grant = (name: string, namespace: string, rules: object[]) => ({
      ...{ name, namespace, rules },
      accounts: [{ name, namespace: "argo" }],
    });
    assert.deepEqual(grants.slice(1), [
      grant("workflows-viewers", "ci", views),
      grant("workflows-viewers", "ci-buildkit", views),
      grant("workflows-admins", "ci", [...views, ...operates]),
      grant("workflows-admins", "ci-buildkit", [...views, ...operates]),
    ]);
  });

  it("of people include the keys of the log store, which the server uses on their behalf", () => {
    const { grants } = workflowsRights({ ...settings, builds: { logs: {} }, signOn });
    assert.deepEqual(grants[1]?.rules.at(-1), {
      ...{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] },
      resourceNames: ["build-logs"],
    });
  });

  it("have no account for a role without groups, and no limit without admission policies", () => {
    const viewers = { ...signOn, workflows: { admins: [], viewers: ["developers"] } };
    const names = workflowsRights({ ...settings, signOn: viewers }).accounts.map(({ name }) => name);
    assert.deepEqual(names, ["workflows-viewers"]);
    const policies = (admissionPolicies: boolean) =>
      workflowsRights({ ...settings, signOn, cluster: { admissionPolicies } }).policies.map(
        ({ name }) => name,
      );
    assert.deepEqual([policies(true), policies(false)], [["argo-cicd-people"], []]);
  });
});

describe("the rights of Argo CD", () => {
  const namespaces = { delivery: label("argocd") };
  const project = (places: string[], clusterKinds: { group: string; kind: string }[] = []) => ({
    applications: places.map((namespace) => ({ namespace: label(namespace) })),
    clusterKinds,
  });
  const controller = { name: "argocd-application-controller", namespace: "argocd" };
  const server = { name: "argocd-server", namespace: "argocd" };
  const all = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];
  const shown = [
    { apiGroups: ["*"], resources: ["*"], verbs: ["get", "patch", "delete"] },
    { apiGroups: [""], resources: ["events"], verbs: ["list"] },
    { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create"] },
  ];
  const config = '{"tlsClientConfig":{"insecure":false}}';
  const cluster = { name: "in-cluster", server: "https://kubernetes.default.svc", config };
  const secret = {
    ...{ name: "in-cluster", namespace: "argocd" },
    labels: { "argocd.argoproj.io/secret-type": "cluster" },
  };

  it("are in the namespaces of applications, which it treats as the whole cluster", () => {
    const projects = [project(["shop", "default"]), project(["shop"])];
    const grants = (namespace: string) => [
      { name: controller.name, namespace, rules: all, accounts: [controller] },
      { name: server.name, namespace, rules: shown, accounts: [server] },
    ];
    assert.deepEqual(argoCdRights({ namespaces, projects }), {
      accounts: [],
      grants: [...grants("shop"), ...grants("default")],
      clusterGrants: [],
      policies: [],
      secret: { ...secret, data: { ...cluster, namespaces: "shop,default" } },
    });
  });

  it("stay in a namespace where it still deletes what an application runs", () => {
    const leaving = [{ namespace: label("old") }];
    const { grants, secret: made } = argoCdRights({ namespaces, projects: [project(["shop"])], leaving });
    assert.deepEqual([...new Set(grants.map(({ namespace }) => namespace))], ["shop", "old"]);
    assert.equal(made?.data["namespaces"], "shop,old");
  });

  it("are in its own namespace without applications, since no namespace means all", () => {
    const { grants, secret: made } = argoCdRights({ namespaces, projects: [] });
    assert.deepEqual([grants, made?.data], [[], { ...cluster, namespaces: "argocd" }]);
  });

  it("include the cluster-wide kinds of projects with applications", () => {
    const kinds = [
      { group: "", kind: "PersistentVolume" },
      { group: "scheduling.k8s.io", kind: "PriorityClass" },
      { group: "cert-manager.io", kind: "ClusterIssuer" },
      { group: "example.com", kind: "Policy" },
    ];
    const projects = [
      project(["shop"], kinds),
      project(["shop"], kinds),
      project([], [{ group: "", kind: "Node" }]),
    ];
    const { clusterGrants, secret: made } = argoCdRights({ namespaces, projects });
    assert.equal(made?.data["clusterResources"], "true");
    const rules = (verbs: string[]) => [
      { apiGroups: [""], resources: ["persistentvolumes"], verbs },
      { apiGroups: ["scheduling.k8s.io"], resources: ["priorityclasses"], verbs },
      { apiGroups: ["cert-manager.io"], resources: ["clusterissuers"], verbs },
      { apiGroups: ["example.com"], resources: ["policies"], verbs },
    ];
    const definitions = {
      ...{ apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"] },
      verbs: read,
    };
    assert.deepEqual(clusterGrants, [
      { name: "argo-cicd-cluster-kinds", rules: [definitions, ...rules(["*"])], accounts: [controller] },
      {
        name: "argo-cicd-cluster-kinds-shown",
        rules: rules(["get", "patch", "delete"]),
        accounts: [server],
      },
    ]);
  });
});

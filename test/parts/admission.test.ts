/** The writes of each account of the pipeline before a real API server: the forbidden ones, and those that it needs. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { buildPolicies } from "../../components/builds/admission.ts";
import { sensorPolicies } from "../../components/trigger/admission.ts";
import { allRefused, declare, letEverything, refusal, unreported, who } from "../support/admission.ts";
import type { ApiServer } from "../support/api-server.ts";
import { startApiServer } from "../support/api-server.ts";
import { label } from "../support/builders.ts";
import { chartKinds, defineKinds } from "../support/cluster-kinds.ts";
import { until } from "../support/cluster-wait.ts";

const workflows = "/apis/argoproj.io/v1alpha1/namespaces/ci/workflows";
const results = "/apis/argoproj.io/v1alpha1/namespaces/ci/workflowtaskresults";
const applications = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";
const sensor = "system:serviceaccount:argo-events:github-sensor";
const report = "system:serviceaccount:ci:build";
const control = "system:serviceaccount:ci:build-control";
const live = "system:serviceaccount:ci:build-live";
const catchUp = "system:serviceaccount:ci:catch-up";
const commit = "1a2b3c4d".repeat(5);

let server: ApiServer;
before(async () => {
  server = await startApiServer();
  const { api } = server;
  await defineKinds(server, [chartKinds.argoWorkflows, chartKinds.argoCd]);
  for (const name of ["ci", "argo-events", "argocd", "elsewhere"])
    await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  await letEverything(server);
  const account = { namespace: label("argo-events"), name: label("github-sensor") };
  // The last one is waited for: the API server puts policies into force in the order of their creation.
  const builds = buildPolicies([label("ci")], { areReported: true }, true);
  const limits = [...builds, ...sensorPolicies(account).toReversed()];
  for (const limit of limits) await declare(server, limit);
  await until("the policies are in force", async () =>
    (await refusal(create(workflows, { ...build("probe"), status: {} }, sensor))).includes(
      "a Sensor may create",
    ),
  );
});
after(() => server.stop());

const apiVersion = "argoproj.io/v1alpha1";

/** The Workflow that a Sensor creates for a push. */
function build(name: string) {
  const labels = {
    "events.argoproj.io/sensor": "alog",
    "events.argoproj.io/trigger": "build",
    "events.argoproj.io/action-timestamp": "1764000000000",
  };
  return {
    apiVersion,
    kind: "Workflow",
    metadata: { name, namespace: "ci", labels },
    spec: {
      workflowTemplateRef: { name: "web" },
      arguments: { parameters: [{ name: "commit", value: commit }] },
    },
  };
}

function create(path: string, body: object, as?: string, pod?: string): Promise<unknown> {
  return server.api.call(path, { method: "POST", body, ...who(as, pod) });
}

function patch(path: string, body: object, as?: string, pod?: string): Promise<unknown> {
  return server.api.call(path, {
    method: "PATCH",
    type: "application/merge-patch+json",
    body,
    ...who(as, pod),
  });
}

let names = 0;

/** Creates a running Workflow: one with a status, as the controller writes it. */
async function running(): Promise<string> {
  names += 1;
  const name = `web-${names.toString()}`;
  const labels = { "argo-cicd/service": "web", "workflows.argoproj.io/phase": "Running" };
  const status = { phase: "Running", storedWorkflowTemplateSpec: { entrypoint: "pipeline" } };
  const made = build(name);
  await create(workflows, { ...made, metadata: { ...made.metadata, labels }, status });
  return name;
}

/** Adds a test for each attempt, by its title. */
function refuses(attempts: Readonly<Record<string, () => Promise<unknown>>>, message: RegExp): void {
  for (const [what, attempt] of Object.entries(attempts))
    it(`may not ${what}`, async () => assert.match(await refusal(attempt()), message));
}

const stored = { storedWorkflowTemplateSpec: { entrypoint: "x", templates: [] } };

describe("the account of the catch-up", () => {
  const started = (name: string, labels: object, change: object = {}) => {
    const one = build(name);
    return create(workflows, { ...one, metadata: { ...one.metadata, labels }, ...change }, catchUp);
  };

  it("creates the Workflow of a push, with its own label", async () => {
    await started("lost", { "argo-cicd/started-by": "catch-up" });
  });

  it("removes the notes of reports that it has sent to GitHub, and writes none", async () => {
    const path = `${workflows}/${await running()}`;
    await patch(path, unreported("true", "status", "deployment"));
    await patch(path, unreported(null, "status", "deployment"), catchUp);
    const { metadata } = (await server.api.call(path)) as { metadata: { annotations?: object } };
    assert.deepEqual(metadata.annotations ?? {}, {});
    const labels = { "argo-cicd/started-by": "a" };
    const others = [unreported("true"), { metadata: { labels } }, { status: stored }];
    const refused = others.map((change) => patch(path, change, catchUp));
    await allRefused(refused, /may not change existing Workflows, except to remove argo-cicd\/unreported, /);
  });

  it("removes a terminating pod, and no other", async () => {
    const path = "/api/v1/namespaces/ci/pods";
    const pod = (name: string) => ({
      apiVersion: "v1",
      kind: "Pod",
      // The API server waits until the node has ended its pod. There is no such node.
      metadata: { name, namespace: "ci" },
      spec: { nodeName: "gone", containers: [{ name: "main", image: "example.com/image" }] },
    });
    const remove = (name: string, as?: string) =>
      server.api.call(`${path}/${name}`, { method: "DELETE", body: { gracePeriodSeconds: 0 }, ...who(as) });
    await create("/api/v1/namespaces/ci/serviceaccounts", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace: "ci" },
    });
    for (const name of ["running", "ending"]) await create(path, pod(name));
    await server.api.call(`${path}/ending`, { method: "DELETE" });
    assert.match(await refusal(remove("running", catchUp)), /may remove terminating pods only/);
    assert.equal(await refusal(remove("ending", catchUp)), "");
    assert.match(await refusal(server.api.call(`${path}/ending`)), /pods "ending" not found/);
  });

  refuses(
    {
      "set labels of Argo Workflows": () => started("a", { "workflows.argoproj.io/completed": "true" }),
      "write a status that has a specification": () => started("b", {}, { status: stored }),
      "choose another account": () =>
        started("c", {}, { spec: { ...build("c").spec, serviceAccountName: "build-control" } }),
      "stop a build": () => patch(`${workflows}/lost`, { spec: { shutdown: "Stop" } }, catchUp),
    },
    /a check for lost pushes may (create|set|not change) /,
  );
});

describe("the Sensor's account", () => {
  it("creates the Workflow of a push once, and may repeat that when the delivery is repeated", async () => {
    await create(workflows, build("pushed"), sensor);
    await patch(`${workflows}/pushed`, { status: { phase: "Running" }, metadata: { labels: { a: "b" } } });
    const again = build("pushed");
    const labels = { "events.argoproj.io/action-timestamp": "1764000000001" };
    await patch(`${workflows}/pushed`, { ...again, metadata: { ...again.metadata, labels } }, sensor);
  });

  const spec = build("x").spec;
  const made = (change: object) => () => create(workflows, { ...build("attack"), ...change }, sensor);
  refuses(
    {
      "write a status that has a specification": made({ status: stored }),
      "write an empty status": made({ status: {} }),
      "add templates": made({ spec: { ...spec, templates: [], entrypoint: "x" } }),
      "choose another account": made({ spec: { ...spec, serviceAccountName: "build-control" } }),
      "patch the pods": made({ spec: { ...spec, podSpecPatch: "{}" } }),
      "name no WorkflowTemplate": made({ spec: { arguments: spec.arguments } }),
      "name a ClusterWorkflowTemplate": made({
        spec: { ...spec, workflowTemplateRef: { name: "web", clusterScope: true } },
      }),
      "pass artifacts": made({ spec: { ...spec, arguments: { ...spec.arguments, artifacts: [] } } }),
      "take a value from a ConfigMap": made({
        spec: { ...spec, arguments: { parameters: [{ name: "commit", valueFrom: {} }] } },
      }),
    },
    /a Sensor may create Workflows only from a WorkflowTemplate|no such key|undefined field/,
  );
  const metadata = (change: object) => {
    const one = build("attack");
    return made({ metadata: { ...one.metadata, ...change } });
  };
  refuses(
    {
      "set labels of Argo Workflows": metadata({ labels: { "workflows.argoproj.io/completed": "true" } }),
      "set annotations": metadata({ annotations: { "workflows.argoproj.io/pod-name-format": "v1" } }),
      "name an owner": metadata({
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "x", uid: "1" }],
      }),
      "set a finalizer": metadata({ finalizers: ["example.com/x"] }),
    },
    /a Sensor may set only the labels events\.argoproj\.io\/sensor, /,
  );
  const changed = (change: object) => async () => patch(`${workflows}/${await running()}`, change, sensor);
  refuses(
    {
      "change a status": changed({ status: stored }),
      "change a template": changed({ spec: { workflowTemplateRef: { name: "other" } } }),
      "stop a build": changed({ spec: { shutdown: "Terminate" } }),
      "change a label of a build": changed({ metadata: { labels: { "argo-cicd/service": "other" } } }),
      "annotate a build": changed({ metadata: { annotations: { a: "b" } } }),
    },
    /a Sensor may not change existing Workflows/,
  );
});

describe("the dead letters of the Sensor's account", () => {
  const configMaps = "/api/v1/namespaces/argo-events/configmaps";
  const labels = { ...build("").metadata.labels, "argo-cicd/dead-letter": "true" };
  const letter = (name: string, metadata: object = {}) => ({
    ...{ apiVersion: "v1", kind: "ConfigMap", data: { replay: "argo submit" } },
    metadata: { name, labels, ...metadata },
  });
  const leave = (name: string, metadata?: object) => create(configMaps, letter(name, metadata), sensor);

  it("are ConfigMaps that another account may change and delete", async () => {
    await leave("dead-letter-web-1a2b3c4d");
    await patch(`${configMaps}/dead-letter-web-1a2b3c4d`, { data: { seen: "yes" } });
  });

  refuses(
    {
      "have the name of a ConfigMap that a program reads": () => leave("argo-events-controller-config"),
      "have a label by which another program finds it": () =>
        leave("dead-letter-x", { labels: { ...labels, "app.kubernetes.io/part-of": "argocd" } }),
      "have an owner, with which they would be deleted": () =>
        leave("dead-letter-y", {
          ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u" }],
        }),
      "be changed": () =>
        patch(`${configMaps}/dead-letter-web-1a2b3c4d`, { data: { replay: "other" } }, sensor),
    },
    /a Sensor may only create ConfigMaps named dead-letter-\*/,
  );
});

describe("the account build-control", () => {
  it("labels its own Workflow, and stops an older one", async () => {
    const one = `${workflows}/${await running()}`;
    await patch(one, { metadata: { labels: { "argo-cicd/commit": commit } } }, control);
    await patch(one, { metadata: { labels: { "argo-cicd/published": "true" } } }, control);
    const labels = { "argo-cicd/superseded-by": commit };
    await patch(one, { metadata: { labels }, spec: { shutdown: "Stop" } }, control);
    await patch(one, unreported("true", "status"), control);
    await patch(one, { metadata: { labels: { "argo-cicd/published": "true" } } }, control);
  });

  const changed = (change: object) => async () => patch(`${workflows}/${await running()}`, change, control);
  refuses(
    {
      "write a specification into a status": changed({ status: stored }),
      "write any status": changed({ status: { phase: "Succeeded" } }),
      "remove a status": changed({ status: null }),
      "change a template": changed({ spec: { workflowTemplateRef: { name: "other" } } }),
      "change the commit": changed({ spec: { arguments: { parameters: [] } } }),
      "add templates": changed({ spec: { templates: [] } }),
      "remove the arguments": changed({ spec: { arguments: null } }),
      "terminate a build without a report to GitHub": changed({ spec: { shutdown: "Terminate" } }),
    },
    /a build may stop others, and change nothing else of their specification/,
  );
  refuses(
    {
      "change the service of a build": changed({ metadata: { labels: { "argo-cicd/service": "other" } } }),
      "remove a label": changed({ metadata: { labels: { "argo-cicd/service": null } } }),
      "hide a build from the controller": changed({
        metadata: { labels: { "workflows.argoproj.io/completed": "true" } },
      }),
      "annotate a build": changed({ metadata: { annotations: { a: "b" } } }),
      "write the note of the step that waits": changed(unreported("true", "deployment")),
      "keep a build from being deleted": changed({ metadata: { finalizers: ["example.com/x"] } }),
    },
    /a build may change only the labels argo-cicd\/commit, argo-cicd\/superseded-by, argo-cicd\/published/,
  );
});

describe("the account build-live", () => {
  const spec = {
    project: "alog",
    source: { repoURL: "https://example.com/a", path: "k8s" },
    destination: {},
  };
  const refresh = "argocd.argoproj.io/refresh";
  let path: string;
  before(async () => {
    const metadata = { name: "alog", namespace: "argocd", annotations: { a: "b" }, labels: { a: "b" } };
    await create(applications, { apiVersion, kind: "Application", metadata, spec });
    path = `${applications}/alog`;
  });

  it("requests a refresh", async () => {
    await patch(path, { metadata: { annotations: { [refresh]: "normal" } } }, live);
    await patch(path, { metadata: { annotations: { [refresh]: null } } });
    await patch(path, { metadata: { annotations: { [refresh]: "normal" } } }, live);
  });

  it("notes on a Workflow that a report to GitHub is pending, and changes nothing else of it", async () => {
    const own = `${workflows}/${await running()}`;
    await patch(own, unreported("true", "deployment"), live);
    const others = [unreported("true", "status"), { spec: { shutdown: "Stop" } }, { status: stored }];
    const refused = others.map((change) => patch(own, change, live));
    await allRefused(refused, /a build that waits may change only the label argo-cicd\/unreported/);
  });

  const changed = (change: object) => () => patch(path, change, live);
  refuses(
    {
      "move the Application to another project": changed({ spec: { project: "default" } }),
      "name another repository": changed({ spec: { source: { repoURL: "https://example.com/evil" } } }),
      "start a sync": changed({ operation: { sync: { revision: "main" } } }),
      "write a status": changed({ status: { health: { status: "Healthy" } } }),
      "set another annotation": changed({
        metadata: { annotations: { "argocd.argoproj.io/skip-reconcile": "true" } },
      }),
      "change an annotation": changed({ metadata: { annotations: { a: "c" } } }),
      "request a hard refresh": changed({ metadata: { annotations: { [refresh]: "hard" } } }),
      "set a label": changed({ metadata: { labels: { a: "c" } } }),
      "have its deletion delete everything": changed({
        metadata: { finalizers: ["resources-finalizer.argocd.argoproj.io"] },
      }),
    },
    /a build may only request a refresh of an Application/,
  );
});

describe("the accounts of a build's pods", () => {
  const result = (workflow: string, hash: string) => ({
    apiVersion,
    kind: "WorkflowTaskResult",
    metadata: {
      name: `${workflow}-${hash}`,
      namespace: "ci",
      labels: { "workflows.argoproj.io/workflow": workflow },
    },
  });

  for (const [index, account] of [report, control, live].entries())
    it(`report the result of their own pod: ${account}`, async () => {
      const own = result(`web-1a2b-${index.toString()}`, "123");
      const pod = `web-1a2b-${index.toString()}-build-123`;
      await create(results, own, account, pod);
      const labels = { "workflows.argoproj.io/report-outputs-completed": "true" };
      await patch(`${results}/${own.metadata.name}`, { metadata: { labels }, message: "x" }, account, pod);
    });

  it("report the result of a Workflow of one pod, which has the Workflow's name", async () => {
    const { metadata, ...rest } = result("look-1", "");
    await create(results, { ...rest, metadata: { ...metadata, name: "look-1" } }, report, "look-1");
  });

  refuses(
    {
      "report the result of another Workflow of one pod": () => {
        const { metadata, ...rest } = result("look-2", "");
        return create(results, { ...rest, metadata: { ...metadata, name: "look-2" } }, report, "look-1");
      },
      "report another step's result": () =>
        create(results, result("web-a", "456"), report, "web-a-build-123"),
      "report another Workflow's result": () =>
        create(results, result("web-b", "123"), report, "web-a-build-123"),
      "name another Workflow than the result's": () => {
        const one = result("web-a", "123");
        const labels = { "workflows.argoproj.io/workflow": "web-b" };
        return create(results, { ...one, metadata: { ...one.metadata, labels } }, report, "web-a-build-123");
      },
      "report with a token that is bound to no pod": () => create(results, result("web-a", "123"), report),
    },
    /a pod may report its own result only|no such key/,
  );
});

describe("anybody", () => {
  const withCommit = (name: string, value: unknown, namespace = "ci") => {
    const one = build(name);
    const spec = { ...one.spec, arguments: { parameters: [{ name: "commit", value }] } };
    const path = workflows.replace("/ci/", `/${namespace}/`);
    return create(path, { ...one, metadata: { name, namespace }, spec });
  };

  it("creates Workflows by hand, with plain values", async () => {
    await withCommit("by-hand", commit);
    await withCommit("a-number", 1234567);
    const { workflowTemplateRef } = build("x").spec;
    await create(workflows, { ...build("newest"), spec: { workflowTemplateRef } });
    await withCommit("elsewhere", "{{=1}}", "elsewhere");
  });

  refuses(
    {
      "have the controller evaluate an expression": () => withCommit("x", '{{=sprig.repeat(50000000,"x")}}'),
      "leave a pair of braces open": () => withCommit("x", "{{"),
    },
    /the value of a parameter must not contain \{\{/,
  );
});

/** What users may do in Argo Workflows' dashboard: its own server with the accounts, rights and policies of a stack. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { argoWorkflowsValues } from "../../components/charts/argo-workflows.ts";
import type { ApiServer } from "../support/api-server.ts";
import { startApiServer, tokenOf } from "../support/api-server.ts";
import { label } from "../support/builders.ts";
import { chartKinds, defineKinds } from "../support/cluster-kinds.ts";
import { stackObjects } from "../support/cluster-objects.ts";
import { until } from "../support/cluster-wait.ts";
import { smallConfig } from "../support/declare.ts";
import { temporaryFolder } from "../support/script.ts";
import type { Session } from "../support/argo-programs.ts";
import { startArgoServer, startWorkflowController } from "../support/argo-programs.ts";
import { startProvider } from "../support/openid-provider.ts";

const folder = temporaryFolder("sign-on");
const workflows = "/apis/argoproj.io/v1alpha1/namespaces/ci/workflows";
const secret = "secret of the client that signs on";

const started: { stop: () => void }[] = [];
let server: ApiServer;
const sessions: Record<string, Session> = {};

before(async () => {
  const provider = await startProvider(
    folder,
    { id: "argo", secret },
    {
      admin: { groups: ["everybody", "platform"] },
      viewer: { groups: ["developers"] },
      both: { groups: ["developers", "platform"] },
      stranger: { groups: ["platform-2", "plat"] },
      nobody: {},
    },
  );
  started.push(provider);
  server = await startApiServer();
  started.push(server);
  const { api } = server;
  await defineKinds(server, [chartKinds.argoWorkflows, chartKinds.argoCd]);
  const roles = { admins: ["platform"], viewers: ["developers"] };
  const signOn = { issuer: provider.issuer, clientId: "argo", workflows: roles };
  const stack = { signOn, workflows: { host: "workflows.acme.example" } };
  const needed =
    /^(Namespace|ServiceAccount|Secret|(Cluster)?Role(Binding)?|ValidatingAdmissionPolicy(Binding)?)$/;
  for (const one of await stackObjects(smallConfig(stack))) if (needed.test(one.kind)) await api.apply(one);
  const chart = {
    host: "workflows.acme.example",
    nodePort: undefined,
    ingress: { class: label("nginx"), tlsSecret: undefined, annotations: {} },
    logs: false,
    highAvailability: false,
  };
  const values = argoWorkflowsValues({
    ...chart,
    network: { ca: "of the provider" },
    signOn: { groupsClaim: "groups", scopes: ["email", "groups"], ...signOn },
  });
  const { enabled, ...sso } = values.server.sso ?? {};
  assert.equal(enabled, true);
  const metadata = { namespace: "argo", name: "workflow-controller-configmap" };
  // JSON is YAML.
  const data = {
    sso: JSON.stringify(sso),
    workflowRestrictions: JSON.stringify(values.controller.workflowRestrictions),
    metricsConfig: JSON.stringify({ enabled: false }),
  };
  await api.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
  await api.apply({
    apiVersion: "argoproj.io/v1alpha1",
    kind: "WorkflowTemplate",
    metadata: { namespace: "ci", name: "waits" },
    spec: {
      entrypoint: "wait",
      arguments: { parameters: [{ name: "commit" }] },
      templates: [{ name: "wait", suspend: {} }],
    },
  });
  started.push(await startWorkflowController(server, values.controller, folder));
  await api.apply({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { namespace: "argo", name: "argo-workflows-server" },
  });
  for (const name of ["workflows-admins", "workflows-viewers"]) await giveToken(name);
  const argo = await startArgoServer(
    server,
    await tokenOf(server, "argo", "argo-workflows-server"),
    values.server,
    {
      folder,
      authorities: provider.authorities,
    },
  );
  started.push(argo);
  for (const code of ["admin", "viewer", "both", "stranger", "nobody"]) {
    const session = await argo.signOn(code);
    assert.ok(session !== undefined, code);
    sessions[code] = session;
  }
});
after(() => {
  for (const one of started.toReversed()) one.stop();
});

/** Fills in an account's token, as a controller of Kubernetes would, which does not run here. */
async function giveToken(account: string): Promise<void> {
  const data = { token: Buffer.from(await tokenOf(server, "argo", account)).toString("base64") };
  const path = `/api/v1/namespaces/argo/secrets/${account}.service-account-token`;
  await server.api.call(path, { method: "PATCH", type: "application/merge-patch+json", body: { data } });
}

/** Creates a suspended build, which needs no pod and fails when it is stopped. */
async function build(name: string, phase: "Running" | "Failed"): Promise<string> {
  const parameters = [{ name: "commit", value: "1a2b3c4d".repeat(5) }];
  await server.api.call(workflows, {
    method: "POST",
    body: {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Workflow",
      metadata: { name, namespace: "ci" },
      spec: { workflowTemplateRef: { name: "waits" }, arguments: { parameters } },
    },
  });
  await untilPhase(name, "Running");
  if (phase === "Failed") {
    await as("admin")("PUT", `/workflows/ci/${name}/stop`, { name, namespace: "ci" });
    await untilPhase(name, phase);
  }
  return name;
}

/** Waits for Argo's server, which answers from its own cache. */
function untilPhase(name: string, phase: string): Promise<true> {
  return until(`${name} is ${phase}`, async () => {
    const { status, text } = await as("admin")("GET", `/workflows/ci/${name}`);
    return status === 200 && (JSON.parse(text) as { status: { phase?: string } }).status.phase === phase;
  });
}

function as(code: string): Session {
  const session = sessions[code];
  assert.ok(session !== undefined);
  return session;
}

async function specOf(name: string): Promise<{ shutdown?: string; suspend?: boolean }> {
  const { spec } = (await server.api.call(`${workflows}/${name}`)) as { spec: object };
  return spec;
}

describe("Argo Workflows' server", () => {
  it("shows builds to members of the groups, and nothing to others", async () => {
    const name = await build("shown", "Running");
    const asked = ["admin", "viewer", "both", "stranger", "nobody"].map(async (code) => {
      const { status } = await as(code)("GET", "/workflows/ci");
      return [code, status];
    });
    assert.deepEqual(await Promise.all(asked), [
      ["admin", 200],
      ["viewer", 200],
      ["both", 200],
      ["stranger", 403],
      ["nobody", 403],
    ]);
    assert.match((await as("viewer")("GET", `/workflows/ci/${name}`)).text, /"shown"/);
    assert.equal((await as("admin")("GET", "/workflows/argo")).status, 403);
  });

  for (const code of ["admin", "both"])
    it(`lets an admin stop, suspend, resume, retry and delete a build: ${code}`, async () => {
      const name = await build(`held-${code}`, "Running");
      const put = async (verb: string, one: string) => {
        const { status, text } = await as(code)("PUT", `/workflows/ci/${one}/${verb}`, {
          name: one,
          namespace: "ci",
        });
        assert.equal(status, 200, text);
        return text;
      };
      await put("suspend", name);
      assert.equal((await specOf(name)).suspend, true);
      await put("resume", name);
      assert.equal((await specOf(name)).suspend, undefined);
      await untilPhase(name, "Succeeded");
      const stopped = await build(`stopped-${code}`, "Running");
      await put("stop", stopped);
      await untilPhase(stopped, "Failed");
      const failed = await build(`failed-${code}`, "Failed");
      // The controller does the rest, and ignores builds that are still labelled as completed.
      assert.doesNotMatch(await put("retry", failed), /completed/);
      assert.equal((await as(code)("DELETE", `/workflows/ci/${failed}`)).status, 200);
    });

  it("lets nobody else do so", async () => {
    const name = await build("kept", "Running");
    const before = await specOf(name);
    for (const code of ["viewer", "stranger", "nobody"]) {
      const path = `/workflows/ci/${name}`;
      const asked = ["suspend", "stop", "terminate"].map((verb) =>
        as(code)("PUT", `${path}/${verb}`, { name, namespace: "ci" }),
      );
      for (const { status, text } of [...(await Promise.all(asked)), await as(code)("DELETE", path)]) {
        assert.equal(status, 403, text);
        assert.match(text, /is forbidden|not allowed/);
      }
    }
    assert.deepEqual(await specOf(name), before);
  });

  it("lets nobody start a build, or rerun one with changes", async () => {
    const failed = await build("again", "Failed");
    const before = await specOf(failed);
    const submitted = { resourceKind: "WorkflowTemplate", resourceName: "web", namespace: "ci" };
    const created = {
      workflow: {
        metadata: { name: "own" },
        spec: { entrypoint: "wait", templates: [{ name: "wait", suspend: {} }] },
      },
    };
    const retried = { name: failed, namespace: "ci", parameters: ["commit=other"], restartSuccessful: true };
    for (const code of ["admin", "viewer"]) {
      const answers = [
        await as(code)("POST", "/workflows/ci/submit", submitted),
        await as(code)("POST", "/workflows/ci", created),
        await as(code)("PUT", `/workflows/ci/${failed}/resubmit`, { name: failed, namespace: "ci" }),
        await as(code)("PUT", `/workflows/ci/${failed}/retry`, retried),
      ];
      for (const { status, text } of answers) assert.ok(status >= 400, `${status.toString()} ${text}`);
    }
    assert.deepEqual(await specOf(failed), before);
    const { items } = (await server.api.call(workflows)) as { items: { metadata: { name: string } }[] };
    const made = items.map(({ metadata }) => metadata.name).filter((name) => !known.test(name));
    assert.deepEqual(made, []);
  });
});

const known = /^(shown|kept|again|held-|stopped-|failed-)/;

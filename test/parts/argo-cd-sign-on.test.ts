/** What users may do in Argo CD's dashboard: its own server with the rights and settings of a stack. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { argoCdValues } from "../../components/charts/argo-cd-values.ts";
import type { ApiServer } from "../support/api-server.ts";
import { startApiServer, tokenOf } from "../support/api-server.ts";
import { argoCdConfiguration, startArgoCdServer } from "../support/argo-cd-programs.ts";
import { cookiesOf, signOn as signOnWith } from "../support/browser.ts";
import { label } from "../support/builders.ts";
import { accountOf } from "../support/cluster-argocd.ts";
import { chartKinds, defineKinds } from "../support/cluster-kinds.ts";
import { stackObjects } from "../support/cluster-objects.ts";
import { smallConfig } from "../support/declare.ts";
import { startProvider } from "../support/openid-provider.ts";
import { temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("argo-cd-sign-on");
const host = "argocd.acme.example";
const started: { stop: () => void }[] = [];
let server: ApiServer;
let url: string;
const sessions: Record<string, string> = {};

before(async () => {
  const client = { id: "argo", secret: "secret of the client that signs on" };
  const provider = await startProvider(folder, client, {
    admin: { groups: ["everybody", "platform"] },
    viewer: { groups: ["developers"] },
    stranger: { groups: ["platform-2", "plat"] },
    role: { groups: ["role:admin", "role:admins", "role:readonly"] },
    sub: { sub: "admin" },
    nobody: {},
  });
  started.push(provider);
  server = await startApiServer();
  started.push(server);
  const { api } = server;
  await defineKinds(server, [chartKinds.argoCd, chartKinds.argoWorkflows]);
  const roles = { admins: ["platform"], viewers: ["developers"] };
  const signOn = { issuer: provider.issuer, clientId: "argo", argocd: roles };
  const needed = /^(Namespace|Secret|(Cluster)?Role(Binding)?|AppProject|Application)$/;
  for (const one of await stackObjects(smallConfig({ signOn, argocd: { host } })))
    if (needed.test(one.kind)) await api.apply(one);
  const values = argoCdValues({
    ...{ host, nodePort: undefined, highAvailability: false, webhookSecret: undefined, isolated: false },
    ingress: { class: label("nginx"), tlsSecret: undefined, annotations: {} },
    network: { ca: readFileSync(join(provider.authorities, "ca.crt"), "utf8") },
    projects: [{ name: label("shop"), applications: [{ namespace: label("default") }], clusterKinds: [] }],
    signOn: { groupsClaim: "groups", scopes: ["email", "groups"], ...signOn },
  });
  for (const one of [...accountOf("argocd-server"), ...argoCdConfiguration(values, "argocd")])
    await api.apply(one);
  const token = await tokenOf(server, "argocd", "argocd-server");
  const argoCd = await startArgoCdServer({ address: server.address, token, folder }, values);
  started.push(argoCd);
  url = argoCd.url;
  for (const code of ["admin", "viewer", "stranger", "role", "sub", "nobody"]) {
    const back = await signOnWith(`${url}/auth/login`, `${url}/auth/callback`, code);
    assert.ok(back.status >= 300 && back.status < 400, code);
    sessions[code] = cookiesOf(back);
  }
});
after(() => {
  for (const one of started.toReversed()) one.stop();
});

async function ask(code: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { cookie: sessions[code] ?? "", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

const sync = (code: string) => ask(code, "POST", "/applications/shop/sync", {});
const remove = (code: string) => ask(code, "DELETE", "/applications/shop?cascade=false");

describe("Argo CD's server", () => {
  for (const code of ["admin", "viewer"])
    it(`shows applications to members of the groups: ${code}`, async () => {
      for (const path of ["/applications", "/projects"]) {
        const { status, text } = await ask(code, "GET", path);
        assert.equal(status, 200, text);
        assert.match(text, /"name":"shop"/);
      }
    });

  for (const code of ["stranger", "role", "sub", "nobody"])
    it(`shows nothing to others, and permits them nothing: ${code}`, async () => {
      const { status, text } = await ask(code, "GET", "/applications");
      assert.deepEqual([status, (JSON.parse(text) as { items: unknown }).items], [200, null]);
      for (const act of [sync, remove]) assert.equal((await act(code)).status, 403);
    });

  it("lets a viewer change nothing", async () => {
    for (const act of [sync, remove]) {
      const { status, text } = await act("viewer");
      assert.equal(status, 403);
      assert.match(text, /permission denied/);
    }
  });

  it("lets an admin sync an application, and remove it", async () => {
    // Argo CD's repository server does not run here.
    assert.match((await sync("admin")).text, /error resolving repo revision/);
    assert.equal((await remove("admin")).status, 200);
  });

  it("accepts no password", async () => {
    const { status } = await ask("nobody", "POST", "/session", { username: "admin", password: "password" });
    assert.ok(status >= 400);
  });
});

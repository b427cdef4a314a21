/** Argo CD's own notifications controller with the settings of a stack: what it sends, and when. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { notificationValues } from "../../components/charts/argo-cd-notifications.ts";
import type { NotifiedProject } from "../../components/charts/argo-cd-notifications.ts";
import { startNotifications } from "../support/argo-cd-programs.ts";
import type { ApiServer } from "../support/api-server.ts";
import { startApiServer, tokenOf } from "../support/api-server.ts";
import { label } from "../support/builders.ts";
import { accountOf } from "../support/cluster-argocd.ts";
import type { ClusterObject } from "../support/cluster-api.ts";
import { chartKinds, defineKinds } from "../support/cluster-kinds.ts";
import { stackObjects } from "../support/cluster-objects.ts";
import { until } from "../support/cluster-wait.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig, smallProject } from "../support/declare.ts";
import type { HttpServer } from "../support/http-server.ts";
import { startHttpServer } from "../support/http-server.ts";
import { temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("argo-cd-notifications");
const notifications = {
  on: ["failed", "recovered", "deployed"],
  to: ["slack", "discord", "webhook"],
} as const;
const application = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/shop";

let server: ApiServer;
let services: HttpServer;
const started: { readonly stop: () => void }[] = [];
/** The messages that the services have received. */
let messages: [service: string, message: unknown][] = [];

before(async () => {
  services = await startHttpServer((request, response, body) => {
    messages.push([(request.url ?? "").slice(1), JSON.parse(body)]);
    response.end("ok");
  });
  started.push({ stop: services.close });
  server = await startApiServer();
  started.push(server);
  const { api } = server;
  await defineKinds(server, [chartKinds.argoCd]);
  const config = smallConfig({
    argocd: { host: "argocd.acme.example" },
    projects: { shop: { ...smallProject(), notifications } },
  });
  const addresses = Object.fromEntries(notifications.to.map((one) => [one, `https://${one}.example/secret`]));
  Object.assign(config["secrets"] as Config, { notifications: { shop: addresses } });
  const needed = /^(Namespace|AppProject|Application)$/;
  for (const one of await stackObjects(config)) if (needed.test(one.kind)) await api.apply(one);
  const project: NotifiedProject = { name: label("shop"), applications: [{}], notifications };
  const values = notificationValues({
    projects: [project],
    argoCdUrl: "https://argocd.acme.example",
    network: {},
  });
  assert.ok(values.enabled);
  const { notifiers, templates, triggers } = values;
  const here = notifications.to.map((one) => [`${one}-shop`, `${services.url}/${one}`]);
  const objects: ClusterObject[] = [
    ...accountOf("argocd-notifications-controller"),
    object("ConfigMap", "argocd-notifications-cm", { data: { ...notifiers, ...templates, ...triggers } }),
    object("Secret", "argocd-notifications-secret", { stringData: Object.fromEntries(here) as object }),
    object("ConfigMap", "argocd-cm", { data: {} }),
    object("Secret", "argocd-secret", { stringData: { "server.secretkey": "secret" } }),
  ];
  for (const one of objects) await api.apply(one);
  const token = await tokenOf(server, "argocd", "argocd-notifications-controller");
  started.push(await startNotifications({ address: server.address, token, folder }));
});
after(() => {
  for (const one of started.toReversed()) one.stop();
});
beforeEach(() => {
  messages = [];
});

function object(kind: string, name: string, content: object): ClusterObject {
  const labels = { "app.kubernetes.io/part-of": "argocd" };
  return { apiVersion: "v1", kind, metadata: { namespace: "argocd", name, labels }, ...content };
}

interface Sync {
  readonly phase?: "Succeeded" | "Failed" | "Error";
  readonly health?: "Healthy" | "Degraded" | "Progressing";
  readonly message?: string;
  readonly heals?: number;
}

let syncs = 0;

/** Reports a sync that ends a minute after the previous one. */
async function sync({
  phase = "Succeeded",
  health = "Healthy",
  message = "",
  heals = 0,
}: Sync): Promise<void> {
  syncs += 1;
  const time = (second: number) =>
    new Date(Date.UTC(2026, 2, 1, 10, syncs, second)).toISOString().replace(".000", "");
  const operation = {
    sync: { revision: "1a2b3c4d", ...(heals === 0 ? {} : { autoHealAttemptsCount: heals }) },
  };
  await write({
    health: { status: health, lastTransitionTime: time(20) },
    sync: {
      status: "Synced",
      revision: "1a2b3c4d",
      comparedTo: { source: { repoURL: "x" }, destination: {} },
    },
    summary: { images: ["registry.example:5000/team/web:main@sha256:1"] },
    // The controller waits until Argo CD has reconciled the Application after the sync.
    reconciledAt: time(30),
    operationState: { phase, message, operation, startedAt: time(0), finishedAt: time(10) },
  });
}

async function write(status: object): Promise<void> {
  await server.api.call(application, {
    method: "PATCH",
    type: "application/merge-patch+json",
    body: { status },
  });
}

async function received(count: number): Promise<Record<string, unknown>> {
  await until(`${count.toString()} messages have arrived`, () => messages.length >= count);
  return Object.fromEntries(messages);
}

const url = "https://argocd.acme.example/applications/shop";

describe("Argo CD's notifications controller", () => {
  it("notifies each service once of a deployment", async () => {
    await sync({});
    const text = `<${url}|shop> is deployed`;
    assert.deepEqual(await received(3), {
      slack: {
        text,
        ...{ unfurl_links: false, unfurl_media: false },
        blocks: [{ type: "section", text: { type: "mrkdwn", text, verbatim: true } }],
      },
      discord: {
        allowed_mentions: { parse: [] },
        embeds: [{ title: "shop is deployed", color: 0x2da44e, url }],
      },
      webhook: {
        ...{ event: "deployed", project: "shop", application: "shop", headline: "is deployed" },
        ...{ revision: "1a2b3c4d", images: ["registry.example:5000/team/web:main@sha256:1"], why: "", url },
      },
    });
  });

  it("sends an author's message as plain text", async () => {
    const message = 'one "two" \\ {{ .app }} <!channel> @everyone [a](https://example.com) &\n'.padEnd(
      600,
      "가",
    );
    await sync({ phase: "Failed", message });
    const { slack, discord, webhook } = (await received(3)) as Record<string, Message>;
    const shortened = message.slice(0, 500);
    assert.equal(webhook?.why, shortened);
    assert.match(
      slack?.blocks?.[1]?.text.text ?? "",
      /^one "two" \\ \{\{ \.app \}\} &lt;!channel&gt; @everyone /,
    );
    assert.match(
      discord?.embeds?.[0]?.description ?? "",
      /^one "two" \\\\ \{\{ .app \}\} \\<!channel\\> \\@everyone \\\[a\\\]\\\(/,
    );
  });

  it("notifies of a degraded application, and of the deployment that fixes it", async () => {
    await sync({ health: "Degraded", phase: "Succeeded" });
    const { webhook } = (await received(3)) as Record<string, Message>;
    assert.deepEqual([webhook?.event, webhook?.headline], ["failed", "is degraded"]);
    messages = [];
    await sync({});
    assert.deepEqual(((await received(3)) as Record<string, Message>)["webhook"]?.event, "deployed");
  });

  it("sends nothing about a sync that reverts a change by hand", async () => {
    await sync({ heals: 1 });
    await sync({ phase: "Error", message: "so that there is something to wait for" });
    await received(3);
    assert.deepEqual(messages.map(([, message]) => (message as Message).event).filter(Boolean), ["failed"]);
  });
});

interface Message {
  readonly event?: string;
  readonly headline?: string;
  readonly why?: string;
  readonly blocks?: readonly { readonly text: { readonly text: string } }[];
  readonly embeds?: readonly { readonly description?: string }[];
}

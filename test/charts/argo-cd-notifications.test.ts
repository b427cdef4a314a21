/** The notifications of Argo CD, and the subscriptions of Applications. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NotifiedProject } from "../../components/charts/argo-cd-notifications.ts";
import { notificationValues, subscriptions } from "../../components/charts/argo-cd-notifications.ts";
import { podNetwork } from "../../components/charts/network.ts";
import type { Channel, MailRelay } from "../../components/kinds/notifications.ts";
import { label } from "../support/builders.ts";

const shop: NotifiedProject = {
  name: label("shop"),
  applications: [{}],
  notifications: { on: ["failed", "recovered", "deployed"], to: ["slack", "discord", "webhook"] },
};
const argoCdUrl = "https://argocd.example";
const whole = notificationValues({ projects: [shop], argoCdUrl, network: {} });
assert.ok(whole.enabled);

const parsed = (text: string | undefined) => JSON.parse(text ?? "") as unknown;

describe("the values of Argo CD's notifications", () => {
  it("are off if no project has notifications of deployments", () => {
    const off = { enabled: false };
    const values = (project: NotifiedProject) =>
      notificationValues({ projects: [project], argoCdUrl, network: {} });
    assert.deepEqual(values({ ...shop, notifications: undefined }), off);
    assert.deepEqual(values({ ...shop, notifications: { on: ["recovered"], to: ["slack"] } }), off);
    assert.deepEqual(values({ ...shop, applications: [] }), off);
  });

  it("have a service for each channel, with the address by reference to the stack's Secret", () => {
    const { enabled, secret, resources, notifiers } = whole;
    assert.deepEqual([enabled, secret], [true, { create: false }]);
    assert.deepEqual(resources, { requests: { cpu: "20m", memory: "64Mi" } });
    const headers = [{ name: "Content-Type", value: "application/json" }];
    assert.deepEqual(
      Object.entries(notifiers).map(([name, text]) => [name, parsed(text)]),
      ["slack-shop", "discord-shop", "webhook-shop"].map((name) => [
        `service.webhook.${name}`,
        { url: `$${name}`, headers, retryMax: 1 },
      ]),
    );
  });

  it("notify each service in its own format, with all values filled in as JSON", () => {
    const line =
      '{{ toJson (printf "<https://argocd.example/applications/%s|%s> cannot be deployed" .app.metadata.name .app.metadata.name) }}';
    assert.deepEqual(parsed(whole.templates["template.sync-failed"]), {
      webhook: {
        "slack-shop": {
          method: "POST",
          body:
            `{"text":${line},"unfurl_links":false,"unfurl_media":false,"blocks":[` +
            `{"type":"section","text":{"type":"mrkdwn","text":${line},"verbatim":true}},` +
            '{"type":"section","text":{"type":"plain_text","text":{{ toJson (default "no reason is given" ' +
            '.app.status.operationState.message | regexFind "(?s)^.{0,500}" | replace "&" "&amp;" | replace "<" "&lt;" | replace ">" "&gt;") }},' +
            '"emoji":false}}]}',
        },
        "discord-shop": {
          method: "POST",
          body:
            '{"allowed_mentions":{"parse":[]},"embeds":[{"title":{{ toJson (printf "%s cannot be deployed" .app.metadata.name) }},' +
            '"color":14105161,"url":{{ toJson (printf "https://argocd.example/applications/%s" .app.metadata.name) }},' +
            '"description":{{ toJson (regexReplaceAll `[\\\\*_~\\x60|<>\\[\\]()#@:]` ' +
            '(default "" .app.status.operationState.message | regexFind "(?s)^.{0,500}") `\\${0}`) }}}]}',
        },
        "webhook-shop": {
          method: "POST",
          body:
            '{"event":"failed","project":{{ toJson (.app.spec.project) }},"application":{{ toJson (.app.metadata.name) }},' +
            '"headline":"cannot be deployed","revision":{{ toJson (.app.status.sync.revision) }},' +
            '"images":{{ toJson (.app.status.summary.images) }},' +
            '"why":{{ toJson (default "" .app.status.operationState.message | regexFind "(?s)^.{0,500}") }},' +
            '"url":{{ toJson (printf "https://argocd.example/applications/%s" .app.metadata.name) }}}',
        },
      },
    });
    assert.deepEqual(Object.keys(whole.templates), [
      "template.deployed",
      "template.sync-failed",
      "template.degraded",
    ]);
  });

  it("have no links without an address of Argo CD", () => {
    const values = notificationValues({ projects: [shop], argoCdUrl: undefined, network: {} });
    assert.ok(values.enabled);
    const { webhook } = parsed(values.templates["template.deployed"]) as {
      webhook: Record<string, { body: string }>;
    };
    const line = '{{ toJson (printf "%s is deployed" .app.metadata.name) }}';
    assert.equal(
      webhook["slack-shop"]?.body,
      `{"text":${line},"unfurl_links":false,"unfurl_media":false,"blocks":[` +
        `{"type":"section","text":{"type":"mrkdwn","text":${line},"verbatim":true}}]}`,
    );
    assert.match(webhook["webhook-shop"]?.body ?? "", /"url":""}$/);
    assert.doesNotMatch(webhook["discord-shop"]?.body ?? "", /"url"/);
  });

  describe("for mail", () => {
    const mail = { host: "mail.example", port: 465, from: "builds@acme.example", username: "builder" };
    const mailed = (to: readonly Channel[], relay: MailRelay) => {
      const mailTo = ["kim@acme.example", "lee@acme.example"];
      const project = { ...shop, notifications: { on: ["failed", "deployed"], to, mailTo } } as const;
      const values = notificationValues({ projects: [project], argoCdUrl, network: {}, mail: relay });
      assert.ok(values.enabled);
      return { ...values, annotations: subscriptions(project) };
    };

    it("have a server, with the password by reference to the stack's Secret", () => {
      const { notifiers } = mailed(["slack", "mail"], mail);
      assert.deepEqual(Object.keys(notifiers), ["service.webhook.slack-shop", "service.email.mail-shop"]);
      assert.deepEqual(parsed(notifiers["service.email.mail-shop"]), {
        ...{ host: "mail.example", port: 465, from: "builds@acme.example" },
        ...{ username: "builder", password: "$mail-shop" },
      });
      const open = { host: "mail.example", port: 587, from: "builds@acme.example" };
      assert.deepEqual(parsed(mailed(["mail"], open).notifiers["service.email.mail-shop"]), open);
    });

    it("notify in plain text, in addition to the requests of other channels", () => {
      const { templates } = mailed(["mail"], mail);
      assert.deepEqual(parsed(templates["template.sync-failed"]), {
        email: {
          subject: "{{ .app.metadata.name }} cannot be deployed",
          body:
            "{{ .app.metadata.name }} cannot be deployed\n\n" +
            '{{ default "no reason is given" .app.status.operationState.message | regexFind "(?s)^.{0,500}" }}\n\n' +
            '{{ printf "https://argocd.example/applications/%s" .app.metadata.name }}',
        },
      });
      const both = parsed(mailed(["slack", "mail"], mail).templates["template.deployed"]) as object;
      assert.deepEqual(Object.keys(both), ["webhook", "email"]);
    });

    it("reach each address separately", () => {
      assert.deepEqual(mailed(["slack", "mail"], mail).annotations, {
        "notifications.argoproj.io/subscribe.failed.slack-shop": "",
        "notifications.argoproj.io/subscribe.failed.mail-shop": "kim@acme.example;lee@acme.example",
        "notifications.argoproj.io/subscribe.deployed.slack-shop": "",
        "notifications.argoproj.io/subscribe.deployed.mail-shop": "kim@acme.example;lee@acme.example",
      });
    });

    it("trust private certificate authorities", () => {
      const values = notificationValues({ projects: [shop], argoCdUrl, network: { ca: "certificates" } });
      assert.ok(values.enabled);
      const { podAnnotations, volumes, volumeMounts, initContainers } = podNetwork({ ca: "certificates" });
      assert.deepEqual(values, {
        ...whole,
        podAnnotations,
        extraEnv: ["GIT_SSL_CAINFO", "SSL_CERT_FILE"].map((name) => ({ name, value: "/authorities/ca.crt" })),
        extraVolumes: volumes,
        extraVolumeMounts: volumeMounts,
        initContainers,
      });
    });
  });

  it("notify once for each sync, and not for a sync that only reverts manual changes", () => {
    const deployed = parsed(whole.triggers["trigger.deployed"]) as { when: string }[];
    assert.match(
      deployed[0]?.when ?? "",
      / and \(app\.status\.operationState\.operation\?\.sync\?\.autoHealAttemptsCount \?\? 0\) == 0 and /,
    );
    const once = "app.status.operationState.finishedAt";
    assert.deepEqual(deployed, [{ when: deployed[0]?.when, oncePer: once, send: ["deployed"] }]);
    assert.deepEqual(parsed(whole.triggers["trigger.failed"]), [
      {
        when: "app.status.operationState != nil and app.status.operationState.phase in ['Error', 'Failed']",
        oncePer: once,
        send: ["sync-failed"],
      },
      { when: "app.status.health.status == 'Degraded'", send: ["degraded"] },
    ]);
  });
});

describe("the subscriptions of an Application", () => {
  it("are those of its project, without those that builds send", () => {
    assert.deepEqual(
      subscriptions({ ...shop, notifications: { on: ["recovered", "deployed"], to: ["discord"] } }),
      {
        "notifications.argoproj.io/subscribe.deployed.discord-shop": "",
      },
    );
    assert.deepEqual(subscriptions({ ...shop, notifications: undefined }), {});
  });

  it("are valid keys of annotations, even with a long project name", () => {
    const name = label(`${"a".repeat(62)}b`);
    for (const key of Object.keys(subscriptions({ ...shop, name }))) {
      assert.ok((key.split("/")[1]?.length ?? 99) <= 63, key);
    }
  });
});

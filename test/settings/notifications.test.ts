/** The settings of notifications. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { declaredFiles, smallConfig, smallProject } from "../support/declare.ts";

const given = { githubToken: "a", statusToken: "b" };

function errors(notifications: Config, secrets: Config, more: Config = {}): string[] {
  const config = smallConfig({
    projects: { shop: { ...smallProject(), notifications } },
    secrets: { ...given, ...secrets },
    ...more,
  });
  return parseConfig(config).errors.map(({ path, rule, fix }) => `${path} | ${rule} | ${fix}`);
}

describe("notifications", () => {
  it("need the address of each channel as a secret; others are refused", () => {
    assert.deepEqual(
      errors({ to: ["slack", "webhook"] }, { notifications: { shop: { discord: "hunter2" } } }),
      [
        "secrets.notifications.shop.discord | projects.shop.notifications.to does not contain it | remove it",
        "secrets.notifications.shop.slack | a secret without a value | pulumi config set --secret --path 'secrets.notifications.shop.slack'",
        "secrets.notifications.shop.webhook | a secret without a value | pulumi config set --secret --path 'secrets.notifications.shop.webhook'",
      ],
    );
  });

  it("of an unknown project are refused", () => {
    const secrets = { notifications: { shop: { slack: "a" }, shpo: { slack: "a" } } };
    assert.deepEqual(errors({ to: ["slack"] }, secrets), [
      "secrets.notifications.shpo | unknown project | did you mean shop?",
    ]);
  });

  it("use HTTPS, have at least one channel, and name each once", () => {
    const secrets = { notifications: { shop: { slack: "http://hooks.example/hunter2" } } };
    assert.deepEqual(errors({ to: ["slack"] }, secrets), [
      "secrets.notifications.shop.slack | an HTTPS address, since anyone who reads it can write to the channel | set one that begins with https://",
    ]);
    assert.deepEqual(errors({ to: [] }, {}), [
      "projects.shop.notifications.to | at least one | choose of slack, discord, webhook, mail",
    ]);
    assert.deepEqual(errors({ on: ["failed", "failed"], to: ["slack"] }, {}), [
      "projects.shop.notifications.on | each value may occur only once | remove the duplicate",
    ]);
  });

  describe("by mail", () => {
    const mail = { host: "mail.example", port: 465, from: "builds@acme.example", username: "builder" };
    const mailTo = ["kim@acme.example"];
    const password = { mail: "hunter2" };

    it("need recipients and a server, and a password if there is a user", () => {
      assert.deepEqual(errors({ to: ["slack", "mail"] }, { notifications: { shop: { slack: "a" } } }), [
        "projects.shop.notifications.to[1] | mail needs recipients | add their addresses as `mailTo` beside `to`",
        "projects.shop.notifications.to[1] | mail needs a server | add the key `mail` with its host, port and from",
      ]);
      assert.deepEqual(errors({ to: ["mail"], mailTo }, {}, { mail }), [
        "secrets.mail | a secret without a value | pulumi config set --secret --path 'secrets.mail'",
      ]);
      assert.deepEqual(errors({ to: ["mail"], mailTo }, password, { mail }), []);
    });

    it("are refused if unused", () => {
      const slack = { notifications: { shop: { slack: "a" } } };
      assert.deepEqual(errors({ to: ["slack"], mailTo }, slack), [
        "projects.shop.notifications.mailTo | nothing is sent to these addresses, since `to` does not contain mail | add mail to `to`, or remove the key",
      ]);
      const open = { host: "mail.example", port: 587, from: "builds@acme.example" };
      assert.deepEqual(errors({ to: ["mail"], mailTo }, password, { mail: open }), [
        "secrets.mail | nothing reads this secret: there is no `mail.username` | add the user, or remove it",
      ]);
      assert.deepEqual(
        errors({ to: ["mail"], mailTo }, { notifications: { shop: { mail: "a" } } }, { mail: open }),
        ["secrets.notifications.shop.mail | unknown key; known keys are slack, discord, webhook | remove it"],
      );
    });

    it("need valid addresses, and a valid server", () => {
      const wrong = ["Kim <kim@acme.example>", "kim", "a@b.example;c@d.example", "$x@acme.example"];
      const rule = "an e-mail address, without a name before it | write it like builds@acme.example";
      assert.deepEqual(
        errors({ to: ["mail"], mailTo: wrong }, password, { mail }),
        wrong.map((_, index) => `projects.shop.notifications.mailTo[${index.toString()}] | ${rule}`),
      );
      assert.deepEqual(
        errors({ to: ["mail"], mailTo }, password, {
          mail: { host: "mail.example", from: "a\r\nb", username: "a b" },
        }),
        [
          "mail.port | a port: a whole number from 1 to 65535 | write 465, or 587 if the server supports only STARTTLS",
          `mail.from | ${rule}`,
          "mail.username | a user name without spaces and without $ | write it as on the mail server",
        ],
      );
    });

    it("send no password without TLS, and no TLS mode that Argo CD does not support", () => {
      const starting = { ...mail, port: 587 };
      assert.deepEqual(errors({ to: ["mail"], mailTo }, password, { mail: starting }), [
        "mail.port | Argo CD, which sends notifications of deployments, sends the password without TLS if the server does not offer STARTTLS | " +
          "write 465; or remove mail from projects.shop.notifications.to",
      ]);
      const open = { host: "mail.example", port: 465, from: "builds@acme.example" };
      assert.deepEqual(errors({ to: ["mail"], mailTo }, {}, { mail: open }), [
        "mail.port | Argo CD, which sends notifications of deployments, uses TLS on this port only with a login | " +
          "add mail.username, or write another port, such as 587; or remove mail from projects.shop.notifications.to",
      ]);
      // The client of builds supports both.
      for (const [one, secrets] of [
        [starting, password],
        [open, {}],
      ] as const)
        assert.deepEqual(errors({ on: ["recovered"], to: ["mail"], mailTo }, secrets, { mail: one }), []);
    });

    it("have the password only where it is read", async () => {
      const notifications = { on: ["failed"], to: ["mail"], mailTo };
      const projects = { shop: { ...smallProject(), notifications } };
      const secrets = { ...given, ...password };
      const files = await declaredFiles(smallConfig({ projects, secrets, mail }), "small");
      const holding = [...files].flatMap(([path, text]) => (text.includes("hunter2") ? [path] : []));
      assert.deepEqual(holding.toSorted(), [
        "argocd/Secret-argocd-notifications-secret.yaml",
        "ci/Secret-shop-notifications.yaml",
      ]);
    });
  });

  it("have the addresses only where they are read", async () => {
    const declared = async (on: readonly string[]) => {
      const projects = { shop: { ...smallProject(), notifications: { on, to: ["slack"] } } };
      const secrets = { ...given, notifications: { shop: { slack: "https://hooks.example/hunter2" } } };
      const files = await declaredFiles(smallConfig({ projects, secrets }), "small");
      return [...files].flatMap(([path, text]) => (text.includes("hunter2") ? [path] : []));
    };
    const beside = "ci/Secret-shop-notifications.yaml";
    const ofArgoCd = "argocd/Secret-argocd-notifications-secret.yaml";
    assert.deepEqual((await declared(["failed"])).toSorted(), [ofArgoCd, beside]);
    assert.deepEqual(await declared(["recovered"]), [beside]);
    assert.deepEqual(await declared(["deployed"]), [ofArgoCd]);
  });
});

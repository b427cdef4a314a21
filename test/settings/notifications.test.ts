/** What a stack file may say of whom is told of what. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { declaredFiles, smallConfig, smallProject } from "../support/declare.ts";

const given = { githubToken: "a", statusToken: "b" };

function errors(notifications: Config, secrets: Config): string[] {
  const config = smallConfig({
    projects: { shop: { ...smallProject(), notifications } },
    secrets: { ...given, ...secrets },
  });
  return parseConfig(config).errors.map(({ path, rule, fix }) => `${path} | ${rule} | ${fix}`);
}

describe("notifications", () => {
  it("need the address of each channel, which is a secret; others are strange", () => {
    assert.deepEqual(
      errors({ to: ["slack", "webhook"] }, { notifications: { shop: { discord: "hunter2" } } }),
      [
        "secrets.notifications.shop.discord | projects.shop.notifications.to does not name it | remove it",
        "secrets.notifications.shop.slack | a secret without a value | pulumi config set --secret --path 'secrets.notifications.shop.slack'",
        "secrets.notifications.shop.webhook | a secret without a value | pulumi config set --secret --path 'secrets.notifications.shop.webhook'",
      ],
    );
  });

  it("of a project that there is not are strange", () => {
    const secrets = { notifications: { shop: { slack: "a" }, shpo: { slack: "a" } } };
    assert.deepEqual(errors({ to: ["slack"] }, secrets), [
      "secrets.notifications.shpo | unknown project | did you mean shop?",
    ]);
  });

  it("go by HTTPS, to at least one channel, and once to each", () => {
    const secrets = { notifications: { shop: { slack: "http://hooks.example/hunter2" } } };
    assert.deepEqual(errors({ to: ["slack"] }, secrets), [
      "secrets.notifications.shop.slack | an address by HTTPS: whoever has it can write to the channel | set one that begins with https://",
    ]);
    assert.deepEqual(errors({ to: [] }, {}), [
      "projects.shop.notifications.to | at least one | choose of slack, discord, webhook",
    ]);
    assert.deepEqual(errors({ on: ["failed", "failed"], to: ["slack"] }, {}), [
      "projects.shop.notifications.on | each stands once | remove what stands twice",
    ]);
  });

  it("put the addresses where they are read, and nowhere else", async () => {
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

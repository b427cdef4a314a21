/** The step that notifies people of a build. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BuildNotifications } from "../../components/builds/build.ts";
import { command, step, template } from "../support/build-template.ts";
import { notifications } from "../support/build-notifications.ts";

const givenTag =
  "{{=workflow.parameters.tag matches '^([A-Za-z0-9._-]*)$' ? workflow.parameters.tag : 'no tag'}}";

describe("the end of a build, with notifications", () => {
  const failed = "{{workflow.status}} != Succeeded";
  const report = { name: "report-failure", template: "report-failure", when: failed };
  const notify = {
    ...{ name: "notify", template: "notify", when: failed },
    // Otherwise its failure would fail a build that has succeeded.
    continueOn: { failed: true, error: true },
  };
  const steps = (differences: Parameters<typeof template>[1]) =>
    template({}, differences).templates.find(({ name }) => name === "end");

  it("runs in parallel with the report to GitHub, also after a success if recoveries are notified", () => {
    const recovering = { ...notify, when: "true" };
    assert.deepEqual(steps({ notifications: notifications() }), {
      name: "end",
      steps: [[report, recovering]],
    });
    const failures = notifications({ events: ["failed"] });
    assert.deepEqual(steps({ notifications: failures }), { name: "end", steps: [[report, notify]] });
    const alone = template({}, { notifications: failures, statuses: undefined });
    assert.equal(alone.onExit, "end");
    assert.deepEqual(
      alone.templates.slice(-2).map(({ name }) => name),
      ["end", "notify"],
    );
  });

  it("reads webhook addresses from files, and is not retried", () => {
    const {
      retryStrategy: retry,
      volumes,
      container,
    } = step("notify", {}, { notifications: notifications() });
    assert.equal(retry, undefined);
    assert.deepEqual(volumes.slice(-2), [
      {
        name: "read-token",
        secret: { secretName: "github-status", items: [{ key: "token", path: "token" }] },
      },
      {
        name: "notifications",
        secret: {
          secretName: "shop-notifications",
          items: ["slack", "discord", "webhook"].map((key) => ({ key, path: key })),
        },
      },
    ]);
    assert.deepEqual(command(container).env, {
      ...{ HOME: "/tmp", RESULTS: "/kaniko/argo-cicd/results" },
      ...{ STATUS: "{{workflow.status}}", EVENTS: "failed recovered" },
      ...{ CHANNELS: "slack discord webhook", CHANNEL_URLS: "/notifications" },
      ...{ MAIL_SERVER: "", MAIL_USER: "", MAIL_FROM: "", MAIL_TO: "" },
      ...{ PROJECT: "shop", SERVICE: "web", SERVICE_LABEL: "web" },
      ...{ BRANCH: "release/1.x", BRANCH_LABEL: "release-1.x", GIT_TAG: givenTag },
      ...{ REPOSITORY: "acme/web", COMMITS_URL: "https://github.com/acme/web/commit" },
      ...{ GITHUB_API: "https://api.github.com", READ_TOKEN: "/read-token/token" },
      TARGET_URL: "https://workflows.example/workflows/{{workflow.namespace}}/{{workflow.name}}",
      ...{ NAMESPACE: "{{workflow.namespace}}", WORKFLOW: "{{workflow.name}}" },
      COMMIT: "{{=workflow.parameters.commit matches '^([0-9a-f]{40})$' ? workflow.parameters.commit : ''}}",
      CREATED: "{{workflow.creationTimestamp.s}}",
      STEPS: "build scan attest publish",
    });
  });

  describe("by mail", () => {
    const relay = { host: "mail.example", port: 465, from: "builds@acme.example", username: "builder" };
    const to = ["kim@acme.example", "lee@acme.example"];
    const mailed = (channels: BuildNotifications["channels"], mail: BuildNotifications["mail"]) => {
      const { volumes, container } = step("notify", {}, { notifications: notifications({ channels, mail }) });
      const { env } = command(container);
      const mounted = volumes.find(({ name }) => name === "notifications");
      const { MAIL_SERVER: server, MAIL_USER: user, MAIL_FROM: from, MAIL_TO: people } = env;
      return { mounted, env: [server, user, from, people] };
    };

    const withKeys = (...keys: readonly string[]) => ({
      name: "notifications",
      secret: { secretName: "shop-notifications", items: keys.map((key) => ({ key, path: key })) },
    });

    it("has the server and the recipients in its environment, and the password as a file", () => {
      const { mounted, env } = mailed(["slack", "mail"], { ...relay, to });
      const people = "kim@acme.example lee@acme.example";
      assert.deepEqual(env, ["smtps://mail.example:465", "builder", "builds@acme.example", people]);
      assert.deepEqual(mounted, withKeys("slack", "mail"));
    });

    it("has no file without a login, and uses STARTTLS except on port 465", () => {
      const open = { ...relay, port: 587, username: undefined, to };
      const { mounted, env } = mailed(["mail"], open);
      assert.deepEqual(env.slice(0, 2), ["smtp://mail.example:587", ""]);
      assert.equal(mounted, undefined);
      assert.deepEqual(mailed(["slack", "mail"], open).mounted, withKeys("slack"));
    });
  });
});

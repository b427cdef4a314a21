/** The tokens and volumes of a build's steps if the GitHub App makes their tokens. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BuildNotifications } from "../../components/builds/build.ts";
import type { Given } from "../support/build-template.ts";
import { app, command, step, template } from "../support/build-template.ts";
import { notifications } from "../support/build-notifications.ts";
import {
  delivered,
  frame,
  login,
  mounted,
  noAccount,
  surroundings,
  tokenless,
  updater,
} from "../support/steps.ts";

describe("a repository whose owner has installed the GitHub App", () => {
  const access = { token: app, api: app.api, workflowsUrl: "https://workflows.example" };
  const byApp = {
    cloneToken: app,
    statuses: { ...access, context: "c" },
    live: { timeLimit: 7200, environment: "develop", deployments: access },
    delivered,
  };
  const people: BuildNotifications = notifications({ readToken: app });

  const inMemory = (name: string) => ({ name, emptyDir: { medium: "Memory", sizeLimit: "1Mi" } });
  const key = {
    name: "github-app",
    secret: { secretName: "github-app", items: [{ key: "key", path: "key" }] },
  };
  const writable = (name: string) => ({ name, mountPath: `/${name}` });
  const token = (...names: string[]) => ({
    name: "token",
    ...tokenless(undefined, mounted("github-app"), ...names.map(writable)),
  });

  /** The tokens that a step's container of app-token.ts is to make; the rest of its environment is asserted. */
  function requestedTokens(name: string, ...[repository = {}, build = {}]: Given): unknown[] {
    const [container] = step(name, repository, { ...byApp, ...build }).initContainers ?? [];
    assert.ok(container !== undefined);
    const { image, script, env } = command(container);
    assert.match(image, /\/node:/);
    assert.equal(script, "exec node /kaniko/argo-cicd/scripts/app-token.ts");
    const { TOKENS, REPORT_TOKENS, RENEW, ...others } = env as Readonly<Record<string, string>>;
    assert.deepEqual(others, {
      HOME: "/tmp",
      RESULTS: "/kaniko/argo-cicd/results",
      APP_ID: "271828",
      APP_KEY_FILE: "/github-app/key",
      GITHUB_API: "https://api.github.com",
    });
    return [TOKENS, REPORT_TOKENS, RENEW];
  }

  const clone = "/clone-token/token 31415926 contents:read web";
  const status = "/github-token/token 31415926 statuses:write web";

  it("begins and publishes with tokens of this repository only, made by another container", () => {
    assert.deepEqual(requestedTokens("begin"), [clone, status, ""]);
    assert.deepEqual(requestedTokens("publish"), [clone, status, ""]);
    const begin = frame("begin", {}, byApp);
    assert.deepEqual(begin.volumes.slice(3), [
      noAccount,
      ...[inMemory("clone-token"), inMemory("github-token"), key],
    ]);
    assert.deepEqual(begin.containers, [
      token("clone-token", "github-token"),
      { name: "tip", ...tokenless(undefined, mounted("clone-token")) },
      { name: "main", ...surroundings(undefined, mounted("github-token")) },
    ]);
    const publish = frame("publish", {}, byApp);
    assert.deepEqual(publish.volumes.slice(3), [
      ...[noAccount, inMemory("clone-token"), login, inMemory("github-token"), updater, key],
    ]);
    assert.deepEqual(
      step("publish", {}, byApp).initContainers?.map(({ name }) => name),
      ["token", "tip", "tag"],
    );
  });

  it("is checked out with a token that neither the builder nor the proxy has", () => {
    assert.deepEqual(requestedTokens("build"), [clone, "", ""]);
    // Submodules are other repositories.
    assert.deepEqual(requestedTokens("build", { submodules: true }), [
      "/clone-token/token 31415926 contents:read",
      "",
      "",
    ]);
    assert.deepEqual(requestedTokens("begin", { submodules: true }), [clone, status, ""]);
    for (const builder of ["kaniko", "buildkit"] as const) {
      const { initContainers = [], container, volumes } = step("build", { builder }, byApp);
      const containersWith = (volume: string) =>
        [...initContainers, { name: "main", ...container }]
          .filter(({ volumeMounts }) => volumeMounts.some(({ name }) => name === volume))
          .map(({ name }) => name);
      assert.deepEqual(containersWith("github-app"), ["token"]);
      assert.deepEqual(containersWith("clone-token"), ["token", "checkout"]);
      assert.ok(volumes.some(({ name }) => name === "github-app"));
    }
  });

  it("reports a failure to GitHub with one token, and notifies people with a token that reads", () => {
    assert.deepEqual(requestedTokens("report-failure"), ["", status, ""]);
    const report = frame("report-failure", {}, byApp);
    assert.deepEqual(report.volumes.slice(3), [inMemory("github-token"), noAccount, key]);
    assert.deepEqual(report.containers, [
      token("github-token"),
      { name: "main", ...surroundings(undefined, mounted("github-token")) },
    ]);
    const readToken = (permission: string) => ["", `/read-token/token 31415926 ${permission} web`, ""];
    assert.deepEqual(requestedTokens("notify", {}, { notifications: people }), readToken("contents:read"));
    assert.deepEqual(
      requestedTokens("notify", {}, { notifications: people, cloneToken: undefined }),
      readToken("metadata:read"),
    );
    const [container] = frame("notify", {}, { ...byApp, notifications: people }).containers;
    assert.deepEqual(container, token("read-token"));
  });

  it("waits for its deployment with a token that is renewed while the step runs", () => {
    assert.deepEqual(requestedTokens("live"), [
      "",
      "/github-token/token 31415926 deployments:write web",
      "1800",
    ]);
    const live = frame("live", {}, byApp);
    assert.deepEqual(live.volumes.slice(3), [inMemory("github-token"), updater, noAccount, key]);
    assert.deepEqual(live.containers, [
      {
        ...token("github-token"),
        restartPolicy: "Always",
        startupProbe: {
          exec: { command: ["test", "-f", "/github-token/token"] },
          periodSeconds: 1,
          failureThreshold: 120,
        },
      },
      { name: "main", ...surroundings(undefined, mounted("github-token"), mounted("updater-token")) },
    ]);
  });

  it("reports check runs under the Workflow's name, with a token for them, if the App has them", () => {
    const checks = { ...byApp, statuses: { ...byApp.statuses, app: 271828 } };
    const written = "/github-token/token 31415926 checks:write web";
    assert.deepEqual(requestedTokens("begin", {}, checks), [clone, written, ""]);
    assert.deepEqual(requestedTokens("publish", {}, checks), [clone, written, ""]);
    assert.deepEqual(requestedTokens("report-failure", {}, checks), ["", written, ""]);
    for (const name of ["begin", "publish", "report-failure"]) {
      const { CHECKS_APP, CHECK_ID } = command(step(name, {}, checks).container).env;
      assert.deepEqual([CHECKS_APP, CHECK_ID], ["271828", "{{workflow.name}}"], name);
      assert.equal(command(step(name, {}, byApp).container).env["CHECKS_APP"], undefined);
    }
  });

  it("needs no token if it is public and nothing is reported to GitHub", () => {
    const silent = { statuses: undefined, live: { ...byApp.live, deployments: undefined } };
    const { templates } = template({}, { ...byApp, ...silent, cloneToken: undefined });
    assert.doesNotMatch(JSON.stringify(templates), /github-app|app-token/);
  });
});

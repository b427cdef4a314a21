/** Which re-runs on GitHub start which builds, and by which webhook. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventSource } from "../../components/trigger/event-source.ts";
import { filledIn, named, payload, repository, specOf, started } from "../support/requests.ts";
import type { Config } from "../support/declare.ts";
import { label, owner, repositoryName } from "../support/builders.ts";

const byApp = {
  github: {
    app: { id: 271828, installations: { acme: 31415926 }, checks: { url: "https://ci.example/github-app" } },
  },
  secrets: { githubAppKey: "key" },
};
const checked = specOf(
  [{ name: "web", pullRequests: true }, "api", { name: "mono", service: "worker" }],
  {},
  byApp,
  { otherBranches: ["feature/*"] },
);
const sender = { type: "User" };
const ofApp = { app: { id: 271828 }, head_sha: named };
const pull = (changes: Config = {}) => ({
  number: 17,
  base: { ref: "main" },
  head: { repo: { url: "https://api.github.com/repos/Acme/web" } },
  ...changes,
});
const run = (changes: Config = {}, others: Config = {}) =>
  payload("check_run", "rerequested", {
    ...{ repository, sender, ...others },
    check_run: { ...ofApp, name: "argo-cicd/test", pull_requests: [], ...changes },
  });
const suite = (changes: Config = {}, others: Config = {}) =>
  payload("check_suite", "rerequested", {
    ...{ repository, sender, ...others },
    check_suite: { ...ofApp, head_branch: "main", pull_requests: [], ...changes },
  });

describe("a re-run on GitHub", () => {
  it("of a check run starts only its build, and of all checks of a commit that of each service", () => {
    assert.deepEqual(started(checked, "check_run", run()), ["rerun-check-build"]);
    const mono = { repository: { full_name: "acme/mono" } };
    assert.deepEqual(started(checked, "check_run", run({ name: "argo-cicd/test/worker" }, mono)), [
      "rerun-check-service-worker",
    ]);
    assert.deepEqual(started(checked, "check_suite", suite()), ["rerun-suite-build"]);
    assert.deepEqual(started(checked, "check_suite", suite({}, mono)), ["rerun-suite-service-worker"]);
  });

  it("of a pull request builds its commit, if it is from the repository itself", () => {
    const name = "argo-cicd/test/pull-request";
    const both = (changes: Config) => [
      ...started(checked, "check_run", run({ name, ...changes })),
      ...started(checked, "check_suite", suite({ head_branch: "feature", ...changes })),
    ];
    assert.deepEqual(both({ pull_requests: [pull()] }), [
      "rerun-pull-request-check-build",
      "rerun-pull-request-suite-build",
    ]);
    for (const pull_requests of [
      [],
      [pull({ base: { ref: "main-2" } })],
      [pull({ head: { repo: { url: "https://api.github.com/repos/mallory/web" } } })],
      [pull({ head: { repo: { url: "https://api.github.com/repos/acme/web-2" } } })],
      [pull({ number: 12345678901 })],
    ])
      assert.deepEqual(both({ pull_requests }), [], JSON.stringify(pull_requests));
    const api = { repository: { full_name: "acme/api" } };
    const own = [pull({ head: { repo: { url: "https://api.github.com/repos/acme/api" } } })];
    assert.deepEqual(started(checked, "check_run", run({ name, pull_requests: own }, api)), []);
  });

  it("of another branch starts nothing", () => {
    const [name, head_branch] = ["argo-cicd/test/branch", "feature/a"];
    assert.deepEqual(started(checked, "check_run", run({ name, check_suite: { head_branch } })), []);
    assert.deepEqual(started(checked, "check_suite", suite({ head_branch })), []);
  });

  const others: Readonly<Record<string, readonly [Config, Config?]>> = {
    "of another App": [{ app: { id: 2718281 } }],
    "by a program": [{}, { sender: { type: "Bot" } }],
    "of a repository that is not built": [{}, { repository: { full_name: "acme/web-2" } }],
    "without a full commit": [{ head_sha: "0123456" }],
  };
  for (const [what, [changes, beside]] of Object.entries(others))
    it(`${what} starts nothing`, () => {
      assert.deepEqual(started(checked, "check_run", run(changes, beside)), []);
      assert.deepEqual(started(checked, "check_suite", suite(changes, beside)), []);
    });

  it("starts nothing for another name, branch or event", () => {
    for (const name of ["argo-cicd/test-2", "argo-cicd/test/worker", "lint", "xargo-cicd/test"])
      assert.deepEqual(started(checked, "check_run", run({ name })), [], name);
    for (const head_branch of ["main-2", "feature", null])
      assert.deepEqual(started(checked, "check_suite", suite({ head_branch })), []);
    for (const action of ["created", "completed", "requested_action"]) {
      const check_run = { ...ofApp, name: "argo-cicd/test" };
      const body = payload("check_run", action, { repository, sender, check_run });
      assert.deepEqual(started(checked, "check_run", body), [], action);
    }
    for (const action of ["requested", "completed"]) {
      const check_suite = { ...ofApp, head_branch: "main" };
      const body = payload("check_suite", action, { repository, sender, check_suite });
      assert.deepEqual(started(checked, "check_suite", body), [], action);
    }
    assert.deepEqual(started(checked, "check_suite", run()), []);
  });

  it("passes the ref that must contain its commit", () => {
    for (const [kind, event] of [
      ["check", "check_run"],
      ["suite", "check_suite"],
    ] as const) {
      const commit = `.Input.body.${event}.head_sha`;
      const ofCommit = { named: `trunc 12 ${commit}`, given: { commit: `{{ ${commit} }}` } };
      assert.deepEqual(filledIn(checked, `rerun-${kind}-build`), {
        ...ofCommit,
        given: { ...ofCommit.given, ref: "refs/heads/main" },
      });
      const ref = `refs/pull/{{ int64 (index .Input.body.${event}.pull_requests 0).number }}/head`;
      assert.deepEqual(filledIn(checked, `rerun-pull-request-${kind}-build`), {
        ...ofCommit,
        given: { ...ofCommit.given, ref },
      });
    }
  });

  it("arrives by the App's own webhook, and everything else by the project's", () => {
    const events = Map.groupBy(checked.dependencies, ({ eventName }) => eventName);
    assert.deepEqual([...events.keys()], ["shop", "github-app"]);
    for (const { name } of events.get("github-app") ?? []) assert.match(name, /^rerun-/);
    for (const { name } of events.get("shop") ?? []) assert.doesNotMatch(name, /^rerun-/);
  });

  it("is not possible if the owner has not installed the App, or if the stack sets statuses", () => {
    const { app } = byApp.github;
    for (const config of [{ github: { app: { ...app, checks: undefined } }, secrets: byApp.secrets }, {}]) {
      const names = specOf(["web"], {}, config).dependencies.map(({ name }) => name);
      assert.deepEqual(names, ["build"]);
    }
  });
});

describe("the EventSource", () => {
  it("has one for the GitHub App, with the same key", () => {
    const repositories = [{ owner: owner("acme"), names: [repositoryName("web")] }];
    const endpoint = { url: "https://ci.example/github-app", path: "/github-app", port: 12011 };
    const { github } = eventSource({
      serviceAccount: label("source"),
      replicas: 1,
      signingKey: { secret: label("github-webhook"), key: "secret", version: 2 },
      projects: [],
      app: { ...endpoint, repositories },
    });
    assert.deepEqual(github, {
      "github-app": {
        webhook: {
          endpoint: "/github-app",
          port: "12011",
          method: "POST",
          url: "https://ci.example/github-app",
          maxPayloadSize: 5242880,
        },
        repositories,
        events: ["check_run", "check_suite"],
        webhookSecret: { name: "github-webhook", key: "secret" },
        contentType: "json",
        active: true,
      },
    });
  });
});

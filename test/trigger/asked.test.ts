/** Which pull requests and comments start which build, by what GitHub sends of them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SensorSpec } from "../../components/kinds/events.ts";
import { filledIn, merged, named, payload, project, repository, specOf, started } from "../support/asked.ts";
import type { Config } from "../support/declare.ts";

const opened = {
  repository,
  pull_request: { base: { ref: "main" }, head: { repo: { full_name: "Acme/web" }, sha: named } },
};

const web = specOf([{ name: "web", pullRequests: true }, "api"]);

describe("a pull request", () => {
  it("of a branch of the repository is built when it is opened, opened again or pushed to", () => {
    for (const action of ["opened", "reopened", "synchronize"])
      assert.deepEqual(started(web, "pull_request", payload("pull_request", action, opened)), [
        "pull-request-build",
      ]);
    for (const action of ["closed", "labeled", "ready_for_review", "converted_to_draft", "assigned"])
      assert.deepEqual(started(web, "pull_request", payload("pull_request", action, opened)), []);
  });

  const others: Readonly<Record<string, Config>> = {
    "of a fork": { pull_request: { head: { repo: { full_name: "mallory/web" } } } },
    "of a fork whose name ends like it": { pull_request: { head: { repo: { full_name: "not-acme/web" } } } },
    "of a fork whose name begins like it": { pull_request: { head: { repo: { full_name: "acme/web-2" } } } },
    "of a repository of the owner that is built too": {
      pull_request: { head: { repo: { full_name: "acme/api" } } },
    },
    "of a fork that is gone": { pull_request: { head: { repo: null } } },
    "of a fork that writes JSON": {
      pull_request: { head: { repo: { full_name: 'acme/web","acme/web' } } },
    },
    "into another branch": { pull_request: { base: { ref: "main-2" } } },
    "into a repository whose pull requests are not built": {
      repository: { full_name: "acme/api" },
      pull_request: { head: { repo: { full_name: "acme/api" } } },
    },
    "without a full commit": { pull_request: { head: { sha: "0123456" } } },
    "of more digits than a label has room for": { number: 12345678901 },
  };
  for (const [what, changes] of Object.entries(others))
    it(`${what} starts nothing`, () => {
      const body = merged(payload("pull_request", "opened", opened), changes) as object;
      assert.deepEqual(started(web, "pull_request", body), []);
    });

  it("is none where the delivery is not one, or says that it is another event", () => {
    const body = payload("pull_request", "opened", opened);
    assert.deepEqual(started(web, "pull_request", body, "not an id"), []);
    for (const event of ["push", "pull_request_target", "issue_comment"])
      assert.deepEqual(started(web, event, body), []);
  });

  it("is the build of its newest commit, with the ref by which the server keeps it", () => {
    assert.deepEqual(filledIn(web, "pull-request-build"), {
      named: "trunc 12 .Input.body.pull_request.head.sha",
      given: {
        commit: "{{ .Input.body.pull_request.head.sha }}",
        ref: "refs/pull/{{ int64 .Input.body.number }}/head",
      },
    });
  });
});

const onPull = { repository, issue: { number: 17, pull_request: { url: "https://api.github.com/x" } } };
const says = (body: string, changes: Config = {}) =>
  merged(payload("issue_comment", "created", onPull), { comment: { body }, ...changes }) as object;

describe("a comment on a pull request", () => {
  it("asks for its newest commit, or for the one that it names, and for nothing with any other word", () => {
    for (const body of ["/retest", " /retest\r\n", "\n/retest\n"])
      assert.deepEqual(started(web, "issue_comment", says(body)), ["retest-build"], body);
    for (const body of [`/test ${named}`, `/test ${named}\n`])
      assert.deepEqual(started(web, "issue_comment", says(body)), ["test-build"], body);
    const others = [
      "/retest please",
      "see /retest",
      "/Retest",
      "/retest\n/retest",
      "",
      "/test",
      "/test 0123456",
    ];
    for (const body of [...others, `/test ${named.toUpperCase()}`, `/test ${named}0`, `/retest ${named}`])
      assert.deepEqual(started(web, "issue_comment", says(body)), [], body);
  });

  it("counts by people of the repository alone, once, and on pull requests", () => {
    for (const association of ["OWNER", "MEMBER", "COLLABORATOR"]) {
      const body = says("/retest", { comment: { body: "/retest", author_association: association } });
      assert.deepEqual(started(web, "issue_comment", body), ["retest-build"], association);
    }
    for (const association of [
      "NONE",
      "CONTRIBUTOR",
      "FIRST_TIMER",
      "FIRST_TIME_CONTRIBUTOR",
      "MANNEQUIN",
      "",
    ]) {
      const comment = { author_association: association };
      for (const body of ["/retest", `/test ${named}`])
        assert.deepEqual(started(web, "issue_comment", says(body, { comment: { body, ...comment } })), []);
    }
    for (const action of ["edited", "deleted"]) {
      const body = payload("issue_comment", action, { ...onPull, comment: { body: "/retest" } });
      assert.deepEqual(started(web, "issue_comment", body), [], action);
    }
    const onIssue = { repository, comment: { body: "/retest" } };
    assert.deepEqual(started(web, "issue_comment", payload("issue_comment", "created", onIssue)), []);
    const elsewhere = { repository: { full_name: "acme/api" } };
    assert.deepEqual(started(web, "issue_comment", says("/retest", elsewhere)), []);
  });

  it("gives the build no commit, so that the build itself finds it, or the one that it names", () => {
    const ref = "refs/pull/{{ int64 .Input.body.issue.number }}/head";
    assert.deepEqual(filledIn(web, "retest-build"), {
      named: 'printf "pull-%d" (int64 .Input.body.issue.number) | trunc 12',
      given: { ref },
    });
    assert.deepEqual(filledIn(web, "test-build"), {
      named: 'regexFind "[0-9a-f]{40}" .Input.body.comment.body | trunc 12',
      given: { commit: '{{ regexFind "[0-9a-f]{40}" .Input.body.comment.body }}', ref },
    });
  });
});

describe("a comment on a commit", () => {
  const comment = { body: "/retest", author_association: "MEMBER" };
  const body = (changes: Config = {}) =>
    payload("commit_comment", "created", { repository, comment: { ...comment, ...changes } });

  it("asks for its build, by people of the repository alone", () => {
    assert.deepEqual(started(web, "commit_comment", body()), ["retest-commit-build"]);
    for (const changes of [
      { author_association: "CONTRIBUTOR" },
      { body: "/retest please" },
      { body: `/test ${named}` },
      { commit_id: "0123456" },
    ])
      assert.deepEqual(started(web, "commit_comment", body(changes)), []);
  });

  it("says that the commit must be of the branch, since GitHub shows those of forks too", () => {
    assert.deepEqual(filledIn(web, "retest-commit-build"), {
      named: "trunc 12 .Input.body.comment.commit_id",
      given: { commit: "{{ .Input.body.comment.commit_id }}", ref: "refs/heads/main" },
    });
  });
});

describe("a Sensor", () => {
  const names = (spec: SensorSpec) => spec.dependencies.map(({ name }) => name);

  it("has names for what asks for builds that are none of those that pushes have", () => {
    const services = [{ name: "mono", service: "worker", pullRequests: true }, "web"];
    assert.deepEqual(names(specOf(services, { gitTags: "v*" })), [
      "build",
      "service-worker",
      "git-tag-build",
      "git-tag-service-worker",
      "pull-request-service-worker",
      "retest-service-worker",
      "test-service-worker",
      "retest-commit-service-worker",
    ]);
  });

  it("of a stack without pull requests is as it was, and one may leave out a repository", () => {
    assert.deepEqual(names(specOf(["web"])), ["build"]);
    const [own] = project([{ name: "web", pullRequests: false }, "api"], {
      pullRequests: true,
    }).builds.filter(({ asked }) => asked === "pullRequest");
    assert.deepEqual(
      own?.repositories.map(({ name }) => name),
      ["api"],
    );
  });

  for (const [what, secret] of Object.entries({
    secrets: { secrets: ["TOKEN"] },
    "build arguments that are secrets": { buildArgs: ["TOKEN"] },
  }))
    it(`takes no commit of a fork by name where a build has ${what}`, () => {
      const spec = specOf([{ name: "web", pullRequests: true, ...secret }]);
      assert.deepEqual(started(spec, "issue_comment", says(`/test ${named}`)), []);
      assert.deepEqual(started(spec, "issue_comment", says("/retest")), ["retest-build"]);
    });

  it("builds a service whatever a pull request changes", () => {
    const spec = specOf([{ name: "web", service: "worker", paths: ["worker"], pullRequests: true }]);
    assert.deepEqual(started(spec, "pull_request", payload("pull_request", "opened", opened)), [
      "pull-request-service-worker",
    ]);
  });
});

describe("a repository's webhook", () => {
  it("hears of pull requests and comments where one of its services is built of them", () => {
    const services = [
      { name: "mono", service: "a", pullRequests: true },
      { name: "mono", service: "b" },
      "web",
    ];
    assert.deepEqual(
      project(services).repositories.map(({ name, events }) => [name, events]),
      [
        ["mono", ["push", "pull_request", "issue_comment", "commit_comment"]],
        ["web", ["push"]],
      ],
    );
  });
});

/** Which pull requests, comments and pushes to other branches start which builds, by GitHub's payloads. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SensorSpec } from "../../components/kinds/events.ts";
import {
  filledIn,
  merged,
  named,
  payload,
  project,
  repository,
  specOf,
  started,
} from "../support/requests.ts";
import type { Config } from "../support/declare.ts";

const opened = {
  repository,
  pull_request: { base: { ref: "main" }, head: { repo: { full_name: "Acme/web" }, sha: named } },
};

const web = specOf([{ name: "web", pullRequests: true }, "api"]);

describe("a pull request", () => {
  it("from a branch of the repository is built when it is opened, reopened or pushed to", () => {
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

  it("starts nothing with an invalid delivery ID, or as another event", () => {
    const body = payload("pull_request", "opened", opened);
    assert.deepEqual(started(web, "pull_request", body, "not an id"), []);
    for (const event of ["push", "pull_request_target", "issue_comment"])
      assert.deepEqual(started(web, event, body), []);
  });

  it("starts a build of its newest commit, with its ref on the server", () => {
    assert.deepEqual(filledIn(web, "pull-request-build"), {
      named: "trunc 12 .Input.body.pull_request.head.sha",
      given: {
        commit: "{{ .Input.body.pull_request.head.sha }}",
        ref: "refs/pull/{{ int64 .Input.body.number }}/head",
      },
    });
  });
});

const onPullRequest = {
  repository,
  issue: { number: 17, pull_request: { url: "https://api.github.com/x" } },
};
const says = (body: string, changes: Config = {}) =>
  merged(payload("issue_comment", "created", onPullRequest), { comment: { body }, ...changes }) as object;

describe("a comment on a pull request", () => {
  it("starts a build of the newest commit or of a named one, and nothing with any other text", () => {
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

  it("counts only from members of the repository, once, and on pull requests", () => {
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
      const body = payload("issue_comment", action, { ...onPullRequest, comment: { body: "/retest" } });
      assert.deepEqual(started(web, "issue_comment", body), [], action);
    }
    const onIssue = { repository, comment: { body: "/retest" } };
    assert.deepEqual(started(web, "issue_comment", payload("issue_comment", "created", onIssue)), []);
    const elsewhere = { repository: { full_name: "acme/api" } };
    assert.deepEqual(started(web, "issue_comment", says("/retest", elsewhere)), []);
  });

  it("passes the named commit to the build, or none, so that the build finds it", () => {
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

  it("starts its build, only from members of the repository", () => {
    assert.deepEqual(started(web, "commit_comment", body()), ["retest-commit-build"]);
    for (const changes of [
      { author_association: "CONTRIBUTOR" },
      { body: "/retest please" },
      { body: `/test ${named}` },
      { commit_id: "0123456" },
    ])
      assert.deepEqual(started(web, "commit_comment", body(changes)), []);
  });

  it("requires that the commit is on the branch, since GitHub shows those of forks too", () => {
    assert.deepEqual(filledIn(web, "retest-commit-build"), {
      named: "trunc 12 .Input.body.comment.commit_id",
      given: { commit: "{{ .Input.body.comment.commit_id }}", ref: "refs/heads/main" },
    });
  });
});

describe("a Sensor", () => {
  const names = (spec: SensorSpec) => spec.dependencies.map(({ name }) => name);

  it("has names for requested builds that differ from those of pushes", () => {
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

  it("of a stack without pull requests has only pushes, and a repository may be excluded", () => {
    assert.deepEqual(names(specOf(["web"])), ["build"]);
    const [own] = project([{ name: "web", pullRequests: false }, "api"], {
      pullRequests: true,
    }).builds.filter(({ requestedBy }) => requestedBy === "pullRequest");
    assert.deepEqual(
      own?.repositories.map(({ name }) => name),
      ["api"],
    );
  });

  for (const [what, secret] of Object.entries({
    secrets: { secrets: ["TOKEN"] },
    "build arguments that are secrets": { buildArgs: ["TOKEN"] },
  }))
    it(`starts no build of a named commit, which may be of a fork, if the build has ${what}`, () => {
      const spec = specOf([{ name: "web", pullRequests: true, ...secret }]);
      assert.deepEqual(started(spec, "issue_comment", says(`/test ${named}`)), []);
      assert.deepEqual(started(spec, "issue_comment", says("/retest")), ["retest-build"]);
    });

  it("builds a service of a pull request, whatever it changes", () => {
    const spec = specOf([{ name: "web", service: "worker", paths: ["worker"], pullRequests: true }]);
    assert.deepEqual(started(spec, "pull_request", payload("pull_request", "opened", opened)), [
      "pull-request-service-worker",
    ]);
  });
});

describe("a repository's webhook", () => {
  it("gets pull requests and comments if these start builds of one of its services", () => {
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

describe("a push to another branch", () => {
  const otherBranches = ["feature/*", "release-*", "v1.x"];
  const spec = (own: Config = {}, repositories: readonly unknown[] = ["web"]) =>
    specOf(repositories, {}, {}, { otherBranches, ...own });
  const commits = [{ id: named, message: "change", added: ["api/main.go"], modified: [], removed: [] }];
  const pushTo = (branch: string, changes: Config = {}) =>
    payload("push", undefined, {
      ...{
        repository,
        ref: `refs/heads/${branch}`,
        after: named,
        created: false,
        deleted: false,
        forced: false,
      },
      ...{ head_commit: { id: named, message: "change" }, commits, ...changes },
    });
  const starts = (branch: string, changes: Config = {}, of = spec()) =>
    started(of, "push", pushTo(branch, changes));

  it("is built if a pattern of the project matches", () => {
    for (const one of [
      "feature/a",
      "feature/A_b.c-1",
      "release-1.0",
      "release-1",
      "v1.x",
      `release-${"a".repeat(48)}`,
    ])
      assert.deepEqual(starts(one), ["branch-build"], one);
    assert.deepEqual(starts("main"), ["build"]);
    const others = [
      "feature",
      "feature/a/b",
      "my/feature/a",
      "Feature/a",
      "release",
      "x-release-1",
      "v1ax",
      "v1.x2",
    ];
    for (const one of others) assert.deepEqual(starts(one), [], one);
    assert.deepEqual(started(spec(), "push", pushTo("", { ref: "refs/tags/release-1" })), []);
  });

  it("is built once if it is the project's own branch, even if a pattern matches it", () => {
    const own = spec({ branch: "release-1.x" });
    assert.deepEqual(starts("release-1.x", {}, own), ["build"]);
    assert.deepEqual(starts("release-1ax", {}, own), ["branch-build"]);
    assert.deepEqual(starts("a", {}, spec({ otherBranches: ["*"] })), ["branch-build"]);
    assert.deepEqual(starts("main", {}, spec({ otherBranches: ["*"] })), ["build"]);
    assert.deepEqual(starts("a/b", {}, spec({ otherBranches: ["*"] })), []);
  });

  // Most of these are valid for git and GitHub.
  const hostile = [
    ...[
      "$(touch hostile)",
      "`id`",
      "$HOME",
      "{{workflow.name}}",
      "{{=1+1}}",
      "{{",
      "a'b",
      'a"b',
      "a;b",
      "a&&b",
      "a|b",
    ],
    ...[
      "a<b>",
      "a%0a",
      "a!",
      "a(b)",
      "a+b",
      "a#b",
      "a=b",
      "a@b",
      "a,b",
      "ü",
      "한글",
      "a-",
      "a.x-",
      "a_",
      "-",
    ],
    ...["a b", "a\nb", "a\n", "..", "--upload-pack=touch", "a".repeat(49)],
  ];
  for (const name of hostile)
    it(`with the name ${JSON.stringify(name)} starts nothing: it is no tag or label, or a program would interpret it`, () => {
      assert.deepEqual(starts(`feature/${name}`), []);
      assert.deepEqual(starts(`release-${name}`), []);
    });

  it("starts nothing if it deletes the branch, skips builds, or changes none of the paths", () => {
    assert.deepEqual(starts("feature/a", { deleted: true, after: "0".repeat(40) }), []);
    for (const message of ["a\n\n[skip ci]", "[ci skip] a"])
      assert.deepEqual(starts("feature/a", { head_commit: { id: named, message } }), []);
    const worker = spec({}, [{ name: "web", service: "worker", paths: ["worker"] }]);
    assert.deepEqual(starts("feature/a", {}, worker), []);
    assert.deepEqual(starts("feature/a", { created: true }, worker), ["branch-service-worker"]);
    const changed = [{ ...commits[0], modified: ["worker/main.go"] }];
    assert.deepEqual(starts("feature/a", { commits: changed }, worker), ["branch-service-worker"]);
  });

  it("matches a path with special characters of regular expressions or JSON", () => {
    const paths = ["앱/(shop)", "[id]", "R&D <x>", "it's $1"];
    const odd = spec({}, [{ name: "web", service: "worker", paths }]);
    const changing = (file: string) =>
      starts("feature/a", { commits: [{ ...commits[0], removed: [file] }] }, odd).length > 0;
    for (const path of paths) assert.deepEqual([path, `${path}/x`].map(changing), [true, true], path);
    for (const file of ["앱/shop/x", "앱/(shop2)/x", "i", "id/x", "R&D <y>", "docs/[id]/x", "앱"])
      assert.ok(!changing(file), file);
  });

  it("has these filters", () => {
    const { filters } = spec().dependencies.find(({ name }) => name === "branch-build") ?? {};
    assert.deepEqual(filters?.data.slice(3, 7), [
      {
        path: "body.ref",
        type: "string",
        value: [
          "^refs/heads/feature/[A-Za-z0-9_.-]*$",
          "^refs/heads/release-[A-Za-z0-9_.-]*$",
          "^refs/heads/v1\\.x$",
        ],
      },
      {
        path: "body.ref",
        type: "string",
        value: ["^refs/heads/[A-Za-z0-9]([A-Za-z0-9._/-]{0,54}[A-Za-z0-9])?$"],
      },
      { path: "body.ref", type: "string", value: ["^refs/heads/main$"], comparator: "!=" },
      {
        path: "body.head_commit.message",
        type: "string",
        value: ["\\[(skip ci|ci skip)\\]"],
        comparator: "!=",
      },
    ]);
  });

  it("starts a build of the pushed commit, with the branch's ref", () => {
    assert.deepEqual(filledIn(spec(), "branch-build"), {
      named: "trunc 12 .Input.body.after",
      given: { commit: "{{ .Input.body.after }}", ref: "{{ .Input.body.ref }}" },
    });
  });

  it("starts nothing for a repository that turns it off, or a project without other branches", () => {
    const repositories = [{ name: "web", otherBranches: false }, "api"];
    assert.deepEqual(starts("feature/a", {}, spec({}, repositories)), []);
    const api = pushTo("feature/a", { repository: { full_name: "acme/api" } });
    assert.deepEqual(started(spec({}, repositories), "push", api), ["branch-build"]);
    const names = (own: Config) => spec(own, [{ name: "web", otherBranches: false }]).dependencies.length;
    assert.deepEqual([names({}), names({ otherBranches: [] })], [1, 1]);
  });
});

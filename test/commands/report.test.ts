import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { UserError } from "../../tools/offline/user-error.ts";
import type { Workflow } from "../../tools/report/builds.ts";
import { buildRows } from "../../tools/report/builds.ts";
import { clusterOf } from "../../tools/report/cluster.ts";
import { chosen } from "../../tools/report/arguments.ts";
import { root } from "../support/declare.ts";
import { applications, workflow, workflows } from "../support/report.ts";
import type { Outcome } from "../support/script.ts";
import { handedOn, outcome, temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("report");
interface Answer {
  readonly stacks: readonly {
    readonly stack: string;
    readonly builds: readonly { readonly workflow: string }[];
  }[];
  readonly unanswered: readonly object[];
}

/** A kubectl that answers with these, and writes down what it was asked. */
function kubectl(name: string, script: string): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(join(bin, "kubectl"), `#!/bin/sh\necho "$@" >>${join(bin, "asked")}\n${script}\n`, {
    mode: 0o755,
  });
  return bin;
}

function answering(name: string, answers: Readonly<Record<string, readonly object[]>>): string {
  const cases = Object.entries(answers).map(([kind, items]) => {
    const file = join(folder, `${name}-${kind}.json`);
    writeFileSync(file, JSON.stringify({ items }));
    return `*" get ${kind} "*) /bin/cat ${file} ;;`;
  });
  return kubectl(name, `case "$*" in ${cases.join(" ")} esac`);
}

function report(path: string, ...args: string[]): Promise<Outcome> {
  const command = ["--no-warnings", join(root, "tools/report.ts"), ...args];
  return outcome(spawn(process.execPath, command, { env: { ...handedOn, PATH: path } }));
}

describe("the builds of a report", () => {
  it("are none of pull requests and other branches, which are not deployed", () => {
    const pull = { "argo-cicd/branch": "pull-17", "argo-cicd/pull-request": "17" };
    const other = { "argo-cicd/branch": "branch-a", "argo-cicd/other-branch": "a" };
    const steps = { build: { from: 1, to: 8 } };
    const all = [
      workflow("pull", 0, steps, { end: 9, labels: pull }),
      workflow("failed", 0, steps, { end: 9, labels: pull, phase: "Failed" }),
      workflow("other", 0, steps, { end: 9, labels: other }),
      workflow("branch", 0, steps, {
        end: 9,
        labels: { "argo-cicd/pull-request": "", "argo-cicd/other-branch": "" },
      }),
    ];
    assert.deepEqual(
      buildRows(all as Workflow[], 10).map((one) => one.workflow),
      ["branch"],
    );
  });
});

describe("npm run report", { concurrency: true }, () => {
  it("shows what is live, what has failed, DORA's figures, and the last builds", async () => {
    const path = answering("all", {
      "workflows.argoproj.io": workflows,
      "applications.argoproj.io": applications,
    });
    const { stdout, stderr, status } = await report(path, "develop");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.equal(
      stdout,
      `Live in stack develop
  repository                 commit   digest        since (UTC)          push to live  application
  aform-front-web            -        -             -                               -  no pod of aform has it
  aform-service-user         -        -             -                               -  no pod of aform has it
  aform-service-survey       -        -             -                               -  no pod of aform has it
  aform-service-post         -        -             -                               -  no pod of aform has it
  aform-service-ai           -        -             -                               -  no pod of aform has it
  alog-front-web             -        -             -                               -  no pod of alog has it
  alog-service-user          0123abc  1a2b3c4d1a2b  2026-03-01 10:00:16          15 s  alog
  alog-service-aggregator    -        -             -                               -  no pod of alog has it
  alog-service-project       -        -             -                               -  no pod of alog has it
  alog-service-issue         -        -             -                               -  no pod of alog has it
  alog-service-release       -        -             -                               -  no pod of alog has it
  alog-service-auth          -        -             -                               -  no pod of alog has it
  alog-service-file          -        -             -                               -  no pod of alog has it
  alog-service-notification  -        -             -                               -  no pod of alog has it

Last failures
  repository      failed (UTC)         commit   last words
  alog-front-web  2026-03-01 10:00:25  0123abc  build failed: the tests fail

DORA's four figures
                                   develop, from Workflows
  Deployment frequency             0 in 1 day
  Lead time for changes            not known: no deployment to take it of
  Change failure rate              not known: no deployment to take it of
  Failed deployment recovery time  not known: no recovery to take it of

What the figures of stack develop lack:
  - GitHub was not asked: no token is known here. STATUS_TOKEN has one, or the stack file with PULUMI_CONFIG_PASSPHRASE.
  - Workflows are kept for 1 day (builds.keep, builds.keepSucceeded): what was before is not known.

What no figure knows:
  - The lead time begins with the push: how old the commits are, and pushes that a newer one has replaced, are not in it.
  - A defect that is found after a rollout has succeeded, and a rollback by a pin, are no failure and no recovery here.

The last builds of stack develop
  pushed (UTC)         service            commit   ref      begin  build  publish  live  whole  push to live  result
  2026-03-01 10:01:00  alog-service-user  ?        v1.0.0       -      -        -     -      -             -  waiting
  2026-03-01 10:00:50  alog-service-user  0123abc  develop    2 s      -        -     -      -             -  runs: build (started by catch-up)
  2026-03-01 10:00:30  alog-service-user  0123abc  develop      -    9 s        -     -   11 s             -  superseded by fffffff
  2026-03-01 10:00:20  alog-front-web     0123abc  develop    1 s    3 s        -     -    5 s             -  build failed: the tests fail
  2026-03-01 10:00:00  alog-service-user  0123abc  develop    3 s    7 s      5 s   3 s   17 s          15 s  live

The applications of stack develop
  alog: Synced, Healthy
    chromato99/alog-service-user:develop@sha256:1a2b3c4d1a2b…  commit 0123abc
    redis:7
  aform: Unknown, Unknown
    ! k8s: app path does not exist
`,
    );
  });

  it("shows as many builds as it is asked for, from another context, and for programs", async () => {
    const path = answering("json", { "workflows.argoproj.io": workflows, "applications.argoproj.io": [] });
    const { stdout } = await report(path, "develop", "--last", "1", "--context", "other", "--json");
    const { stacks, unanswered } = JSON.parse(stdout) as Answer;
    assert.deepEqual(
      stacks.map(({ stack, builds }) => [stack, builds.map((one) => one.workflow)]),
      [["develop", ["five"]]],
    );
    assert.deepEqual(unanswered, []);
    const asked = readFileSync(join(path, "asked"), "utf8").trimEnd().split("\n");
    assert.equal(asked.length, 2);
    for (const line of asked) assert.match(line, /^--context other /);
  });

  it("shows one stack where the cluster of another does not answer, and says so", async () => {
    const path = kubectl(
      "half",
      `case "$*" in "--context develop "*) echo '{"items":[]}' ;; *) echo 'refused' >&2; exit 1 ;; esac`,
    );
    const html = join(folder, "half.html");
    const { stdout, stderr, status } = await report(path, "develop", "publish", "--html", html, "--json");
    assert.deepEqual([status, stderr], [3, ""]);
    const { stacks, unanswered } = JSON.parse(stdout) as Answer;
    assert.deepEqual(
      stacks.map(({ stack }) => stack),
      ["develop"],
    );
    const because = "The cluster of the context publish does not answer: refused";
    assert.deepEqual(unanswered, [{ stack: "publish", because }]);
    assert.ok(readFileSync(html, "utf8").includes(`Stack publish is not shown. ${because}`));
  });

  it("says in a line what is wrong", async () => {
    const away = kubectl("away", "echo E1124 memcache.go:265 >&2; echo 'error: no such context' >&2; exit 1");
    const none = "does not answer: error: no such context";
    const cases: [path: string, stacks: string[], said: string][] = [
      [
        away,
        ["develop", "publish"],
        `The cluster of the context develop ${none}\nThe cluster of the context publish ${none}\n`,
      ],
      [folder, ["develop"], "kubectl does not run: spawn kubectl ENOENT\n"],
      [
        // It asks for a user name, and then says something else.
        kubectl("talking", "read name; echo 'Warning: [x]'"),
        ["develop"],
        "The kubectl of the context develop answers with something else than a list of objects.\n",
      ],
      [
        kubectl("shapeless", "echo '{}'"),
        ["develop"],
        "The kubectl of the context develop answers with something else than a list of objects.\n",
      ],
      [
        folder,
        ["develop", "nowhere"],
        "There is no stack nowhere: no Pulumi.nowhere.yaml. There are develop, publish.\n",
      ],
    ];
    const outcomes = await Promise.all(cases.map(([path, stacks]) => report(path, ...stacks)));
    assert.deepEqual(
      outcomes,
      cases.map(([, , stderr]) => ({ status: 1, stdout: "", stderr })),
    );
  });

  it("does not wait for a login that nobody gives", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = `${kubectl("waiting", "exec sleep 600")}:${path ?? ""}`;
    try {
      await assert.rejects(clusterOf("test", 200).workflows("ci"), {
        message: "The cluster of the context test does not answer: kubectl waits, as for a login.",
      });
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("says what is wrong with its command line", () => {
    for (const [words, said] of [
      [[], /^Name a stack\.\n\nnpm run report -- /],
      [["develop", "--last", "none"], /^--last takes a whole number from 1\.$/],
      [["develop", "publish", "--context", "other"], /^--context is for one stack\.$/],
      [["develop", "--html", ""], /^--html needs the name of a file\.\n\nnpm run report -- /],
      [["develop", "--lats", "1"], /^Unknown option '--lats'/],
    ] as const)
      assert.throws(
        () => chosen(words),
        (error) => error instanceof UserError && said.test(error.message),
      );
  });

  it("shows a stack that is named twice once", () => {
    assert.deepEqual(chosen(["develop", "publish", "develop"])?.named, ["develop", "publish"]);
  });
});

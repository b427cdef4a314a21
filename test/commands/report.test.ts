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

/** A stand-in for kubectl that runs a script, and records its arguments. */
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
  it("exclude pull requests and other branches, which are not deployed", () => {
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
  it("shows what is live, the last failures, the DORA metrics, and the last builds", async () => {
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
  aform-front-web            -        -             -                               -  no pod of aform runs it
  aform-service-user         -        -             -                               -  no pod of aform runs it
  aform-service-survey       -        -             -                               -  no pod of aform runs it
  aform-service-post         -        -             -                               -  no pod of aform runs it
  aform-service-ai           -        -             -                               -  no pod of aform runs it
  alog-front-web             -        -             -                               -  no pod of alog runs it
  alog-service-user          0123abc  1a2b3c4d1a2b  2026-03-01 10:00:16          15 s  alog
  alog-service-aggregator    -        -             -                               -  no pod of alog runs it
  alog-service-project       -        -             -                               -  no pod of alog runs it
  alog-service-issue         -        -             -                               -  no pod of alog runs it
  alog-service-release       -        -             -                               -  no pod of alog runs it
  alog-service-auth          -        -             -                               -  no pod of alog runs it
  alog-service-file          -        -             -                               -  no pod of alog runs it
  alog-service-notification  -        -             -                               -  no pod of alog runs it

Last failures
  repository      failed (UTC)         commit   error
  alog-front-web  2026-03-01 10:00:25  0123abc  build failed: the tests fail

DORA metrics
                                   develop, from Workflows
  Deployment frequency             0 in 1 day
  Lead time for changes            not known: no deployment in this period
  Change failure rate              not known: no deployment in this period
  Failed deployment recovery time  not known: no recovery in this period

Missing in the metrics of stack develop:
  - GitHub was not queried, for lack of a token: set STATUS_TOKEN, or PULUMI_CONFIG_PASSPHRASE for that of the stack file.
  - Workflows are kept for 1 day (builds.keep, builds.keepSucceeded): earlier deployments are not known.

Not included in any metric:
  - The lead time begins with the push: it includes neither the age of the commits nor pushes that a newer one replaced.
  - Defects found after a successful rollout do not count as failures, and rollbacks by a pin do not count as recoveries.

Last builds of stack develop
  pushed (UTC)         service            commit   ref      begin  build  publish  live  total  push to live  result
  2026-03-01 10:01:00  alog-service-user  ?        v1.0.0       -      -        -     -      -             -  waiting
  2026-03-01 10:00:50  alog-service-user  0123abc  develop    2 s      -        -     -      -             -  running: build (started by catch-up)
  2026-03-01 10:00:30  alog-service-user  0123abc  develop      -    9 s        -     -   11 s             -  superseded by fffffff
  2026-03-01 10:00:20  alog-front-web     0123abc  develop    1 s    3 s        -     -    5 s             -  build failed: the tests fail
  2026-03-01 10:00:00  alog-service-user  0123abc  develop    3 s    7 s      5 s   3 s   17 s          15 s  live

Applications of stack develop
  alog: Synced, Healthy
    chromato99/alog-service-user:develop@sha256:1a2b3c4d1a2b…  commit 0123abc
    redis:7
  aform: Unknown, Unknown
    ! k8s: app path does not exist
`,
    );
  });

  it("shows the requested number of builds, from another context, as JSON", async () => {
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

  it("shows one stack and an error if the cluster of another does not answer", async () => {
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

  it("reports an error in one line", async () => {
    const away = kubectl("away", "echo E1124 memcache.go:265 >&2; echo 'error: no such context' >&2; exit 1");
    const none = "does not answer: error: no such context";
    const cases: [path: string, stacks: string[], said: string][] = [
      [
        away,
        ["develop", "publish"],
        `The cluster of the context develop ${none}\nThe cluster of the context publish ${none}\n`,
      ],
      [
        folder,
        ["develop"],
        "The cluster of the context develop does not answer: kubectl cannot be started: it is not installed, or not in PATH\n",
      ],
      [
        // It asks for a user name, and then prints something else.
        kubectl("talking", "read name; echo 'Warning: [x]'"),
        ["develop"],
        "kubectl did not print a list of objects for the context develop.\n",
      ],
      [
        kubectl("shapeless", "echo '{}'"),
        ["develop"],
        "kubectl did not print a list of objects for the context develop.\n",
      ],
      [
        kubectl("damaged", "echo '{\"items\":[null]}'"),
        ["develop"],
        "kubectl did not print a list of objects for the context develop.\n",
      ],
      [
        kubectl("killed", "kill -TERM $$"),
        ["develop"],
        "The cluster of the context develop does not answer: kubectl was ended by SIGTERM\n",
      ],
      [
        kubectl("mute", "exit 3"),
        ["develop"],
        "The cluster of the context develop does not answer: kubectl exited with 3\n",
      ],
      [
        folder,
        ["develop", "nowhere"],
        "There is no stack nowhere: no Pulumi.nowhere.yaml. The stacks are develop, publish.\n",
      ],
    ];
    const outcomes = await Promise.all(cases.map(([path, stacks]) => report(path, ...stacks)));
    assert.deepEqual(
      outcomes,
      cases.map(([, , stderr]) => ({ status: 1, stdout: "", stderr })),
    );
  });

  it("does not wait for a login", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = `${kubectl("waiting", "exec sleep 600")}:${path ?? ""}`;
    try {
      await assert.rejects(clusterOf("test", 200).workflows("ci"), {
        message:
          "The cluster of the context test does not answer: no answer within 1 s, perhaps because kubectl waits for a login",
      });
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("reports errors of its command line", () => {
    for (const [words, said] of [
      [[], /^Name a stack\.\n\nnpm run report -- /],
      [["develop", "--last", "none"], /^--last takes a whole number from 1\.$/],
      [["develop", "publish", "--context", "other"], /^--context is for one stack\.$/],
      [["develop", "--context="], /^--context needs the name of a context\.\n\nnpm run report -- /],
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

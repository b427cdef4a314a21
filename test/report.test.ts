import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root } from "./support/declare.ts";
import { handedOn, temporaryFolder } from "./support/script.ts";

const folder = temporaryFolder("report");
const digest = `sha256:${"1a2b3c4d".repeat(8)}`;
const commit = "0123abcd".repeat(5);

/** A time of the one day that the tests look at. */
const at = (second: number) =>
  new Date(Date.UTC(2026, 2, 1, 10, 0, second)).toISOString().replace(".000", "");

interface StepOf {
  readonly from: number;
  readonly to?: number;
  readonly phase?: string;
  readonly message?: string;
  readonly outputs?: Readonly<Record<string, string>>;
}

/** Argo says why there is no other try, and not what has failed. */
function ofAllTries(message: string | undefined): string | undefined {
  return message === undefined ? undefined : "retryStrategy.expression evaluated to false";
}

/** A Workflow as the cluster has it: a node of each step, and one of its only try. */
function workflow(
  name: string,
  begun: number,
  steps: Readonly<Record<string, StepOf>>,
  { phase = "Succeeded", end, labels = {} }: { phase?: string; end?: number; labels?: object } = {},
) {
  const nodes = Object.entries(steps).flatMap(
    ([step, { from, to, phase: of = "Succeeded", message, outputs }]) => {
      const node = {
        templateName: step,
        phase: of,
        message,
        startedAt: at(from),
        finishedAt: to === undefined ? null : at(to),
        outputs: { parameters: Object.entries(outputs ?? {}).map(([key, value]) => ({ name: key, value })) },
      };
      return [
        [`${name}-${step}`, { ...node, displayName: step, message: ofAllTries(message) }],
        [`${name}-${step}-0`, { ...node, displayName: `${step}(0)` }],
      ];
    },
  );
  return {
    metadata: {
      name,
      creationTimestamp: at(begun),
      labels: {
        "argo-cicd/service": "alog-service-user",
        "argo-cicd/branch": "develop",
        "argo-cicd/git-tag": "",
        "argo-cicd/commit": commit,
        ...labels,
      },
    },
    status: {
      phase,
      finishedAt: end === undefined ? null : at(end),
      nodes: Object.fromEntries(nodes) as Record<string, object>,
    },
  };
}

const workflows = [
  workflow(
    "one",
    0,
    {
      begin: { from: 1, to: 4 },
      build: { from: 1, to: 8 },
      publish: { from: 8, to: 13, outputs: { digest } },
      live: { from: 13, to: 16, outputs: { seconds: "15" } },
    },
    { end: 17 },
  ),
  workflow(
    "two",
    20,
    {
      begin: { from: 21, to: 22, phase: "Failed", message: "main: Error (exit code 1): may not list" },
      build: {
        from: 21,
        to: 24,
        phase: "Failed",
        message: "main: Error (exit code 1): a\n\u001b[31mthe tests fail\u001b[0m",
      },
      publish: { from: 24, to: 24, phase: "Omitted" },
    },
    { phase: "Failed", end: 25, labels: { "argo-cicd/service": "alog-front-web" } },
  ),
  workflow(
    "three",
    30,
    { build: { from: 31, to: 40, phase: "Failed", message: "workflow shutdown with strategy:  Stop" } },
    { phase: "Failed", end: 41, labels: { "argo-cicd/superseded-by": "f".repeat(40) } },
  ),
  workflow(
    "four",
    50,
    { begin: { from: 51, to: 53 }, build: { from: 51, phase: "Running" } },
    { phase: "Running", labels: { "argo-cicd/started-by": "catch-up" } },
  ),
  workflow(
    "five",
    60,
    {},
    { phase: "Pending", labels: { "argo-cicd/git-tag": "v1.0.0", "argo-cicd/commit": "" } },
  ),
  { metadata: { name: "another", creationTimestamp: at(70) } },
];

const applications = [
  {
    metadata: { name: "alog" },
    status: {
      sync: { status: "Synced" },
      health: { status: "Healthy" },
      summary: { images: ["redis:7", `chromato99/alog-service-user:develop@${digest}`] },
    },
  },
  {
    metadata: { name: "aform" },
    status: {
      sync: { status: "Unknown" },
      conditions: [
        { type: "ComparisonError", message: "k8s: app path does not exist" },
        { type: "OrphanedResourceWarning", message: "no error" },
      ],
    },
  },
];

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

function report(path: string, ...args: string[]) {
  return spawnSync(process.execPath, ["--no-warnings", join(root, "tools/report.ts"), ...args], {
    encoding: "utf8",
    env: { ...handedOn, PATH: path },
  });
}

describe("npm run report", { concurrency: true }, () => {
  it("shows the last builds, what they took, and what is live", () => {
    const path = answering("all", {
      "workflows.argoproj.io": workflows,
      "applications.argoproj.io": applications,
    });
    const { stdout, stderr, status } = report(path, "develop");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.equal(
      stdout,
      `The last builds of stack develop
  pushed (UTC)         service            commit   ref      begin  build  publish  live  whole  push to live  result
  2026-03-01 10:01:00  alog-service-user  ?        v1.0.0       -      -        -     -      -             -  waiting
  2026-03-01 10:00:50  alog-service-user  0123abc  develop    2 s      -        -     -      -             -  runs: build (started by catch-up)
  2026-03-01 10:00:30  alog-service-user  0123abc  develop      -    9 s        -     -   11 s             -  superseded by fffffff
  2026-03-01 10:00:20  alog-front-web     0123abc  develop    1 s    3 s        -     -    5 s             -  build failed: the tests fail
  2026-03-01 10:00:00  alog-service-user  0123abc  develop    3 s    7 s      5 s   3 s   17 s          15 s  live

Live now
  alog: Synced, Healthy
    chromato99/alog-service-user:develop@sha256:1a2b3c4d1a2b…  commit 0123abc
    redis:7
  aform: Unknown, Unknown
    ! k8s: app path does not exist
`,
    );
  });

  it("shows as many as it is asked for, from another context, and for programs", () => {
    const path = answering("json", { "workflows.argoproj.io": workflows, "applications.argoproj.io": [] });
    const { stdout } = report(path, "develop", "--last", "1", "--context", "other", "--json");
    const { builds, stack } = JSON.parse(stdout) as { stack: string; builds: { workflow: string }[] };
    assert.deepEqual([stack, builds.map((one) => one.workflow)], ["develop", ["five"]]);
    const asked = readFileSync(join(path, "asked"), "utf8").trimEnd().split("\n");
    assert.equal(asked.length, 2);
    for (const line of asked) assert.match(line, /^--context other /);
  });

  it("says that there is nothing yet", () => {
    const path = answering("none", { "workflows.argoproj.io": [], "applications.argoproj.io": [] });
    assert.equal(
      report(path, "publish").stdout,
      "Stack publish has built nothing yet.\n\nNo application is there.\n",
    );
  });

  it("says in a line what is wrong", () => {
    const away = kubectl("away", "echo E1124 memcache.go:265 >&2; echo 'error: no such context' >&2; exit 1");
    const cases: [path: string, args: string[], said: RegExp][] = [
      [away, ["develop"], /^The cluster of the context develop does not answer: error: no such context\n$/],
      [folder, ["develop"], /^kubectl does not run: spawnSync kubectl ENOENT\n$/],
      [
        folder,
        ["nowhere"],
        /^There is no stack nowhere: no Pulumi\.nowhere\.yaml\. There are develop, publish\.\n$/,
      ],
      [folder, [], /^Name one stack\.\n\nnpm run report -- /],
      [folder, ["develop", "--last", "none"], /^--last takes a whole number from 1\.\n$/],
    ];
    for (const [path, args, said] of cases) {
      const { status, stderr } = report(path, ...args);
      assert.match(stderr, said);
      assert.equal(status, 1);
    }
  });
});

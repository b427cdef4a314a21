/** What a report derives from Workflows, Applications and GitHub's Deployments: what is live, and the DORA metrics. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Deployment } from "../tools/report/deployments.ts";
import type { DeploymentRecord } from "../tools/report/figures.ts";
import { figuresOf } from "../tools/report/figures.ts";
import { githubOf } from "../tools/report/github.ts";
import { reportText } from "../tools/report/text.ts";
import { durationText } from "../tools/report/words.ts";
import { root } from "./support/declare.ts";
import { startHttpServer } from "./support/http-server.ts";
import {
  applications,
  at,
  commit,
  digest,
  graphql,
  now,
  pageOf,
  recorded,
  reported,
  settingsOfStack,
  workflow,
  workflows,
} from "./support/report.ts";

function record(
  all: readonly (readonly [service: string, state: Deployment["state"], at: string, seconds?: number])[],
  given: Partial<DeploymentRecord> = {},
): DeploymentRecord {
  const deployments = all.map(([service, state, time, pushToLive]) => ({
    ...{ service, state, at: time, pushToLive, commit, digest, words: "" },
  }));
  return { source: "GitHub", days: 30, deployments, lacks: [], ...given };
}

describe("the DORA metrics", () => {
  it("are computed from the deployments of the period, with their number", () => {
    const all = record([
      ["a", "failed", "2026-01-29T09:00:00Z"],
      ["a", "succeeded", "2026-02-10T10:00:00Z", 40],
      ["b", "failed", "2026-02-10T12:00:00Z"],
      ["a", "succeeded", "2026-02-10T12:01:00Z", 20],
      ["b", "failed", "2026-02-10T12:10:00Z"],
      ["b", "succeeded", "2026-02-10T12:30:00Z", 90],
      ["b", "failed", "2026-02-28T10:00:00Z"],
      ["b", "succeeded", "2026-02-28T10:10:00Z"],
      ["a", "failed", "2026-03-01T09:00:00Z"],
      ["c", "undecided", "2026-03-01T09:30:00Z"],
    ]);
    assert.deepEqual(figuresOf(all, now), {
      source: "GitHub",
      days: 30,
      frequency: { deployments: 4, activeDays: 2, first: "2026-02-10T10:00:00Z" },
      leadTime: { seconds: 40, of: 3 },
      failureRate: { failed: 4, of: 8, share: 0.5 },
      recovery: { seconds: (1800 + 600) / 2, of: 2, open: 1 },
      unknown: [
        "Not counted: 1 without an outcome, because a newer image replaced them, a sync window holds them, " +
          "no pod runs them, somebody stopped them, or they are still in progress.",
        "Without a recorded lead time: 1 of the successful deployments.",
      ],
    });
  });

  it("are not known without deployments", () => {
    const { frequency, leadTime, failureRate, recovery } = figuresOf(record([]), now);
    assert.deepEqual(frequency, { deployments: 0, activeDays: 0, first: undefined });
    assert.deepEqual(leadTime, { seconds: undefined, of: 0 });
    assert.deepEqual(failureRate, { failed: 0, of: 0, share: undefined });
    assert.deepEqual(recovery, { seconds: undefined, of: 0, open: 0 });
  });

  it("are shown with the numbers behind them", async () => {
    const report = await reported({});
    const figures = figuresOf(
      record([
        ["a", "failed", "2026-02-28T10:00:00Z"],
        ["a", "succeeded", "2026-02-28T12:30:05Z", 75],
        ["b", "succeeded", "2026-03-01T09:00:00Z", 45],
        ["b", "failed", "2026-03-01T09:10:00Z"],
      ]),
      now,
    );
    const text = reportText({ stacks: [{ ...report, figures }], unanswered: [] });
    assert.ok(
      text.includes(`
                                   develop, from GitHub
  Deployment frequency             2 in 30 days, on 2 calendar days; the first on 2026-02-28
  Lead time for changes            1 min, the median of 2
  Change failure rate              50 %: 2 of 4 failed
  Failed deployment recovery time  2 h 30 min, the median of 1; 1 not recovered yet
`),
      text,
    );
  });

  it("show durations in their two largest units", () => {
    assert.deepEqual([0, 0.4, 59, 60, 3599, 3600, 3661, 90_000, 86_430].map(durationText), [
      "0 s",
      "0 s",
      "59 s",
      "1 min",
      "59 min 59 s",
      "1 h",
      "1 h 1 min",
      "1 d 1 h",
      "1 d",
    ]);
  });
});

describe("deployments of Workflows", () => {
  const live = (from: number, phase: string, seconds: string) => ({
    build: { from, to: from + 1 },
    live: { from: from + 1, to: from + 2, phase, message: "failure: not live", outputs: { seconds } },
  });
  const end = (second: number) => ({ phase: "Failed", end: second });
  const deadline = "Pod was active on the node longer than the specified deadline";

  it("are those that a build waited for, unless it was stopped", async () => {
    const { figures, repositories } = await reported({
      workflows: [
        workflow("one", 0, live(1, "Succeeded", "15"), { end: 4 }),
        workflow("two", 10, live(11, "Failed", "0"), end(14)),
        workflow("three", 20, live(21, "Succeeded", "25"), { end: 24 }),
        workflow("four", 30, live(31, "Succeeded", "0"), { end: 34 }),
        workflow("five", 40, live(41, "Failed", "0"), { ...end(44), spec: { shutdown: "Stop" } }),
        workflow("six", 50, { build: { from: 51, to: 52, phase: "Failed", message: deadline } }, end(53)),
      ],
    });
    assert.deepEqual(figures, {
      source: "Workflows",
      days: 1,
      frequency: { deployments: 2, activeDays: 1, first: at(3) },
      leadTime: { seconds: 20, of: 2 },
      failureRate: { failed: 1, of: 3, share: 1 / 3 },
      recovery: { seconds: 10, of: 1, open: 0 },
      unknown: [
        "GitHub was not queried, for lack of a token: set STATUS_TOKEN, or PULUMI_CONFIG_PASSPHRASE for that of the stack file.",
        "Workflows are kept for 1 day (builds.keep, builds.keepSucceeded): earlier deployments are not known.",
        "Not counted: 2 without an outcome, because a newer image replaced them, a sync window holds them, " +
          "no pod runs them, somebody stopped them, or they are still in progress.",
      ],
    });
    const row = repositories.find(({ service }) => service === "alog-service-user");
    assert.deepEqual(row?.failures, [
      { at: at(53), commit, words: "build: exceeded its time limit" },
      { at: at(14), commit, words: "live failed: failure: not live" },
    ]);
  });

  it("are not recorded if no build waits for them", async () => {
    const settings = settingsOfStack("develop");
    const delivery = { ...settings.delivery, wait: false };
    const report = await reported({ workflows }, { settings: { ...settings, delivery } });
    assert.equal(report.figures, undefined);
    const text = reportText({ stacks: [report], unanswered: [] });
    assert.match(text, /^ {2}Change failure rate +not known: no build waits until its image is live$/m);
  });
});

describe("deployments at GitHub", () => {
  const older = "89abcdef".repeat(5);
  const another = `sha256:${"c".repeat(64)}`;
  const success = (time: string, seconds: number) =>
    ["SUCCESS", time, `live ${seconds.toString()} s after the push`] as const;

  it("have the outcome that they had, whatever GitHub changed later", async () => {
    const { github, asked } = graphql(({ name, after }) => {
      if (name !== "alog-service-user") return pageOf([]);
      if (after === null)
        return pageOf([recorded(commit, at(5), [["QUEUED", at(5)], success(at(20), 15)])], "next");
      return pageOf(
        [
          recorded(
            older,
            "2026-02-20T10:00:00Z",
            [
              ["INACTIVE", "2026-03-01T10:00:20Z"],
              success("2026-02-20T10:01:00Z", 75),
              ["IN_PROGRESS", "2026-02-20T10:00:30Z"],
            ],
            `develop moved, ${another}`,
          ),
          recorded("1".repeat(40), "2026-02-20T09:00:00Z", [
            ["FAILURE", "2026-02-20T09:50:00Z", "the sync has failed"],
          ]),
          recorded("2".repeat(40), "2026-02-10T09:00:00Z", [["ERROR", "2026-02-10T09:05:00Z", "stopped"]]),
          recorded("3".repeat(40), "2026-01-10T09:00:00Z", [success("2026-01-10T09:05:00Z", 9)]),
        ],
        "never asked for",
      );
    });
    const images = [`chromato99/alog-service-user:develop@${another}`];
    const there = { applications: [{ metadata: { name: "alog" }, status: { summary: { images } } }] };
    const { figures, repositories } = await reported(there, { github });
    assert.deepEqual(figures, {
      source: "GitHub",
      days: 30,
      frequency: { deployments: 2, activeDays: 2, first: "2026-02-20T10:01:00Z" },
      leadTime: { seconds: 45, of: 2 },
      failureRate: { failed: 1, of: 3, share: 1 / 3 },
      recovery: { seconds: 660, of: 1, open: 0 },
      unknown: [
        "Not counted: 1 without an outcome, because a newer image replaced them, a sync window holds them, " +
          "no pod runs them, somebody stopped them, or they are still in progress.",
      ],
    });
    const row = repositories.find(({ service }) => service === "alog-service-user");
    assert.deepEqual(row, {
      project: "alog",
      service: "alog-service-user",
      slug: "KEA-ACCELER/alog-service-user",
      live: [
        {
          image: images[0],
          digest: another,
          commit: older,
          since: { at: "2026-02-20T10:01:00Z", orEarlier: false },
          pushToLive: 75,
          applications: ["alog"],
        },
      ],
      why: "",
      failures: [{ at: "2026-02-20T09:50:00Z", commit: "1".repeat(40), words: "the sync has failed" }],
    });
    assert.deepEqual(
      asked.filter(({ name }) => name === "alog-service-user"),
      [null, "next"].map((after) => ({
        url: "https://api.github.com/graphql",
        authorization: "Bearer a-token",
        owner: "KEA-ACCELER",
        name: "alog-service-user",
        environment: "develop",
        context: "argo-cicd/develop",
        after,
      })),
    );
  });

  it("are counted without the services that GitHub does not return, and replaced by Workflows if it returns none", async () => {
    const refusal = { data: { repository: null }, errors: [{ message: "Could not resolve\u001b[2J" }] };
    const some = graphql(({ name }) => (name === "alog-front-web" ? refusal : pageOf([])));
    const { figures: part } = await reported({}, { github: some.github });
    assert.deepEqual(
      [part?.source, part?.days, part?.unknown[0]],
      ["GitHub", 30, "Not counted, because GitHub did not return it: alog-front-web (Could not resolve[2J)."],
    );
    const none = graphql(() => ({ code: 401, message: "Bad credentials" }));
    const { figures } = await reported({ workflows }, { github: none.github });
    assert.deepEqual(
      [figures?.source, figures?.days, figures?.unknown[0]],
      ["Workflows", 1, "GitHub returned no Deployments: aform-front-web (401 Bad credentials)."],
    );
  });

  it("are read with a token that is never shown", async () => {
    const server = await startHttpServer((request, response, body) => {
      const { variables } = JSON.parse(body) as { variables: { name: string } };
      const { url = "", headers } = request;
      const message = `${url} ${headers.authorization ?? ""} ${variables.name}`;
      response.writeHead(403).end(JSON.stringify({ message }));
    });
    const settings = {
      ...settingsOfStack("publish"),
      github: { ...settingsOfStack("publish").github, url: server.url },
    };
    const source = { file: "none", stack: "publish", environment: { STATUS_TOKEN: "github_pat_secret" } };
    const github = await githubOf(settings, source);
    const { figures } = await reported({}, { settings, github });
    server.close();
    assert.equal(
      figures?.unknown[0],
      "GitHub returned no Deployments: alog-front-web (403 /api/graphql Bearer *** alog-front-web).",
    );
    assert.equal(await githubOf(settings, { ...source, environment: {} }), undefined);
  });

  it("have their seconds in the text of the builds' program", () => {
    const program = readFileSync(join(root, "components/builds/programs/live.ts"), "utf8");
    assert.ok(program.includes("`live ${seconds} s after the push`"));
    assert.ok(program.includes("`rolled out ${seconds} s after the push: "));
  });
});

describe("what is live", () => {
  const image = `chromato99/alog-service-user:develop@${digest}`;
  const sync = (deployedAt: string, one: string) => ({
    deployedAt,
    source: { kustomize: { images: [one] } },
  });
  const liveOf = async (status: object, there: readonly object[] = [], given = {}) => {
    const application = { metadata: { name: "alog" }, status: { summary: { images: [image] }, ...status } };
    const { repositories } = await reported({ workflows: there, applications: [application] }, given);
    return repositories.find(({ service }) => service === "alog-service-user");
  };

  it("is live since the first of the last consecutive syncs that name it", async () => {
    const other = image.replaceAll("1a2b", "ffff");
    const history = [sync(at(1), image), sync(at(2), other), sync(at(3), image), sync(at(4), image)];
    assert.deepEqual((await liveOf({ history }))?.live[0]?.since, { at: at(3), orEarlier: false });
    assert.deepEqual((await liveOf({ history: history.slice(2) }))?.live[0]?.since, {
      at: at(3),
      orEarlier: true,
    });
    const byCommit = { history: [{ deployedAt: at(9), source: { path: "k8s" } }] };
    assert.deepEqual((await liveOf(byCommit, workflows))?.live[0]?.since, { at: at(16), orEarlier: false });
    assert.equal((await liveOf(byCommit))?.live[0]?.since, undefined);
  });

  it("is known by its pin if no build is known", async () => {
    const settings = settingsOfStack("develop");
    const projects = settings.projects.map((project) => ({
      ...project,
      repositories: project.repositories.map((one) =>
        one.service === "alog-service-user"
          ? { ...one, pin: "1a2b3c4d5e" as NonNullable<typeof one.pin> }
          : one,
      ),
    }));
    const pinned = { summary: { images: [image.replace(":develop@", ":develop-1a2b3c4@")] } };
    const row = await liveOf(pinned, [], { settings: { ...settings, projects } });
    assert.equal(row?.live[0]?.commit, "1a2b3c4d5e");
    assert.equal((await liveOf(pinned))?.live[0]?.commit, undefined);
    const held = await reported({}, { settings: { ...settings, projects } });
    const text = reportText({ stacks: [held], unanswered: [] });
    assert.match(text, /^Pinned in stack develop: alog-service-user is pinned to 1a2b3c4$/m);
  });

  it("is shown side by side, with a row for each service", async () => {
    const develop = await reported({ workflows, applications });
    const publish = await reported({}, {}, "publish");
    const lines = reportText({ stacks: [develop, publish], unanswered: [] }).split("\n");
    assert.equal(lines[0], "Live");
    const row = (name: string) =>
      lines
        .find((line) => line.startsWith(`  ${name} `))
        ?.split(/ {2,}/)
        .slice(1);
    assert.deepEqual(row("repository"), ["repository", "develop", "publish"]);
    assert.deepEqual(row("alog-service-user"), [
      "alog-service-user",
      "0123abc 1a2b3c4d1a2b, since 2026-03-01 10:00:16, 15 s after the push",
      "- (there is no Application alog)",
    ]);
    assert.deepEqual(row("aform-service-ai"), [
      "aform-service-ai",
      "- (no pod of aform runs it)",
      "not in this stack",
    ]);
    assert.ok(
      lines.includes("  develop  alog-front-web  2026-03-01 10:00:25  0123abc  build failed: the tests fail"),
    );
    assert.deepEqual(row("Deployment frequency"), [
      "Deployment frequency",
      "1 in 1 day, on 1 calendar day; the first on 2026-03-01",
      "0 in 1 day",
    ]);
  });

  it("is shown for an empty stack", async () => {
    const text = reportText({ stacks: [await reported({}, {}, "publish")], unanswered: [] });
    assert.match(text, /^No failures are known\.$/m);
    assert.match(text, /^Stack publish has built nothing yet\.\n\nStack publish has no application\.$/m);
  });

  it("contains no control characters", async () => {
    const hostile = "a\u001b]0;taken\u0007\u001b[2Jb\u009b31mc\u202ed\re\tf";
    const build = { from: 1, to: 2, phase: "Failed", message: `main: Error (exit code 1): x\n${hostile}` };
    const labels = { "argo-cicd/branch": hostile, "argo-cicd/started-by": hostile };
    const report = await reported({
      workflows: [workflow(hostile, 0, { build }, { phase: "Failed", end: 3, labels })],
      applications: [
        {
          metadata: { name: hostile },
          status: {
            sync: { status: hostile },
            summary: { images: [`chromato99/alog-service-user:${hostile}`] },
            conditions: [{ type: "SyncError", message: `${hostile}\nb` }],
          },
        },
      ],
    });
    const text = reportText({ stacks: [report], unanswered: [] });
    assert.match(text, /build failed: a/);
    assert.doesNotMatch(text, /[^\P{Cc}\n]|\u202e/u);
  });
});

/** docs/looks.md: each screen of text is what the programs print, and each picture exists. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { outcomeOf } from "../../components/builds/programs/failures.ts";
import type { News } from "../../components/builds/programs/message.ts";
import { messages } from "../../components/builds/programs/message.ts";
import { notificationValues } from "../../components/charts/argo-cd-notifications.ts";
import { compareCharts } from "../../tools/charts/compare.ts";
import { listFindings } from "../../tools/doctor/finding.ts";
import { readExpected } from "../../tools/offline/expected.ts";
import { listing } from "../../tools/offline/listing.ts";
import { isObject, render } from "../../tools/offline/render.ts";
import { readStackFile } from "../../tools/offline/stack-file.ts";
import type { Workflow } from "../../tools/report/builds.ts";
import { reportText } from "../../tools/report/text.ts";
import { Follower } from "../../tools/sandbox/follow.ts";
import { instructions } from "../../tools/sandbox/text.ts";
import { label } from "../support/builders.ts";
import { project, root } from "../support/declare.ts";
import { classes, findings, known, list, named } from "../support/doctor-cluster.ts";
import { edited } from "../support/documented-edits.ts";
import { assertShows, documentedScreens, looks } from "../support/documented-screens.ts";
import { evaluateApart } from "../support/evaluator.ts";
import { statusBy } from "../support/github-reports.ts";
import { digest, inProgress, live, queued, run } from "../support/live-program.ts";
import { workflow } from "../support/report.ts";
import { sampleReport } from "../support/sample-report.ts";
import { temporaryFolder } from "../support/script.ts";

const folder = temporaryFolder("looks");
const develop = join(root, "Pulumi.develop.yaml");
const commit = "1a2b3c4d".repeat(5);
const screens = documentedScreens();

/** What each screen shows, as it is printed now, in the order of the page. */
const programs: Readonly<Record<string, () => string[] | Promise<string[]>>> = {
  "The preview": async () => {
    const { declared, outputs, warnings } = await evaluateApart(develop);
    const objects = render(declared).filter(isObject);
    return [listing({ ...readStackFile(develop, project), objects, outputs, warnings })];
  },
  "A stack file with mistakes": () => [errorsAfter(screens.get("A stack file with mistakes")?.diff ?? "")],
  "Another value of a chart": async () => [
    await chartsAfter("server.insecure: false", "server.insecure: true"),
  ],
  "The doctor": async () => [listFindings(await findings({ [classes]: list(named("local-path")) }, known))],
  "A commit on GitHub": async () => [await statuses(), await deployment()],
  "A message in Slack or Discord": () => [slack(), discord(), deployedInSlack()],
  "The report": async () => [reportText(await sampleReport())],
  "The sandbox": () => [sandbox(), followed()],
};

describe("docs/looks.md", () => {
  it("has exactly the screens that are checked here", () => {
    const withText = [...screens].flatMap(([title, { texts }]) => (texts.length > 0 ? [title] : []));
    assert.deepEqual(withText, Object.keys(programs));
  });

  for (const [title, print] of Object.entries(programs)) {
    it(`shows what is printed: ${title}`, async () => {
      const { texts = [] } = screens.get(title) ?? {};
      const printed = await print();
      assert.equal(texts.length, printed.length);
      for (const [index, text] of texts.entries()) assertShows(text, printed[index] ?? "");
    });
  }

  it("shows every picture of docs/images, and they are small", () => {
    const pictures = readdirSync(join(root, "docs/images"));
    const shown = readFileSync(join(root, looks), "utf8").matchAll(/!\[[^\]]+\]\(images\/([^)]+)\)/g);
    assert.deepEqual([...shown].map(([, name]) => name).toSorted(), pictures.toSorted());
    const bytes = pictures.map((name) => readFileSync(join(root, "docs/images", name)));
    for (const one of bytes) assert.equal(one.toString("latin1", 1, 4), "PNG");
    assert.ok(bytes.reduce((sum, { length }) => sum + length, 0) < 600_000);
  });
});

describe("a screen", () => {
  it("may omit lines and the ends of lines, and nothing else", () => {
    assertShows("a\n  …\nd (e) …\n", "a\nb\nc\nd (e) f");
    for (const [screen, output] of [
      ["a\n", "a\nb"],
      ["b\n", "a\nb"],
      ["a\n…\nb\n", "a\nb"],
      ["a …\n", "b c"],
      ["a.c\n", "abc"],
    ] as const)
      assert.throws(() => assertShows(screen, output), assert.AssertionError);
  });
});

/** The error of every command for the stack file after an edit. */
function errorsAfter(diff: string): string {
  const file = join(folder, "Pulumi.develop.yaml");
  writeFileSync(file, edited(readFileSync(develop, "utf8"), diff));
  try {
    readStackFile(file, project).settings();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
  throw new Error("the stack file has no error");
}

/** Uses a stand-in for Helm, which renders only the ConfigMap of `configs.params`. */
function chartsAfter(from: string, to: string): Promise<string> {
  const helm = `#!/bin/sh
echo 'kind: ConfigMap'
echo 'metadata: { name: argocd-cmd-params-cm, namespace: argocd }'
sed 's/.*"params":\\({[^}]*}\\).*/data: \\1/'
`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/helm"), helm, { mode: 0o755 });
  const { PATH = "" } = process.env;
  after(() => (process.env["PATH"] = PATH));
  process.env["PATH"] = `${join(folder, "bin")}:${PATH}`;
  const before = readExpected("develop");
  const path = "_releases/argo-cd.yaml";
  return compareCharts(before, new Map([...before, [path, before.get(path)?.replace(from, to) ?? ""]]));
}

/** One line for each of the statuses that a commit may have, as GitHub lists them. */
async function statuses(): Promise<string> {
  const template = readExpected("develop").get("ci/WorkflowTemplate-alog-service-user.yaml") ?? "";
  const context = /name: CONTEXT\n +value: (\S+)/.exec(template)?.[1] ?? "";
  const failed = { displayName: "build", templateName: "build", finishedAt: "", overdue: false };
  const failure = outcomeOf([{ ...failed, message: lastWords }], ["build"], "");
  const error = outcomeOf(
    [failed].map((one) => ({ ...one, message: "" })),
    ["build"],
    commit,
  );
  const ended = [failure, error].flatMap((one) =>
    one === "published" ? [] : [[context, one.state, one.description] as const],
  );
  const lines = [
    await statusBy("begin.ts", "b".repeat(40), digest, context),
    await statusBy("published.ts", commit, digest, context),
    ...ended,
  ];
  return lines.map(([of, state, description]) => `${of}  ${state.padEnd(7)}  ${description}`).join("\n");
}

const lastWords = "main: Error (exit code 1): the tests fail";

/** The states of a Deployment: of one that goes well, and of one that fails. */
async function deployment(): Promise<string> {
  const message = "one or more objects failed to apply";
  const failing = { wanted: digest, synced: digest, phase: "Failed", message };
  const [well, badly] = await Promise.all([run({ web: [live] }), run({ web: [failing] })]);
  assert.deepEqual(well.reported.slice(0, 2), [queued, inProgress]);
  const lines = [...well.reported, ...badly.reported.slice(-1)];
  return lines
    .map((line) => line.replace(/^(\w+): /, (_, state: string) => `${state.padEnd(11)}  `))
    .join("\n")
    .replace(/live 1\d\d s/, "live 100 s");
}

const news: News = {
  ...{ event: "failed", project: "alog", service: "alog-service-user", branch: "develop", commit },
  ...{ commitUrl: "https://github.com/KEA-ACCELER/alog-service-user/commit/1a2b3c4", author: "Kim" },
  ...{ why: "build failed: the tests fail", url: "https://workflows.example/workflows/ci/w" },
};

/** As Slack shows it: a link as its text. */
function slack(): string {
  const { blocks } = messages.slack(news) as { blocks: readonly { text: { text: string } }[] };
  return blocks.map(({ text }) => text.text.replace(/<[^|>]*\|([^>]*)>/g, "$1")).join("\n");
}

interface Embed {
  readonly title: string;
  readonly description: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

/** As Discord shows it: the fields side by side, a link as its text, and no escapes. */
function discord(): string {
  const [embed] = (messages.discord(news) as { embeds: readonly Embed[] }).embeds;
  const { title = "", description = "", fields = [] } = embed ?? {};
  const rows = [
    fields.map(({ name }) => name.padEnd(9)).join(""),
    fields.map(({ value }) => value.replace(/^\[(.*)\]\(.*\)$/, "$1").padEnd(9)).join(""),
  ];
  return [title, description, ...rows.map((row) => row.trimEnd())].join("\n").replace(/\\(.)/g, "$1");
}

/** Argo CD inserts the name of the application. */
function deployedInSlack(): string {
  const reported = { on: ["deployed"], to: ["slack"] } as const;
  const projects = [{ name: label("alog"), applications: [{}], notifications: reported }];
  const values = notificationValues({ projects, argoCdUrl: undefined, network: {} });
  assert.ok(values.enabled);
  const [, line = ""] = /printf \\"(.*?)\\"/.exec(values.templates["template.deployed"] ?? "") ?? [];
  return line.replace("%s", "alog");
}

function sandbox(): string {
  const addresses = { git: "http://127.0.0.1:41231", page: "http://127.0.0.1:41233" };
  return instructions({ ...addresses, kubectl: "kubectl", kubeconfig: "/tmp/sandbox.kubeconfig" }).trim();
}

/** A push to the sandbox, read after the end of each step. */
function followed(): string {
  const lines: string[] = [];
  const follower = new Follower((line) => lines.push(line));
  const at = (second: number) => new Date(2026, 2, 1, 10, 0, second);
  const labels = { "argo-cicd/service": "hello", "argo-cicd/commit": commit };
  const steps = {
    begin: { from: 1, to: 3 },
    build: { from: 1, to: 11 },
    publish: { from: 11, to: 13 },
    live: { from: 13, to: 18, outputs: { seconds: "18" } },
  };
  follower.pushed("hello", commit, at(0));
  for (const second of [3, 11, 13, 18]) {
    const ended = Object.entries(steps).filter(([, { to }]) => to <= second);
    const phase = { phase: "Running", labels };
    follower.see([asRead(workflow("hello-1", 0, Object.fromEntries(ended), phase))], at(second));
  }
  follower.see([asRead(workflow("hello-1", 0, steps, { end: 19, labels }))], at(19));
  return lines.join("\n");
}

/** As it comes from the cluster. */
function asRead(one: object): Workflow {
  return JSON.parse(JSON.stringify(one)) as Workflow;
}

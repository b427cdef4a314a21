/** The page of `npm run report -- <stack>... --html FILE`. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reportPage } from "../tools/page/report.ts";
import { rowsOf, sectionOf, textOf } from "./support/page.ts";
import { applications, commit, now, reported, workflow, workflows } from "./support/report.ts";

const develop = await reported({ workflows, applications });
const publish = await reported({}, {}, "publish");
const one = reportPage({ stacks: [develop], unanswered: [] }, now);
const both = reportPage({ stacks: [develop, publish], unanswered: [] }, now);

function rowOf(html: string, id: string, name: string): string[] | undefined {
  return rowsOf(html, id).find(([first]) => first === name);
}

describe("the page of a report", () => {
  it("shows what is live in a stack", () => {
    assert.equal(rowsOf(one, "live").length, develop.repositories.length);
    assert.deepEqual(rowOf(one, "live", "alog-service-user"), [
      ...["alog-service-user", "0123abc", "1a2b3c4d1a2b", "2026-03-01 10:00:16", "15 s", "alog"],
    ]);
    assert.deepEqual(rowOf(one, "live", "alog-service-file")?.slice(1), [
      "–",
      "–",
      "–",
      "–",
      "no pod of alog runs it",
    ]);
    assert.match(
      textOf(one),
      /As the clusters and GitHub reported at 2026-03-01 10:02:00\. All times are UTC\./,
    );
  });

  it("shows stacks side by side", () => {
    assert.deepEqual(rowOf(both, "live", "alog-service-user"), [
      "alog-service-user",
      "0123abc 1a2b3c4d1a2b | since 2026-03-01 10:00:16 | 15 s after the push | alog",
      "there is no Application alog",
    ]);
    assert.deepEqual(rowOf(both, "live", "aform-service-ai")?.slice(1), [
      "no pod of aform runs it",
      "not in this stack",
    ]);
    assert.deepEqual(rowOf(both, "figures", "Deployment frequency")?.slice(1), [
      "1 in 1 day, on 1 calendar day; the first on 2026-03-01",
      "0 in 1 day",
    ]);
    assert.match(textOf(sectionOf(both, "builds")), /publishNo builds\./);
  });

  it("shows the last failures and their errors", () => {
    const last = ["alog-front-web", "2026-03-01 10:00:25", "0123abc", "build failed: the tests fail"];
    assert.deepEqual(rowsOf(one, "failures"), [last]);
    assert.deepEqual(rowsOf(both, "failures"), [last.toSpliced(1, 0, "develop")]);
    const calm = reportPage({ stacks: [publish], unanswered: [] }, now);
    assert.equal(textOf(sectionOf(calm, "failures")), "Last failuresNo failures are known.");
  });

  it("shows the source of the DORA metrics", () => {
    const said = textOf(sectionOf(one, "figures"));
    const [asked = "", kept = ""] = develop.figures?.unknown ?? [];
    assert.ok(
      said.includes(`The metrics of develop are from Workflows${asked}${kept}Not included in any metric`),
      said,
    );
  });

  it("shows builds with the time of each step, and applications with their errors", () => {
    assert.deepEqual(rowsOf(one, "builds").at(-1), [
      "alog-service-user",
      "2026-03-01 10:00:00",
      "0123abc develop",
      "begin 3 s | build 7 s | publish 5 s | live 3 s",
      ...["17 s", "15 s", "live"],
    ]);
    assert.deepEqual(rowsOf(one, "applications").at(-1), [
      ...["aform", "Unknown, Unknown", "", "k8s: app path does not exist"],
    ]);
  });

  it("shows which stack is missing", () => {
    const html = reportPage(
      { stacks: [develop], unanswered: [{ stack: "publish", because: "<away>" }] },
      now,
    );
    assert.ok(html.includes("Stack publish is not shown. &lt;away>"));
  });

  it("escapes text by others, and links only to GitHub's commits", async () => {
    const hostile = `</td></style><img src=x onerror="document.title='taken'">`;
    const build = { from: 1, to: 2, phase: "Failed", message: `main: Error (exit code 1): ${hostile}` };
    const labels = { "argo-cicd/branch": hostile, "argo-cicd/commit": `${"a".repeat(40)}"${hostile}` };
    const images = [`chromato99/alog-service-user:${hostile}`];
    const report = await reported({
      workflows: [workflow("one", 0, { build }, { phase: "Failed", end: 3, labels })],
      applications: [
        {
          metadata: { name: hostile },
          status: {
            health: { status: hostile },
            summary: { images },
            conditions: [{ type: "SyncError", message: hostile }],
          },
        },
      ],
    });
    const html = reportPage({ stacks: [report], unanswered: [] }, now);
    assert.ok(!html.includes("<img"));
    assert.ok(textOf(sectionOf(html, "failures")).includes(hostile));
    assert.deepEqual(html.match(/href="(?!#)[^"]*"/g), null);
    assert.deepEqual(
      [...new Set(one.match(/href="(?!#)[^"]*"/g))],
      ["alog-service-user", "alog-front-web"].map(
        (name) => `href="https://github.com/KEA-ACCELER/${name}/commit/${commit}"`,
      ),
    );
  });

  it("loads nothing and runs nothing", () => {
    assert.match(both, /content="default-src 'none'; style-src 'sha256-[^']+'; script-src 'none'; /);
    assert.doesNotMatch(
      both,
      /<(script|link|img|iframe|object|embed|base)\b| (src|srcset|action)="|url\(|@import/,
    );
  });
});

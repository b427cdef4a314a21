/** Check runs: how programs report a build, in place of a commit status. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { checkBody, checkStateOf, setCheck } from "../../../components/builds/programs/checks.ts";
import type { Status } from "../../../components/builds/programs/github.ts";
import type { ChecksServer } from "../../support/github-checks.ts";
import { startChecksServer } from "../../support/github-checks.ts";
import { programsFolder, runProgram, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("checks");
const [TOKEN_FILE, WRONG_TOKEN_FILE] = [join(folder, "token"), join(folder, "wrong")];
writeFileSync(TOKEN_FILE, "ghs_secret\n");
writeFileSync(WRONG_TOKEN_FILE, "ghs_wrong\n");

const commit = "1a2b3c4d".repeat(5);
const app = "271828";
const first = { app, id: "web-1a2b3c4d1a2b-72d3162e" };
const page = "https://workflows.example/workflows/ci/web-1";

let server: ChecksServer;
before(async () => {
  server = await startChecksServer("ghs_secret", 271828);
});
beforeEach(() => {
  server.runs.length = 0;
  server.asked.length = 0;
});
after(() => server.close());

const github = (changes: object = {}) => ({
  ...{ GITHUB_API: server.url, TOKEN_FILE, REPOSITORY: "acme/web", TARGET_URL: page },
  ...changes,
});
const status = (state: Status["state"], description: string): Status => ({
  ...{ commit, context: "argo-cicd/test", state, description },
});

describe("a check run", () => {
  it("is created when a build begins, and updated when it ends", async () => {
    await setCheck(github(), first, status("pending", "building"));
    const begun = {
      ...{ id: 1, app: { id: 271828 }, name: "argo-cicd/test", head_sha: commit, external_id: first.id },
      ...{ details_url: page, status: "in_progress" },
      output: { title: "building", summary: "    building" },
    };
    assert.deepEqual(server.runs, [begun]);
    await setCheck(github(), first, status("success", "moved develop"));
    assert.deepEqual(server.runs, [
      {
        ...begun,
        ...{ status: "completed", conclusion: "success" },
        output: { title: "moved develop", summary: "    moved develop" },
      },
    ]);
    const list = `GET /repos/acme/web/commits/${commit}/check-runs`;
    assert.deepEqual(server.asked, [
      ...[list, "POST /repos/acme/web/check-runs"],
      ...[list, "PATCH /repos/acme/web/check-runs/1"],
    ]);
  });

  it("is created once, even if GitHub's answer is lost", async () => {
    server.lose = true;
    await setCheck(github(), first, status("pending", "building"));
    assert.deepEqual(
      server.runs.map(({ external_id: id, status: is }) => [id, is]),
      [[first.id, "in_progress"]],
    );
    const list = `GET /repos/acme/web/commits/${commit}/check-runs`;
    assert.deepEqual(server.asked, [
      ...[list, "POST /repos/acme/web/check-runs"],
      ...[list, "PATCH /repos/acme/web/check-runs/1"],
    ]);
  });

  it("is separate for each Workflow, and found among those of others", async () => {
    const second = { app, id: "web-1a2b3c4d1a2b-00000000" };
    await setCheck(github(), first, status("pending", "building"));
    await setCheck(github(), second, status("pending", "building"));
    await setCheck(github(), first, status("failure", "build failed: no"));
    assert.deepEqual(
      server.runs.map(({ external_id: id, conclusion }) => [id, conclusion]),
      [
        [first.id, "failure"],
        [second.id, undefined],
      ],
    );
  });

  it("ends as cancelled if nothing is wrong with the commit", () => {
    for (const [state, conclusion] of [
      ["success", "success"],
      ["failure", "failure"],
      ["error", "cancelled"],
    ] as const) {
      const body = checkBody(status(state, "x"), { ...github(), TARGET_URL: "" });
      const output = { title: "x", summary: "    x" };
      assert.deepEqual(body, { status: "completed", conclusion, output });
    }
  });

  it("has a long text in full, as code that no Markdown of a build can leave", () => {
    const lines = `build failed: ${"y".repeat(300)}\n\`\`\`\n# @everybody`;
    const { output } = checkBody(status("failure", lines), github()) as { output: Record<string, string> };
    assert.equal(output["title"], `build failed: ${"y".repeat(125)}…`);
    assert.match(output["summary"] ?? "", /^ {4}build failed: y{300}\n {4}```\n {4}# @everybody$/);
    const long = checkBody(status("failure", "z\n".repeat(40_000)), github());
    assert.equal(JSON.stringify(long).match(/z/g)?.length, 70 + Math.floor(65_535 / 6));
  });

  it("never fails the build, and logs GitHub's refusal", async (context) => {
    const log = context.mock.method(console, "log", () => undefined);
    const said = () => String(log.mock.calls.at(-1)?.arguments[0]);
    await setCheck(github({ TOKEN_FILE: WRONG_TOKEN_FILE }), first, status("success", "x"));
    assert.equal(said(), `could not set the check run argo-cicd/test of ${commit}: 401 Bad credentials`);
    await setCheck(github({ GITHUB_API: "nowhere" }), first, status("success", "x"));
    assert.match(said(), /^could not set the check run argo-cicd\/test of \w+: 000 /);
    await setCheck(github(), first, status("success", "moved develop"));
    assert.equal(said(), `set the check run argo-cicd/test of ${commit}: success, moved develop`);
  });

  it("is reported by a program that has the App's ID, and a status by one that has none", async () => {
    const env = {
      ...github(),
      ...{
        NAMESPACE: "ci",
        WORKFLOW: "web-1",
        COMMIT: commit,
        DIGEST: "sha256:1",
        FINDINGS: "",
        COMMIT_TAG: "pull-17-{sha7}",
      },
      CONTEXT: "argo-cicd/test/pull-request",
    };
    const own = { CHECKS_APP: app, CHECK_ID: first.id };
    assert.equal((await runProgram(programsFolder, "report.ts", { ...env, ...own })).status, 0);
    assert.equal(server.runs[0]?.output.title, "pull-17-1a2b3c4 is in the registry, sha256:1");
    server.asked.length = 0;
    await runProgram(programsFolder, "report.ts", env);
    assert.deepEqual(server.asked, [`POST /repos/acme/web/statuses/${commit}`]);
  });

  it("is read by the check for lost pushes like a status", async () => {
    const reader = { api: server.url, slug: "acme/web", token: "ghs_secret" };
    const state = (changes: object = {}) =>
      checkStateOf(reader, commit, { name: "argo-cicd/test", app, ...changes });
    assert.equal(await state(), "");
    for (const one of ["pending", "success", "failure", "error"] as const) {
      await setCheck(github(), { app, id: one }, status(one, "x"));
      assert.equal(await state(), one === "pending" ? "" : one);
    }
    assert.deepEqual([await state({ app: "1" }), await state({ name: "argo-cicd/other" })], ["", ""]);
    await assert.rejects(checkStateOf({ ...reader, token: "" }, commit, { name: "x", app }), {
      message: "GitHub: 401 Bad credentials",
    });
  });
});

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "node:test";
import type { GitHubServer } from "../../support/github-server.ts";
import { startGitHubServer } from "../../support/github-server.ts";
import { programsFolder, runProgram, temporaryFolder } from "../../support/script.ts";

const TOKEN_FILE = join(temporaryFolder("report"), "token");
writeFileSync(TOKEN_FILE, "github_pat_secret");
const commit = "1a2b3c4d".repeat(5);
const digest = `sha256:${"1a2b3c4d".repeat(8)}`;
let github: GitHubServer;
before(async () => {
  github = await startGitHubServer("a/service", "github_pat_secret");
});
after(() => github.close());

it("report.ts reports the tag of a pull request's image, and what a scan has found in it", async () => {
  const { status, stdout, stderr } = await runProgram(programsFolder, "report.ts", {
    NAMESPACE: "ci",
    WORKFLOW: "w",
    COMMIT: commit,
    DIGEST: digest,
    FINDINGS: "two of them CRITICAL",
    COMMIT_TAG: "pull-17-{sha7}",
    CONTEXT: "argo-cicd/develop/pull-request",
    GITHUB_API: github.url,
    TOKEN_FILE,
    REPOSITORY: "a/service",
    TARGET_URL: "",
  });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(
    stdout,
    /^set the status argo-cicd\/develop\/pull-request of 1a2b3c4d\w+: success, pull-17-1a2b3c4 /,
  );
  assert.deepEqual(github.statuses.get(commit), {
    state: "success",
    context: "argo-cicd/develop/pull-request",
    description: `pull-17-1a2b3c4 is in the registry, ${digest}, two of them CRITICAL`,
  });
});

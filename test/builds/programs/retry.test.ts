/** Uses a stand-in for git that fails at first: the number of calls is under test. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { imageShell, result, runScript, temporaryFolder } from "../../support/script.ts";

const folder = temporaryFolder("retry");
const commit = "1a2b3c4d".repeat(5);
const git = join(folder, "git");
writeFileSync(
  git,
  `#!/bin/sh
echo called >>"$CALLS"
[ "$(wc -l <"$CALLS")" -gt "$FAILURES" ] || exit 128
case $1 in init) exit ;; ls-remote) ;; *) exit "\${AFTERWARDS:-0}" ;; esac
printf '%s\\trefs/heads/develop\\n' ${commit}
`,
  { mode: 0o755 },
);

const shell = imageShell({ git });

describe(`failing git, in ${shell.name}`, { concurrency: true }, () => {
  it("yields no later commits if they cannot be fetched, and tip.sh continues", async () => {
    const results = join(folder, `${shell.name}-later`);
    mkdirSync(results);
    const { status } = await runScript(shell, "tip.sh", {
      REPOSITORY_URL: "https://git.example/a/service.git",
      BRANCH: "develop",
      COMMIT: "0".repeat(40),
      GIT_TAG: "",
      LATER: "true",
      RESULTS: results,
      FAILURES: "0",
      CALLS: join(results, "calls"),
      AFTERWARDS: "128",
    });
    assert.deepEqual([status, result(results, "newest"), result(results, "later")], [0, "false", ""]);
  });

  for (const [failures, status] of [
    [2, 0],
    [3, 1],
  ] as const) {
    it(`is called three times if it fails ${failures.toString()} times`, async () => {
      const results = join(folder, `${shell.name}-${failures.toString()}`);
      mkdirSync(results);
      const CALLS = join(results, "calls");
      const outcome = await runScript(shell, "tip.sh", {
        REPOSITORY_URL: "https://git.example/a/service.git",
        BRANCH: "develop",
        COMMIT: "",
        GIT_TAG: "",
        RESULTS: results,
        FAILURES: failures.toString(),
        CALLS,
      });
      assert.equal(outcome.status, status);
      assert.equal(result(results, "commit"), status === 0 ? commit : undefined);
      assert.equal(readFileSync(CALLS, "utf8"), "called\n".repeat(3));
    });
  }
});

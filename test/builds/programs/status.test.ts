import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { GitHubServer } from "../../support/github-server.ts";
import { startGitHubServer } from "../../support/github-server.ts";
import { startHangingServer, startHttpServer } from "../../support/http-server.ts";
import type { Shell } from "../../support/script.ts";
import { runScript, shells, temporaryFolder } from "../../support/script.ts";

// Before the folder is removed.
after(() => {
  server.close();
  assert.match(readFileSync(seen, "utf8"), /--request POST/);
  assert.doesNotMatch(readFileSync(seen, "utf8"), /github_pat/);
});

const folder = temporaryFolder("status");
const token = "github_pat_secret";
const TOKEN_FILE = join(folder, "token");
writeFileSync(TOKEN_FILE, `${token}\n`);
const WRONG_TOKEN_FILE = join(folder, "wrong");
writeFileSync(WRONG_TOKEN_FILE, "github_pat_wrong");

// What every process of the machine can read of curl.
const seen = join(folder, "seen");
const curl = join(folder, "curl");
const real = execFileSync("/usr/bin/env", ["which", "curl"], { encoding: "utf8" }).trim();
writeFileSync(curl, `#!/bin/sh\n{ echo "$@"; env; } >>${seen}\nexec ${real} "$@"\n`, { mode: 0o755 });

let server: GitHubServer;
before(async () => {
  server = await startGitHubServer("a/service", token);
});
let runs = 0;

async function setStatus(shell: Shell, variables: Readonly<Record<string, string>>) {
  runs += 1;
  const commit = runs.toString().padStart(40, "0");
  const { status, stdout, stderr } = await runScript(shell, "status.sh", {
    TOKEN_FILE,
    GITHUB_API: server.url,
    REPOSITORY: "a/service",
    COMMIT: commit,
    CONTEXT: "develop/service",
    STATE: "success",
    DESCRIPTION: "moved develop",
    TARGET_URL: "",
    ...variables,
  });
  assert.equal(status, 0);
  assert.doesNotMatch(stdout + stderr, /github_pat/);
  return { output: stdout + stderr, commit, set: server.statuses.get(commit) };
}

describe("in every shell, side by side", { concurrency: true }, () => {
  for (const shell of shells({ curl })) {
    describe(`status.sh in ${shell.name}`, { concurrency: true }, () => {
      it("sets the status of a commit", async () => {
        const { output, commit, set } = await setStatus(shell, {
          TARGET_URL: "https://argo.example.com/w?a=1",
        });
        assert.deepEqual(set, {
          state: "success",
          context: "develop/service",
          target_url: "https://argo.example.com/w?a=1",
          description: "moved develop",
        });
        assert.equal(output, `set the status develop/service of ${commit}: success, moved develop\n`);
      });

      it("leaves out an address that is not given", async () => {
        const { set } = await setStatus(shell, {});
        assert.deepEqual(Object.keys(set ?? {}), ["state", "context", "description"]);
      });

      for (const DESCRIPTION of [
        'quotes " and \\ backslashes \\" \\n',
        "lines\nand\ttabs and \u0001\u001f\u007f",
        "개발 브랜치가 옮겨졌습니다 – 😀 é",
        "$(id) `id` %s %n &",
        "",
      ]) {
        it(`says ${JSON.stringify(DESCRIPTION)} as it is`, async () => {
          assert.equal((await setStatus(shell, { DESCRIPTION })).set?.description, DESCRIPTION);
        });
      }

      it("takes the commit that tip.sh has found, where it is given none", async () => {
        const at = join(folder, `found-${(runs += 1).toString()}`);
        const found = `f${runs.toString().padStart(39, "0")}`;
        mkdirSync(at);
        writeFileSync(join(at, "commit"), found);
        await setStatus(shell, { COMMIT: "", RESULTS: at });
        assert.equal(server.statuses.get(found)?.state, "success");
      });

      it("cuts a context to the 255 characters that GitHub takes", async () => {
        const { set } = await setStatus(shell, { CONTEXT: "c".repeat(300) });
        assert.equal(set?.context, "c".repeat(255));
      });

      it("never fails, whatever it lacks", async () => {
        const { status } = await runScript(shell, "status.sh", { COMMIT: "1" });
        assert.equal(status, 0);
      });

      for (const character of ["a", "é", "ÿ", "개", "😀", '"', "\n"]) {
        it(`cuts a long text of ${JSON.stringify(character)} to 140 characters, none of them in the middle`, async () => {
          const { set } = await setStatus(shell, { DESCRIPTION: `x${character.repeat(300)}` });
          assert.equal(set?.description, `x${character.repeat(139)}`);
        });
      }

      it("tells what GitHub says when it refuses", async () => {
        const { output, commit } = await setStatus(shell, { TOKEN_FILE: WRONG_TOKEN_FILE });
        assert.equal(output, `could not set the status develop/service of ${commit}: 401 Bad credentials\n`);
      });

      it("tells no more of an answer than its message, without what a terminal obeys", async () => {
        const odd = await startHttpServer((_request, response) => {
          response
            .writeHead(422)
            .end(`{\n "secret": "x", "message": "\u001b[31mno \\"${"y".repeat(500)}" }\n\n`);
        });
        const { output, commit } = await setStatus(shell, { GITHUB_API: odd.url });
        odd.close();
        assert.equal(
          output,
          `could not set the status develop/service of ${commit}: 422 [31mno "${"y".repeat(192)}\n`,
        );
      });

      it("tries once more when GitHub is not well", async () => {
        let asked = 0;
        const sick = await startHttpServer((_request, response) => {
          asked += 1;
          response.writeHead(asked === 1 ? 502 : 201).end("{}");
        });
        const { output } = await setStatus(shell, { GITHUB_API: sick.url });
        sick.close();
        assert.match(output, /^set the status/);
        assert.equal(asked, 2);
      });

      it("tries no more than once more", async () => {
        let asked = 0;
        const sick = await startHttpServer((_request, response) => {
          asked += 1;
          response.writeHead(502).end("{}");
        });
        const { output } = await setStatus(shell, { GITHUB_API: sick.url });
        sick.close();
        assert.match(output, /^could not set the status/);
        assert.equal(asked, 2);
      });

      it("does not wait as long as GitHub would like", async () => {
        const busy = await startHttpServer((_request, response) => {
          response.writeHead(429, { "retry-after": "3600" }).end('{"message":"API rate limit exceeded"}');
        });
        const { output } = await setStatus(shell, { GITHUB_API: busy.url });
        busy.close();
        assert.match(output, /: 429 API rate limit exceeded\n$/);
      });

      it("goes on when GitHub does not answer", async () => {
        const hanging = await startHangingServer();
        const { output } = await setStatus(shell, { GITHUB_API: hanging.url, STATUS_TIMEOUT: "3" });
        hanging.close();
        assert.match(
          output,
          /^could not set the status develop\/service of \d+: 000 Operation timed out.*\n$/,
        );
      });

      it("goes on when nothing listens there", async () => {
        const gone = await startHttpServer(() => undefined);
        gone.close();
        const { output } = await setStatus(shell, { GITHUB_API: gone.url });
        assert.match(output, /^could not set the status develop\/service of \d+: 000 Failed to connect.*\n$/);
      });

      it("goes on without its token", async () => {
        const { output } = await setStatus(shell, { TOKEN_FILE: join(folder, "no-file") });
        assert.match(output, /could not set the status develop\/service of \d+: 401 Bad credentials\n/);
      });
    });
  }
});

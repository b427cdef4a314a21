/** The status of a commit, set by github.ts in a separate process. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { GitHubServer } from "../../support/github-server.ts";
import { startGitHubServer } from "../../support/github-server.ts";
import { startHangingServer, startHttpServer } from "../../support/http-server.ts";
import { programsFolder, runLines, temporaryFolder } from "../../support/script.ts";

after(() => server.close());

const folder = temporaryFolder("status");
const token = "github_pat_secret";
const TOKEN_FILE = join(folder, "token");
writeFileSync(TOKEN_FILE, `${token}\n`);
const WRONG_TOKEN_FILE = join(folder, "wrong");
writeFileSync(WRONG_TOKEN_FILE, "github_pat_wrong");

const programs = programsFolder;
const lines = `
  import { setStatus } from "./github.ts";
  const { COMMIT: commit, CONTEXT: context, STATE: state, DESCRIPTION: description, SECONDS } = process.env;
  await setStatus(process.env, { commit, context, state, description }, SECONDS && Number(SECONDS));
`;

let server: GitHubServer;
before(async () => {
  server = await startGitHubServer("a/service", token);
});
let runs = 0;

async function setStatus(variables: Readonly<Record<string, string>>) {
  runs += 1;
  const commit = runs.toString().padStart(40, "0");
  const { status, stdout, stderr } = await runLines(programs, lines, {
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

describe("setStatus of github.ts", { concurrency: true }, () => {
  it("sets the status of a commit", async () => {
    const { output, commit, set } = await setStatus({
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

  it("omits an empty address", async () => {
    const { set } = await setStatus({});
    assert.deepEqual(Object.keys(set ?? {}), ["state", "context", "description"]);
  });

  for (const DESCRIPTION of [
    'quotes " and \\ backslashes \\" \\n',
    "lines\nand\ttabs and \u0001\u001f\u007f",
    "개발 브랜치가 옮겨졌습니다 – ✨ é",
    "$(id) `id` %s %n &",
    "",
  ]) {
    it(`sets ${JSON.stringify(DESCRIPTION)} unchanged`, async () => {
      assert.equal((await setStatus({ DESCRIPTION })).set?.description, DESCRIPTION);
    });
  }

  it("replaces emojis by question marks, since GitHub refuses characters of four bytes", async () => {
    const { set } = await setStatus({ DESCRIPTION: "✨ 💥 failed 👩‍💻", CONTEXT: "develop/😀" });
    assert.deepEqual([set?.description, set?.context], ["✨ ? failed ?\u200d?", "develop/?"]);
  });

  it("cuts a context to the 255 characters that GitHub accepts", async () => {
    const { set } = await setStatus({ CONTEXT: "c".repeat(300) });
    assert.equal(set?.context, "c".repeat(255));
  });

  it("never fails, whatever the address", async () => {
    for (const GITHUB_API of ["", "nowhere", "https://127.0.0.1:1"]) {
      const { output } = await setStatus({ GITHUB_API });
      assert.match(output, /^could not set the status develop\/service of \d+: 000 \S.*\n$/);
    }
  });

  it("follows no redirect to another server, which would get the token", async () => {
    let asked = 0;
    const other = await startHttpServer((_request, response) => {
      asked += 1;
      response.writeHead(201).end("{}");
    });
    const moved = await startHttpServer((_request, response) => {
      response.writeHead(307, { location: other.url }).end('{"message":"Moved"}');
    });
    const { output } = await setStatus({ GITHUB_API: moved.url });
    other.close();
    moved.close();
    assert.match(output, /^could not set the status .*: 307 Moved\n$/);
    assert.equal(asked, 0);
  });

  for (const character of ["a", "é", "ÿ", "개", '"', "\n"]) {
    it(`cuts a long text of ${JSON.stringify(character)} to 140 whole characters`, async () => {
      const { set } = await setStatus({ DESCRIPTION: `x${character.repeat(300)}` });
      assert.equal(set?.description, `x${character.repeat(139)}`);
    });
  }

  it("logs GitHub's refusal", async () => {
    const { output, commit } = await setStatus({ TOKEN_FILE: WRONG_TOKEN_FILE });
    assert.equal(output, `could not set the status develop/service of ${commit}: 401 Bad credentials\n`);
  });

  it("logs only the message of an answer, without control characters", async () => {
    const unusual = await startHttpServer((_request, response) => {
      response.writeHead(422).end(`{\n "secret": "x", "message": "\u001b[31mno \\"${"y".repeat(500)}" }\n\n`);
    });
    const { output, commit } = await setStatus({ GITHUB_API: unusual.url });
    unusual.close();
    assert.equal(
      output,
      `could not set the status develop/service of ${commit}: 422 [31mno "${"y".repeat(192)}\n`,
    );
  });

  it("retries once if GitHub fails", async () => {
    let asked = 0;
    const sick = await startHttpServer((_request, response) => {
      asked += 1;
      response.writeHead(asked === 1 ? 502 : 201).end("{}");
    });
    const { output } = await setStatus({ GITHUB_API: sick.url });
    sick.close();
    assert.match(output, /^set the status/);
    assert.equal(asked, 2);
  });

  it("retries only once", async () => {
    let asked = 0;
    const sick = await startHttpServer((_request, response) => {
      asked += 1;
      response.writeHead(502).end("{}");
    });
    const { output } = await setStatus({ GITHUB_API: sick.url });
    sick.close();
    assert.match(output, /^could not set the status/);
    assert.equal(asked, 2);
  });

  it("does not retry if GitHub hangs up, since it may have accepted the status", async () => {
    let asked = 0;
    const closing = await startHttpServer((request) => {
      asked += 1;
      request.socket.destroy();
    });
    const { output } = await setStatus({ GITHUB_API: closing.url });
    closing.close();
    assert.match(output, /^could not set the status develop\/service of \d+: 000 socket hang up\n$/);
    assert.equal(asked, 1);
  });

  for (const retryAfter of ["3600", new Date(Date.now() + 3_600_000).toUTCString()]) {
    it(`does not wait as long as GitHub requests: ${retryAfter}`, async () => {
      let asked = 0;
      const busy = await startHttpServer((_request, response) => {
        asked += 1;
        response.writeHead(429, { "retry-after": retryAfter }).end('{"message":"API rate limit exceeded"}');
      });
      const { output } = await setStatus({ GITHUB_API: busy.url });
      busy.close();
      assert.match(output, /: 429 API rate limit exceeded\n$/);
      assert.equal(asked, 1);
    });
  }

  it("does not retry if GitHub reports a rate limit without a delay", async () => {
    let asked = 0;
    const busy = await startHttpServer((_request, response) => {
      asked += 1;
      response.writeHead(429).end('{"message":"You have exceeded a secondary rate limit."}');
    });
    const { output } = await setStatus({ GITHUB_API: busy.url });
    busy.close();
    assert.match(output, /: 429 You have exceeded a secondary rate limit\.\n$/);
    assert.equal(asked, 1);
  });

  it("continues if GitHub does not answer", async () => {
    const hanging = await startHangingServer();
    const { output } = await setStatus({ GITHUB_API: hanging.url, SECONDS: "1" });
    hanging.close();
    assert.match(output, /^could not set the status develop\/service of \d+: 000 Operation timed out.*\n$/);
  });

  it("continues if nothing listens there", async () => {
    const gone = await startHttpServer(() => undefined);
    gone.close();
    const { output } = await setStatus({ GITHUB_API: gone.url });
    assert.match(output, /^could not set the status develop\/service of \d+: 000 Failed to connect.*\n$/);
  });

  it("continues without its token", async () => {
    const { output } = await setStatus({ TOKEN_FILE: join(folder, "no-file") });
    assert.match(output, /could not set the status develop\/service of \d+: 401 Bad credentials\n/);
  });
});

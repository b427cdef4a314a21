/** The parts of `npm run sandbox` that need no cluster. test/up/sandbox.test.ts runs all of it. */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import { parseConfig } from "../../components/settings/parse.ts";
import { Follower } from "../../tools/sandbox/follow.ts";
import { forward } from "../../tools/sandbox/forward.ts";
import { noCommit, pushFields, receiveHook, refUpdates } from "../../tools/sandbox/pushes.ts";
import { sample, sampleStack, servicePath } from "../../tools/sandbox/sample.ts";
import { instructions } from "../../tools/sandbox/text.ts";
import { startGitServer } from "../support/cluster-git.ts";
import { root, secretsFor, stackConfig } from "../support/declare.ts";
import { startHttpServer } from "../support/http-server.ts";
import { temporaryFolder } from "../support/script.ts";

describe("the command", () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "tools/sandbox.ts"), ...args],
      { encoding: "utf8" },
    );
    return { status, stdout, first: stderr.split("\n")[0] };
  };

  for (const [what, args, first] of [
    ["an unknown option", ["--port", "1"], /^Unknown option '--port'/],
    ["another word", ["develop"], /^Unexpected argument 'develop'\.$/],
  ] as const) {
    it(`refuses ${what}`, () => {
      const { status, first: said } = run(...args);
      assert.equal(status, 1);
      assert.match(said ?? "", first);
    });
  }
});

describe("the sample's stack", () => {
  const surroundings = { ...(stackConfig("develop") as { cluster: object }), gitUrl: "http://10.0.0.1:1" };

  for (const deploys of [true, false]) {
    it(`is a valid stack file ${deploys ? "with" : "without"} an application`, () => {
      const config = sampleStack({ ...surroundings, registry: "registry:5000", deploys });
      const { errors } = parseConfig({ ...config, secrets: secretsFor(config) });
      assert.deepEqual(errors, []);
      assert.equal(config.projects[sample.project].applications.length, deploys ? 1 : 0);
    });
  }
});

describe("a push to the git server", () => {
  const folder = temporaryFolder("sandbox");

  it("is recorded by the hook before the client is answered, and the client sees its output", async () => {
    const heard: string[] = [];
    const repository = join(folder, "git", `${servicePath}.git`);
    const onReceived = (one: string) =>
      heard.push(`${one}: ${readFileSync(join(repository, "pushed"), "utf8")}`);
    const server = await startGitServer(join(folder, "git"), "127.0.0.1", {
      address: "127.0.0.1",
      onReceived,
    });
    after(server.close);
    const before = server.commit(servicePath, "main", { page: "one\n" });
    mkdirSync(join(repository, "hooks"), { recursive: true });
    writeFileSync(join(repository, "hooks/post-receive"), receiveHook, { mode: 0o755 });
    const work = join(folder, "work");
    // The server runs in this process, which must not block.
    const { stderr } = await script(
      `git clone --quiet "${server.url}/${servicePath}.git" "${work}" && cd "${work}" && echo two >page &&
       git -c user.name=a -c user.email=a@example.com commit --quiet --all --message two && git push --quiet`,
    );
    const commit = execFileSync("git", ["-C", work, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
    assert.deepEqual(heard, [`${servicePath}: ${before} ${commit} refs/heads/main\n`]);
    assert.match(stderr, /^remote: The webhook is notified\./m);
  });

  it("is refused by a server that receives no pushes", async () => {
    const server = await startGitServer(join(folder, "other"), "127.0.0.1", { address: "127.0.0.1" });
    after(server.close);
    server.commit(servicePath, "main", { page: "one\n" });
    const clone = join(folder, "refused");
    const pushed = script(
      `git clone --quiet "${server.url}/${servicePath}.git" "${clone}" && git -C "${clone}" push origin HEAD:refs/heads/x`,
    );
    await assert.rejects(pushed, /403/);
  });

  it("is delivered as GitHub delivers it", () => {
    const [made, gone, nothing] = refUpdates(
      `${noCommit} ${"a".repeat(40)} refs/heads/x\n${"a".repeat(40)} ${noCommit} refs/heads/x\n`,
    );
    assert.ok(made !== undefined && gone !== undefined && nothing === undefined);
    assert.deepEqual(pushFields(made, "words"), {
      before: noCommit,
      created: true,
      deleted: false,
      head_commit: { id: "a".repeat(40), message: "words", added: [], removed: [], modified: [] },
    });
    assert.deepEqual(pushFields(gone, ""), {
      before: "a".repeat(40),
      created: false,
      deleted: true,
      head_commit: null,
    });
  });
});

describe("the progress of a push", () => {
  const commit = "1a2b3c4d".repeat(5);
  const at = (second: number) => new Date(2026, 2, 1, 10, 0, second);
  const time = (second: number) => at(second).toISOString();
  const node = (name: string, from: number, to?: number) => ({
    displayName: name,
    templateName: name,
    phase: to === undefined ? "Running" : "Succeeded",
    startedAt: time(from),
    finishedAt: to === undefined ? null : time(to),
  });
  const build = (nodes: Readonly<Record<string, ReturnType<typeof node>>>, finishedAt?: string) => ({
    metadata: {
      name: "hello-1",
      creationTimestamp: time(0),
      labels: { "argo-cicd/service": "hello", "argo-cicd/commit": commit, "argo-cicd/branch": "main" },
    },
    status: { nodes, ...(finishedAt === undefined ? {} : { phase: "Succeeded", finishedAt }) },
  });

  it("is printed once, with a line for each step that has ended", () => {
    const lines: string[] = [];
    const follower = new Follower((line) => lines.push(line));
    follower.pushed("hello", commit, at(0));
    const begin = node("begin", 1, 2);
    follower.see([build({ begin, build: node("build", 2) })], at(3));
    follower.see([build({ begin, build: node("build", 2, 9) })], at(10));
    follower.see([build({ begin, build: node("build", 2, 9) }, time(12))], at(12));
    follower.see([build({ begin, build: node("build", 2, 9) }, time(12))], at(13));
    assert.deepEqual(lines, [
      "10:00:00  hello 1a2b3c4  pushed",
      "10:00:03  hello 1a2b3c4  begin   took 1 s; 3.0 s after the push",
      "10:00:10  hello 1a2b3c4  build   took 7 s; 10.0 s after the push",
      "10:00:12  hello 1a2b3c4  ended: published; 12.0 s after the push",
    ]);
  });
});

describe("a forwarded port", () => {
  it("connects to the current address of its target, and answers 503 without one", async () => {
    let url = "http://127.0.0.1:1";
    const { url: here, close } = await forward(() => Promise.resolve(url));
    after(close);
    const nowhere = await fetch(here);
    assert.deepEqual([nowhere.status, await nowhere.text()], [503, "not ready yet\n"]);
    const server = await startHttpServer((_, response, body) => response.end(`answer to ${body}`));
    after(server.close);
    url = server.url;
    assert.equal(
      await (await fetch(here, { method: "POST", body: "a question" })).text(),
      "answer to a question",
    );
  });
});

describe("the instructions", () => {
  const cluster = { git: "http://localhost:1", kubectl: "kubectl", kubeconfig: "file" };

  it("name the three commands", () => {
    const text = instructions({ ...cluster, page: "http://localhost:2" });
    for (const one of [
      /^ {2}git clone http:\/\/localhost:1\/acme\/hello\.git/m,
      /git push$/m,
      /^ {2}curl http:\/\/localhost:2$/m,
    ])
      assert.match(text, one);
  });

  it("tell if nothing is deployed, and name no page then", () => {
    const text = instructions(cluster);
    assert.match(text, /^Nothing is deployed here: .*nodes cannot pull/m);
    assert.doesNotMatch(text, /curl/);
  });
});

function script(text: string) {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_TERMINAL_PROMPT: "0" };
  return promisify(execFile)("sh", ["-euc", text], { env });
}

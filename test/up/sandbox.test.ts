/** `npm run sandbox` as a user runs it: a clone, a push, the page, and Ctrl-C. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { after, afterEach, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { existing } from "../support/cluster-environment.ts";
import { leftovers } from "../support/cluster-machine.ts";
import { until } from "../support/cluster-wait.ts";
import { root } from "../support/declare.ts";
import { temporaryFolder } from "../support/script.ts";

const skip = existing === undefined ? false : "nothing is deployed to an existing cluster";

describe("the sandbox", { skip }, () => {
  const folder = temporaryFolder("sandbox");
  let sandbox: ChildProcess;
  let output = "";
  before(async () => {
    sandbox = spawn(process.execPath, ["tools/sandbox.ts"], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [sandbox.stdout, sandbox.stderr])
      stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    // Beside other tests it takes several times as long.
    await until("it is up", () => ended() || output.includes("Ctrl-C"), 300);
    assert.ok(!ended(), output);
  });
  after(() => sandbox.kill("SIGKILL"));
  afterEach((context) => {
    if ("passed" in context && !context.passed) process.stderr.write(output);
  });

  const ended = () => sandbox.exitCode !== null;

  /** @returns what the pattern captures in the output */
  const printed = (pattern: RegExp): string => {
    const [, found] = pattern.exec(output) ?? [];
    assert.ok(found !== undefined, `${String(pattern)} in:\n${output}`);
    return found;
  };

  it("deploys the sample, and then a change that is pushed with the printed commands", async () => {
    const page = printed(/^ {2}curl (\S+)$/m);
    const isShown = (text: string) =>
      until(`the page shows ${text}`, async () => (await (await fetch(page)).text()).includes(text), 180);
    await isShown("<h1>Hello</h1>");
    const commit = await run(
      `${printed(/^ {2}(git clone .*)$/m)} && ${printed(/^ {2}(sed .*)$/m)} && git rev-parse HEAD`,
    );
    await isShown(`<h1>Good morning</h1>\n<p>commit ${commit}</p>`);
    await until("the end of the build is printed", () =>
      new RegExp(`${commit.slice(0, 7)}  ended: live`).test(output),
    );
    for (const step of ["begin", "build", "publish", "live"]) {
      const line = `^\\d\\d:\\d\\d:\\d\\d  hello ${commit.slice(0, 7)}  ${step} +took \\d+ s; \\d+\\.\\d s after the push$`;
      assert.match(output, new RegExp(line, "m"));
    }
  });

  it("applies a change of the manifests to the cluster", async () => {
    const git = printed(/^The manifests that run it: (\S+)$/m);
    const twice = "sed -i '0,/^spec:$/s//spec:\\n  replicas: 2/' k8s/hello.yaml";
    await run(
      `git clone --quiet ${git} && cd hello-cluster && ${twice} && git commit --quiet --all --message Two && git push --quiet`,
    );
    const pods = printed(/^The cluster: (.*)$/m);
    await until(
      "two pods run it",
      async () => (await run(`${pods} | grep -c '^default *hello-.* 1/1 *Running'`)) === "2",
    );
  });

  it("leaves nothing behind after Ctrl-C", async () => {
    const machine = printed(/(argo-cicd-test\d+)\//);
    assert.ok(leftovers(machine).length > 0);
    sandbox.kill("SIGINT");
    const [code] = (await once(sandbox, "exit")) as [number | null];
    assert.equal(code, 0);
    assert.match(output, /^Nothing is left\.$/m);
    assert.deepEqual(leftovers(machine), []);
  });

  /** As a user would, with their own git identity. */
  async function run(text: string): Promise<string> {
    const who = { name: "a person", email: "person@example.com" };
    const env = {
      ...process.env,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_AUTHOR_NAME: who.name,
      GIT_AUTHOR_EMAIL: who.email,
      GIT_COMMITTER_NAME: who.name,
      GIT_COMMITTER_EMAIL: who.email,
    };
    const { stdout } = await promisify(execFile)("sh", ["-euc", text], { cwd: folder, env });
    return stdout.trim().split("\n").at(-1) ?? "";
  }
});

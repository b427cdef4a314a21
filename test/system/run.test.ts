import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../tools/system/run.ts";
import { root } from "../support/declare.ts";
import { handedOn } from "../support/script.ts";

const sh = (script: string, options = {}) => run("sh", ["-c", script], options);

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A process that was ended stays visible until its new parent has noticed. */
async function ends(pid: number): Promise<void> {
  for (let tries = 0; exists(pid); tries += 1) {
    assert.ok(tries < 500, `process ${pid.toString()} still runs`);
    await sleep(20);
  }
}

describe("a program that a command runs", () => {
  it("gets its input, and returns what it prints and how it exited", async () => {
    assert.deepEqual(await sh("cat; echo e >&2", { input: "in" }), {
      stdout: "in",
      stderr: "e\n",
      status: 0,
      failure: undefined,
    });
    assert.deepEqual(await sh("exit 3"), { stdout: "", stderr: "", status: 3, failure: "sh exited with 3" });
    const { status, failure } = await sh("kill -KILL $$");
    assert.deepEqual([status, failure], [undefined, "sh was ended by SIGKILL"]);
    const missing = await run("no-such-program", []);
    assert.equal(missing.failure, "no-such-program cannot be started: it is not installed, or not in PATH");
  });

  it("ends with its children after its timeout, also if it ignores signals", async () => {
    const { stdout, failure } = await sh("trap '' TERM INT; sleep 600 & echo $!; wait", { timeout: 1000 });
    assert.equal(failure, "no answer within 1 s");
    await ends(Number(stdout));
  });

  it("is stopped if it prints too much", async () => {
    const { stdout, failure } = await run("yes", [], { maxBytes: 100_000 });
    assert.equal(failure, "yes printed more than 100000 bytes");
    assert.ok(stdout.length <= 100_000);
  });

  for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    it(`ends with the command at ${signal}, which leaves no folder behind`, async () => {
      const child = spawn(process.execPath, ["--input-type=module", "--eval", command], {
        cwd: root,
        env: { ...handedOn, PATH: process.env["PATH"] },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "close");
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const folder = line.toString().trim();
      const sleeping = await pidIn(join(folder, "pid"));
      child.kill(signal);
      assert.deepEqual(await ended, [status, null]);
      assert.ok(!existsSync(folder));
      await ends(sleeping);
    });
  }
});

/** A command that has created a folder, and waits for a program with a child. */
const command = `
import { temporaryFolder } from "./tools/system/files.ts";
import { run } from "./tools/system/run.ts";
const folder = temporaryFolder("ended-").path;
void run("sh", ["-c", "sleep 600 & echo $! >pid; wait"], { cwd: folder });
console.log(folder);
`;

async function pidIn(file: string): Promise<number> {
  for (let tries = 0; tries < 500; tries += 1) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text.endsWith("\n")) return Number(text);
    await sleep(20);
  }
  throw new Error(`nothing was written to ${file}`);
}

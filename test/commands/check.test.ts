import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { until } from "../support/cluster-wait.ts";
import { root } from "../support/declare.ts";
import { handedOn } from "../support/script.ts";

const folder = mkdtempSync(join(tmpdir(), "check-"));
after(() => rmSync(folder, { recursive: true }));

const pidFile = join(folder, "pid");

/** A test that goes on for longer than this test waits. */
const test = `import { renameSync, writeFileSync } from "node:fs";
import { it } from "node:test";
it("waits", async () => {
  writeFileSync("${pidFile}.part", process.pid.toString());
  renameSync("${pidFile}.part", "${pidFile}");
  await new Promise((done) => setTimeout(done, 600_000));
});
`;

const runner = `import { run } from "node:test";
const preload = ${JSON.stringify(join(root, "tools/check/test-process.ts"))};
run({ files: [${JSON.stringify(join(folder, "waits.test.mjs"))}], execArgv: ["--import", preload] }).resume();
`;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("npm test", () => {
  it("leaves no test behind when it is killed", async () => {
    writeFileSync(join(folder, "waits.test.mjs"), test);
    writeFileSync(join(folder, "runner.mjs"), runner);
    const child = spawn(process.execPath, [join(folder, "runner.mjs")], { stdio: "ignore", env: handedOn });
    await until("the test has started", () => Promise.resolve(existsSync(pidFile)), 30);
    const pid = Number(readFileSync(pidFile, "utf8"));
    child.kill("SIGKILL");
    await until("the test has ended", () => Promise.resolve(!isRunning(pid)), 30);
  });
});

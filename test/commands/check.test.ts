import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { until } from "../support/cluster-wait.ts";
import { root } from "../support/declare.ts";
import { handedOn } from "../support/script.ts";

const folder = mkdtempSync(join(tmpdir(), "check-"));
after(() => rmSync(folder, { recursive: true }));

const open = join(folder, "open");

/** A test that has something open, and closes it when it is ended. */
const test = `import { rmSync, writeFileSync } from "node:fs";
import { it } from "node:test";
it("waits", async () => {
  process.once("SIGTERM", () => {
    rmSync(${JSON.stringify(open)});
    process.exit(1);
  });
  writeFileSync(${JSON.stringify(open)}, "");
  await new Promise((done) => setTimeout(done, 60_000));
});
`;

const runner = `import { run } from "node:test";
const preload = ${JSON.stringify(join(root, "tools/check/test-process.ts"))};
run({ files: [${JSON.stringify(join(folder, "waits.test.mjs"))}], execArgv: ["--import", preload] }).resume();
`;

describe("npm test", () => {
  it("leaves no test behind when it is killed", async () => {
    writeFileSync(join(folder, "waits.test.mjs"), test);
    writeFileSync(join(folder, "runner.mjs"), runner);
    const child = spawn(process.execPath, [join(folder, "runner.mjs")], { stdio: "ignore", env: handedOn });
    await until("the test has started", () => Promise.resolve(existsSync(open)), 30);
    child.kill("SIGKILL");
    await until("the test has ended", () => Promise.resolve(!existsSync(open)), 30);
  });
});

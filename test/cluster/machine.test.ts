/** The machine on which the cluster runs leaves nothing behind, however its test ends. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { existing } from "../support/cluster-environment.ts";
import { leftovers } from "../support/cluster-machine.ts";
import { until } from "../support/cluster-wait.ts";

const library = join(import.meta.dirname, "../support/cluster-machine.ts");

/** A process that starts a machine, makes in it what a cluster would, prints its name, and waits. */
const program = `
  const { startMachine } = await import(${JSON.stringify(library)});
  const machine = await startMachine("gone");
  machine.start("sleep", "sleep", ["600"]);
  await machine.run("iptables", ["-N", "KUBE-TEST"]);
  await machine.run("sh", ["-c", 'mkdir "$0" && mount -t tmpfs tmpfs "$0"', machine.folder + "/mounted"]);
  console.log(machine.name);
  // It ends with the test, however that ends.
  process.stdin.on("end", () => process.exit()).resume();
`;

const skip = existing === undefined ? false : "with an existing cluster, no machine is started";

describe("the machine", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    it(`is gone without a trace when its test gets ${signal}`, { skip }, async () => {
      const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      const name = await new Promise<string>((done) =>
        child.stdout.once("data", (line: Buffer) => done(line.toString().trim())),
      );
      assert.ok(leftovers(name).some((one) => one.startsWith("link ")));
      assert.ok(leftovers(name).some((one) => one.startsWith("control group ")));
      child.kill(signal);
      await until("nothing is left", () => leftovers(name).length === 0, 60);
    });
  }
});

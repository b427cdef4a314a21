/** Runs an operation of the engine in its own process, which can be killed without harm to the test's. */
import { fork } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Chart } from "../../components/charts/chart.ts";
import { charts } from "../../components/charts/charts.ts";
import type { Listening, Opening, Operation, Plan } from "./engine-stack.ts";

/** The first message to the process. */
export interface Task {
  readonly operation: Operation;
  readonly opening: Opening;
  readonly exclude: readonly string[];
  /** The versions and repositories of the charts, as the test has changed them. */
  readonly charts: readonly (readonly [string, Pick<Chart, "version" | "repository">])[];
}

/** What the process reports. The last report is a plan or an error. */
export type Report = { readonly printed: string } | { readonly plan: Plan } | { readonly error: string };

/** @throws Error with the engine's error, or with the signal that has ended the process */
export function operateApart(
  operation: Operation,
  opening: Opening,
  { onOutput, exclude = [], signal }: Listening,
): Promise<Plan> {
  const child = fork(join(import.meta.dirname, "engine-operation.ts"), {
    env: {
      ...process.env,
      // Identifies the process and its children, to kill them.
      PULUMI_HOME: join(opening.folder, "home"),
      // The program calls the cluster, too.
      ...(opening.kubeconfig === undefined ? {} : { KUBECONFIG: opening.kubeconfig }),
    },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const pinned = Object.entries<Chart>(charts).map(
    ([key, { version, repository }]) => [key, { version, repository }] as const,
  );
  const task: Task = { operation, opening, exclude, charts: pinned };
  child.send(task);
  signal?.addEventListener("abort", () => child.send("interrupt"));
  return new Promise((done, fail) => {
    let last: Exclude<Report, { printed: string }> | undefined;
    child.on("message", (report: Report) => {
      if ("printed" in report) onOutput(report.printed);
      else last = report;
    });
    child.on("error", fail);
    // Not before: after its last report, the process ends the remaining processes of its stack.
    child.on("exit", (code, by) => {
      if (last === undefined) fail(new Error(`the engine's process has ended: ${by ?? String(code)}`));
      else if ("plan" in last) done(last.plan);
      else fail(new Error(last.error));
    });
  });
}

/** Kills the processes of a stack, the command with its plugins, except this one. */
export function killAll(folder: string): void {
  for (const pid of processesOf(folder)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // The process has ended since.
    }
  }
}

/** Processes that were started for a stack have its folder in their environment. */
function processesOf(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid.toString()}/environ`, "utf8").includes(`PULUMI_HOME=${folder}`);
      } catch {
        // The process has ended since.
        return false;
      }
    });
}

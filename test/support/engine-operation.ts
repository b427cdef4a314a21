/** The process of one operation of the engine; see engine-process.ts. */
import { once } from "node:events";
import { dirname } from "node:path";
import { charts } from "../../components/charts/charts.ts";
import { clusterTool } from "./cluster-tools.ts";
import type { Report, Task } from "./engine-process.ts";
import { killAll } from "./engine-process.ts";
import { openStack, operate } from "./engine-stack.ts";

const send = (report: Report) => process.send?.(report);
const interrupt = new AbortController();
const [task] = (await once(process, "message")) as [Task];
process.on("message", () => interrupt.abort());
// The operation or the test has ended, in whatever way.
process.on("disconnect", () => {
  killAll(task.opening.folder);
  process.exit();
});
for (const [key, chart] of task.charts) {
  Object.assign(charts[key as keyof typeof charts], chart);
}
// As on a user's machine beside `pulumi`: the program calls the cluster with it.
process.env["PATH"] = `${dirname(await clusterTool("kubectl"))}:${process.env["PATH"] ?? ""}`;
try {
  const stack = await openStack(task.opening);
  const plan = await operate(stack, task.operation, task.opening, {
    onOutput: (printed) => send({ printed }),
    exclude: task.exclude,
    signal: interrupt.signal,
  });
  send({ plan });
} catch (error) {
  send({ error: String(error) });
}
process.disconnect();

/** The process of one operation of the engine; see engine-process.ts. */
import { once } from "node:events";
import { dirname } from "node:path";
import { charts } from "../../components/charts/charts.ts";
import { clusterTool } from "./cluster-tools.ts";
import type { Task, Word } from "./engine-process.ts";
import { killAll } from "./engine-process.ts";
import { openStack, operate } from "./engine-stack.ts";

const say = (word: Word) => process.send?.(word);
const interrupt = new AbortController();
const [task] = (await once(process, "message")) as [Task];
process.on("message", () => interrupt.abort());
// The operation has ended, or the test has, however that was.
process.on("disconnect", () => {
  killAll(task.opening.folder);
  process.exit();
});
for (const [key, chart] of task.charts) {
  Object.assign(charts[key as keyof typeof charts], chart);
}
// As people have it beside `pulumi`: the program asks the cluster through it.
process.env["PATH"] = `${dirname(await clusterTool("kubectl"))}:${process.env["PATH"] ?? ""}`;
try {
  const stack = await openStack(task.opening);
  const plan = await operate(stack, task.operation, task.opening, {
    onOutput: (printed) => say({ printed }),
    exclude: task.exclude,
    signal: interrupt.signal,
  });
  say({ plan });
} catch (error) {
  say({ error: String(error) });
}
process.disconnect();

/** Kills the process if a run hangs: a program in a busy loop cannot stop itself. */
import { Worker } from "node:worker_threads";

/** Far longer than a run takes on a busy machine. */
const seconds = 60;

const watch = `
const { workerData: { beats, file, seconds } } = require("node:worker_threads");
const counter = new Int32Array(beats);
for (let seen = 0; ; seen = Atomics.load(counter, 0)) {
  if (Atomics.wait(counter, 0, seen, seconds * 1000) !== "timed-out") continue;
  require("node:fs").writeSync(2, require("node:fs").readFileSync(file, "utf8") + "\\nhas no result after " + seconds + " seconds\\n");
  process.kill(process.pid, "SIGKILL");
}`;

/** @param file the file to print if `beat` is not called for `seconds` */
export async function watched<Result>(
  file: string,
  run: (beat: () => void) => Promise<Result>,
): Promise<Result> {
  const beats = new SharedArrayBuffer(4);
  const counter = new Int32Array(beats);
  const worker = new Worker(watch, { eval: true, workerData: { beats, file, seconds } });
  try {
    return await run(() => {
      Atomics.add(counter, 0, 1);
      Atomics.notify(counter, 0);
    });
  } finally {
    await worker.terminate();
  }
}

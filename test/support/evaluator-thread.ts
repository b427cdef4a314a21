/** The thread of evaluator.ts. */
import { parentPort } from "node:worker_threads";
import { evaluate } from "../../tools/offline/evaluate.ts";
import { evaluateStackFile } from "../../tools/offline/expected.ts";
import type { Job, Reply } from "./evaluator.ts";

let evaluations = 0;

function evaluation(job: Job) {
  if (typeof job === "string") return evaluateStackFile(job);
  evaluations += 1;
  const run = evaluations.toString();
  // A module is evaluated once for each name.
  return evaluate(job, () => import(`../../index.ts?evaluation=${run}`) as Promise<object>);
}

async function reply(job: Job): Promise<Reply> {
  try {
    return { evaluation: await evaluation(job) };
  } catch (error) {
    return { error };
  }
}

parentPort?.on("message", (job: Job) => void reply(job).then((one) => parentPort?.postMessage(one)));

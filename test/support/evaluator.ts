/**
 * Evaluates stacks in a separate thread. `node:test` tracks every promise of its own thread, and Pulumi creates so many
 * that this took more than half of the time.
 */
import { Worker } from "node:worker_threads";
import type { Evaluation, Stack } from "../../tools/offline/evaluate.ts";

/** A stack, or the path of a stack file. */
export type Job = Stack | string;

export type Reply = { readonly evaluation: Evaluation } | { readonly error: unknown };

let worker: Worker | undefined;
let last: Promise<unknown> = Promise.resolve();

/** One after another, because Pulumi's settings are global: those of tests that run side by side wait. */
export function evaluateApart(job: Job): Promise<Evaluation> {
  const evaluation = last.then(() => ask(job));
  last = evaluation.catch(() => undefined);
  return evaluation;
}

/** The thread keeps the process alive only until it answers. */
function ask(job: Job): Promise<Evaluation> {
  const thread = (worker ??= new Worker(new URL("evaluator-thread.ts", import.meta.url)));
  thread.ref();
  return new Promise<Evaluation>((done, fail) => {
    thread.once("message", (reply: Reply) => {
      thread.unref();
      if ("error" in reply) fail(reply.error instanceof Error ? reply.error : new Error(String(reply.error)));
      else done(reply.evaluation);
    });
    thread.once("error", fail);
    thread.postMessage(job);
  }).finally(() => thread.removeAllListeners("error"));
}

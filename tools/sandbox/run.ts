/** Runs the sandbox until Ctrl-C. */
import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { requireSite } from "../../test/support/cluster-site.ts";
import { clusterTool } from "../../test/support/cluster-tools.ts";
import { UserError } from "../offline/user-error.ts";
import { buildParts } from "./parts.ts";
import { clusterPath, servicePath } from "./sample.ts";
import type { Sandbox } from "./start.ts";
import { deploys, startSandbox } from "./start.ts";
import { instructions } from "./text.ts";
import { Watch } from "./watch.ts";
import { installWebhooks } from "./webhooks.ts";

type Print = (line: string) => void;

/**
 * Returns after Ctrl-C, once everything is removed.
 * @throws UserError of one line if this machine lacks something, or with what could not be removed
 */
export async function runSandbox(print: Print): Promise<void> {
  await prepare(print);
  const started = performance.now();
  const said = (text: string) => print(`${secondsSince(started)}  ${text}`);
  const git = new EventEmitter<{ received: [repository: string] }>();
  const stop = stopped();
  const starting = startSandbox(said, (repository) => git.emit("received", repository));
  if ((await Promise.race([stop, starting])) === true) {
    print("Removing what has been started ...");
    // All of it ends with this process.
    process.exit(130);
  }
  const sandbox = await starting;
  const webhooks = await installWebhooks(sandbox.cluster, [servicePath, clusterPath]);
  const watch = new Watch(sandbox, webhooks, print);
  git.on("received", (repository) => watch.received(repository));
  said("The sandbox is up.");
  print(await instructionsOf(sandbox));
  watch.first();
  while (!(await Promise.race([stop, sleep(300, false)]))) await watch.poll();
  print("Removing everything ...");
  const left = await sandbox.close();
  if (left.length > 0) throw new UserError(`Not removed:\n${left.join("\n")}`);
  print("Nothing is left.");
}

function secondsSince(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s`;
}

async function prepare(print: Print): Promise<void> {
  try {
    await requireSite();
    await buildParts(print);
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error));
  }
}

async function instructionsOf({ gitUrl, pageUrl, kubeconfig }: Sandbox): Promise<string> {
  const kubectl = await clusterTool("kubectl");
  return instructions({ git: gitUrl, ...(deploys ? { page: pageUrl } : {}), kubectl, kubeconfig });
}

/** Resolves at the first signal. npm forwards the one that the terminal has already sent. */
function stopped(): Promise<true> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => done(true));
  });
}

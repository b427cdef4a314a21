/**
 * Measures what many pushes cost a stack on a real node: the time until a build starts, and the usage of Argo's
 * controller and sensors, the API server and etcd. Builds are as large in etcd as real ones, but run no pod: each step
 * waits. Needs what `npm run test:cluster` needs, with a node of its own. Prints its progress every five minutes.
 * Ctrl-C ends it early: it prints what it has measured until then, and removes everything.
 *
 * npm run bench:load -- [<pushes> [<pushes an hour>]]   1000 pushes, 6000 an hour, if not given
 */
import type { ClusterApi } from "../test/support/cluster-api.ts";
import type { BuildCluster } from "../test/support/cluster-stack.ts";
import { startBuildCluster } from "../test/support/cluster-stack.ts";
import { committedConfig } from "../test/support/cluster-stack-config.ts";
import type { Build, Load, Sent } from "./bench/load-pushes.ts";
import { builds, ended, finished, removeAll, send } from "./bench/load-pushes.ts";
import { shorten } from "./bench/load-template.ts";
import type { EtcdSize, ProcessName, Usage } from "./bench/node-usage.ts";
import { compact, etcdSize, processNames, usageOf } from "./bench/node-usage.ts";
import { median, quantile } from "./bench/quantile.ts";

const [pushes = 1000, anHour = 6000] = process.argv.slice(2).map(Number);
const services = ["alog-service-user", "alog-service-auth", "alog-service-file", "alog-front-web"];
/** Seconds of a build's longest step, and how many builds run at once. */
const [duration, atOnce] = [20, 50];
/** In seconds after the last push. Builds that have not ended by then are a backlog. */
const patience = 300;

/** The usage up to a moment. */
interface Sample {
  readonly at: number;
  readonly usage: Readonly<Record<ProcessName, Usage>>;
  readonly requests: number;
  readonly etcd: EtcdSize;
}

interface Measured {
  readonly before: Sample;
  readonly after: Sample;
  readonly sent: readonly Sent[];
  readonly builds: readonly Build[];
  /** Compacted etcd: with the finished Workflows, and without them. */
  readonly kept: EtcdSize;
  readonly removed: EtcdSize;
}

async function measure(cluster: BuildCluster, load: Load, signal: AbortSignal): Promise<Measured> {
  const { api, run } = cluster;
  if (run === undefined) throw new Error("this needs a node of its own: unset CLUSTER_KUBECONFIG");
  const sample = async (etcd: EtcdSize): Promise<Sample> => ({
    at: Date.now(),
    usage: await usageOf(run),
    requests: await requestsOf(api),
    etcd,
  });
  for (const service of load.services) await shorten(cluster, service, duration);
  const before = await sample(await compact(run));
  const progress = setInterval(() => void report(api, before.at), 300_000);
  const sent = await send(cluster, load, signal);
  await ended(api, sent.length, patience, signal);
  clearInterval(progress);
  const after = await sample(await etcdSize(run));
  const all = await builds(api);
  const kept = await compact(run);
  await removeAll(api);
  return { before, after, sent, builds: all, kept, removed: await compact(run) };
}

async function report(api: ClusterApi, since: number): Promise<void> {
  const count = await finished(api).catch(String);
  console.log(
    `after ${((Date.now() - since) / 60_000).toFixed(0)} minutes ${count.toString()} builds have ended`,
  );
}

/** How many requests the API server has answered. */
async function requestsOf(api: ClusterApi): Promise<number> {
  const lines = String(await api.call("/metrics")).matchAll(/^apiserver_request_total{.*} (\S+)$/gm);
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

function row(what: string, ...values: readonly string[]): void {
  console.log(`${what.padEnd(34)}${values.map((one) => one.padStart(20)).join("")}`);
}

function print(measured: Measured): void {
  printBuilds(measured);
  printProcesses(measured);
  printEtcd(measured);
}

function printBuilds({ sent, builds: all }: Measured): void {
  const made = new Map(all.map((one) => [one.name, one]));
  const delays = sent.flatMap(({ name, at }) => {
    const { startedAt } = made.get(name) ?? {};
    return startedAt === undefined || Number.isNaN(startedAt) ? [] : [(startedAt - at) / 1000];
  });
  const last = Math.max(...sent.map(({ at }) => at));
  const ends = all.flatMap(({ finishedAt }) => (Number.isNaN(finishedAt) ? [] : [finishedAt]));
  const lost = sent.filter(({ name }) => !made.has(name)).length;
  const twice = all.length - new Set(all.map(({ commit }) => commit)).size;
  row("pushes, interval", sent.length.toString(), `${(3600 / anHour).toFixed(2)} s`);
  row("builds started, lost, twice", all.length.toString(), lost.toString(), twice.toString());
  row("builds that have ended", ends.length.toString());
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  row("until a build starts, median, 95 %", seconds(median(delays)), seconds(quantile(delays, 0.95)));
  row("last end after the last push", seconds((Math.max(...ends) - last) / 1000));
}

function printProcesses({ before, after }: Measured): void {
  const took = (after.at - before.at) / 1000;
  row(`in ${took.toFixed(0)} s`, "CPU", "of a core", "peak memory");
  for (const name of processNames) {
    const cpu = after.usage[name].cpu - before.usage[name].cpu;
    const share = `${((cpu / took) * 100).toFixed(1)} %`;
    row(name, `${cpu.toFixed(1)} s`, share, `${after.usage[name].memory.toFixed(0)} MiB`);
  }
  row("requests to the API server", `${((after.requests - before.requests) / took).toFixed(1)} /s`);
}

function printEtcd({ before, after, kept, removed, builds: all }: Measured): void {
  row("etcd, bytes", "in use", "file");
  const sizes = { "at the start": before.etcd, "at the end": after.etcd, compacted: kept, removed };
  for (const [what, { used, file }] of Object.entries(sizes)) row(what, used.toString(), file.toString());
  row("of a finished Workflow", ((kept.used - removed.used) / all.length).toFixed(0));
  row("the same as JSON", median(all.map(({ length }) => length)).toFixed(0));
}

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());
// Before the stack is up, all of it ends with this process.
const exit = () => process.exit(130);
interrupted.signal.addEventListener("abort", exit);
const cluster = await startBuildCluster("develop", {
  withArgoCd: true,
  configOf: (site, git) => {
    const config = committedConfig("develop", false)(site, git);
    return { ...config, builds: { ...(config["builds"] as object), atOnce } };
  },
});
interrupted.signal.removeEventListener("abort", exit);
try {
  print(await measure(cluster, { pushes, anHour, services }, interrupted.signal));
  if (interrupted.signal.aborted) process.exitCode = 130;
} finally {
  const left = await cluster.close();
  if (left.length > 0) console.log(`Not removed:\n${left.join("\n")}`);
}

/**
 * Measures what many pushes cost a stack on a real node: the time until a build starts, Argo's controller and sensor, the API server
 * and etcd. Builds are as long in etcd as real ones, and run no pod: each step waits. Needs what `npm run test:cluster` needs.
 *
 * npm run bench:load -- [<pushes> [<pushes an hour>]]   1000 pushes, 6000 an hour, if not given
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterObject } from "../test/support/cluster-api.ts";
import { namespaces } from "../test/support/cluster-argo.ts";
import type { BuildCluster } from "../test/support/cluster-stack.ts";
import { startBuildCluster } from "../test/support/cluster-stack.ts";
import { committedConfig } from "../test/support/cluster-stack-config.ts";
import { applyTemplate } from "../test/support/cluster-template.ts";
import {
  namespace,
  pushOf,
  randomCommit,
  triggerOf,
  workflow,
  workflowName,
} from "../test/support/cluster-trigger.ts";
import { until } from "../test/support/cluster-wait.ts";
import { nodeName } from "../test/support/node.ts";
import { median, quantile } from "./bench/quantile.ts";

const [pushes = 1000, anHour = 6000] = process.argv.slice(2).map(Number);
/** Milliseconds between two pushes. */
const interval = 3_600_000 / anHour;
/** Seconds of a build, and how many run at once. */
const [duration, atOnce] = [20, 50];

interface Template {
  readonly name: string;
  readonly container?: object;
  readonly inputs?: object;
  readonly outputs?: { readonly parameters: readonly { readonly name: string }[] };
  readonly synchronization?: object;
}

/** A step that waits instead of running a pod, and is as long as the real one. */
function waiting(template: Template): object {
  const { name, container, inputs, outputs, synchronization } = template;
  if (container === undefined) return template;
  const short = {
    name,
    ...(inputs === undefined ? {} : { inputs }),
    ...(synchronization === undefined ? {} : { synchronization }),
    ...(outputs === undefined
      ? {}
      : {
          outputs: {
            parameters: outputs.parameters.map((one) => ({
              name: one.name,
              valueFrom: { supplied: {}, default: "0".repeat(71) },
            })),
          },
        }),
    suspend: { duration: name === "build" ? duration.toString() : "1" },
  };
  const missing = JSON.stringify(template).length - JSON.stringify(short).length;
  return { ...short, metadata: { annotations: { padding: "x".repeat(Math.max(0, missing)) } } };
}

async function shorten(cluster: BuildCluster, name: string): Promise<void> {
  const template = cluster.objects.find(
    ({ kind, metadata }) => kind === "WorkflowTemplate" && metadata.name === name,
  );
  if (template === undefined) throw new Error(`the stack has no WorkflowTemplate ${name}`);
  const spec = template["spec"] as { templates: Template[] };
  await applyTemplate(cluster.api, {
    ...template,
    spec: { ...spec, templates: spec.templates.map(waiting) },
  });
}

/** What processes have used so far: seconds of processor time, and MiB. */
type Usage = Readonly<Record<string, { readonly cpu: number; readonly memory: number }>>;

const mebibyte = 2 ** 20;

async function usage({ api }: BuildCluster): Promise<Usage> {
  const summary = (await api.call(`/api/v1/nodes/${nodeName}/proxy/stats/summary`)) as {
    pods: {
      podRef: { name: string; namespace: string };
      cpu?: { usageCoreNanoSeconds: number };
      memory?: { workingSetBytes: number };
    }[];
  };
  const ofPod = (place: string, begins: string) => {
    const pod = summary.pods.find(
      ({ podRef }) => podRef.namespace === place && podRef.name.startsWith(begins),
    );
    return {
      cpu: (pod?.cpu?.usageCoreNanoSeconds ?? 0) / 1e9,
      memory: (pod?.memory?.workingSetBytes ?? 0) / mebibyte,
    };
  };
  const metrics = String(await api.call("/metrics"));
  const metric = (name: string) =>
    Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, "m").exec(metrics)?.[1] ?? NaN);
  return {
    "controller of Argo Workflows": ofPod(namespaces.workflows, "argo-workflows-workflow-controller"),
    sensor: ofPod(namespaces.events, "alog-sensor"),
    "event source": ofPod(namespaces.events, "github-eventsource"),
    bus: ofPod(namespaces.events, "eventbus"),
    "API server": {
      cpu: metric("process_cpu_seconds_total"),
      memory: metric("process_resident_memory_bytes") / mebibyte,
    },
    etcd: { cpu: 0, memory: metric("apiserver_storage_size_bytes") / mebibyte },
  };
}

interface Sent {
  readonly name: string;
  readonly at: number;
}

async function send(cluster: BuildCluster, services: readonly string[]): Promise<Sent[]> {
  const trigger = await triggerOf(cluster, "alog");
  const sent: Promise<Sent>[] = [];
  let due = performance.now();
  for (let index = 0; index < pushes; index += 1, due += interval) {
    await sleep(Math.max(0, due - performance.now()));
    const service = services[index % services.length] ?? "";
    const [commit, id, at] = [randomCommit(), randomUUID(), Date.now()];
    sent.push(
      trigger.send({ id, body: pushOf(service, commit) }).then((status) => {
        if (status !== 200) throw new Error(`a push is answered by ${status.toString()}`);
        return { name: workflowName(service, commit, id), at };
      }),
    );
  }
  return Promise.all(sent);
}

interface Status {
  readonly phase?: string;
  readonly startedAt?: string;
}

async function finished(cluster: BuildCluster): Promise<ClusterObject[]> {
  return until(
    "every build has ended",
    async () => {
      const all = await cluster.api.list(
        ...workflow,
        namespace,
        "argo-cicd/service,workflows.argoproj.io/completed=true",
      );
      return all.length >= pushes && all;
    },
    600,
  );
}

function row(what: string, ...values: readonly string[]): void {
  console.log(`${what.padEnd(32)}${values.map((one) => one.padStart(18)).join("")}`);
}

async function measure(cluster: BuildCluster): Promise<void> {
  const services = ["alog-service-user", "alog-service-auth", "alog-service-file", "alog-front-web"];
  for (const service of services) await shorten(cluster, service);
  const before = await usage(cluster);
  const started = performance.now();
  const sent = await send(cluster, services);
  const sentIn = (performance.now() - started) / 1000;
  const all = await finished(cluster);
  const took = (performance.now() - started) / 1000;
  // The kubelet looks at its pods every ten seconds or so.
  await sleep(20_000);
  const after = await usage(cluster);
  const startedAt = new Map(
    all.map(({ metadata, status }) => [metadata.name, Date.parse((status as Status).startedAt ?? "")]),
  );
  const delays = sent.map(({ name, at }) => ((startedAt.get(name) ?? NaN) - at) / 1000);
  const bytes = median(all.map((one) => JSON.stringify(one).length));
  console.log(
    `\n${pushes.toString()} pushes in ${sentIn.toFixed(0)} s, all built after ${took.toFixed(0)} s`,
  );
  row(
    "until the build starts",
    `median ${median(delays).toFixed(1)} s`,
    `99 % ${quantile(delays, 0.99).toFixed(1)} s`,
  );
  row("a finished Workflow", `${(bytes / 1024).toFixed(1)} KiB`);
  row("", "CPU", "memory before", "memory after");
  for (const [what, one] of Object.entries(after)) {
    const { cpu = 0, memory = 0 } = before[what] ?? {};
    const share = what === "etcd" ? "" : `${(((one.cpu - cpu) / took) * 100).toFixed(0)} % of a core`;
    row(what, share, `${memory.toFixed(0)} MiB`, `${one.memory.toFixed(0)} MiB`);
  }
}

const cluster = await startBuildCluster("develop", {
  withArgoCd: true,
  configOf: (site, git) => {
    const config = committedConfig("develop", false)(site, git);
    return { ...config, builds: { ...(config["builds"] as object), atOnce } };
  },
});
try {
  await measure(cluster);
} finally {
  await cluster.close();
}

/** Measures the usage of processes on a node that the tests started, and the size of etcd. */
import type { BuildSite } from "../../test/support/site.ts";

/** A process's CPU time so far, in seconds, and its peak memory (RSS), in MiB. */
export interface Usage {
  readonly cpu: number;
  readonly memory: number;
}

/** By patterns of their command lines. */
const processes = {
  "workflow-controller": /^\/bin\/workflow-controller /,
  sensors: /^\/bin\/argo-events sensor-service/,
  "event source": /^\/bin\/argo-events eventsource-service/,
  bus: /^\/nats-server /,
  "API server": /\/kube-apiserver\S* --etcd-servers/,
  etcd: /\/etcd\S* --data-dir/,
} as const;
export type ProcessName = keyof typeof processes;
export const processNames = Object.keys(processes) as ProcessName[];

/** Prints a line for each process: its command, its stat after the name, and its VmHWM. */
const list = `for one in /proc/[0-9]*; do
  echo "$(tr '\\0' ' ' <"$one/cmdline" | cut -c1-300)|$(sed 's/.*) //' "$one/stat")|$(grep VmHWM "$one/status")"
done 2>/dev/null || true`;

/** Kernel ticks in a second. */
const ticks = 100;

type Run = NonNullable<BuildSite["run"]>;

/** Of several processes of one name, such as sensors: the sum of their time, and the largest memory. */
export async function usageOf(run: Run): Promise<Readonly<Record<ProcessName, Usage>>> {
  const all = (await run("sh", ["-c", list])).split("\n").map(processIn);
  const of = (name: ProcessName): Usage => {
    const own = all.filter(({ command }) => processes[name].test(command));
    return {
      cpu: own.reduce((sum, { cpu }) => sum + cpu, 0),
      memory: Math.max(0, ...own.map(({ memory }) => memory)),
    };
  };
  return {
    "workflow-controller": of("workflow-controller"),
    sensors: of("sensors"),
    "event source": of("event source"),
    bus: of("bus"),
    "API server": of("API server"),
    etcd: of("etcd"),
  };
}

function processIn(line: string) {
  const [command = "", stat = "", peak = ""] = line.split("|");
  // Fields 14 and 15 of proc_pid_stat(5); here the third is the first.
  const [user = 0, system = 0] = stat.split(" ").slice(11, 13).map(Number);
  const kibibytes = Number(/([0-9]+) kB/.exec(peak)?.[1] ?? 0);
  return { command, cpu: (user + system) / ticks, memory: kibibytes / 1024 };
}

/** In bytes: the file, and the part in use. */
export interface EtcdSize {
  readonly file: number;
  readonly used: number;
}

const etcd = "http://127.0.0.1:2379";

/** Uses Node, since a machine may lack curl. */
async function ask(run: Run, path: string, body?: object): Promise<string> {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const script =
    "fetch(process.argv[1], JSON.parse(process.argv[2])).then((a) => a.text()).then(console.log)";
  return run(process.execPath, ["-e", script, `${etcd}${path}`, JSON.stringify(options)]);
}

export async function etcdSize(run: Run): Promise<EtcdSize> {
  const metrics = await ask(run, "/metrics");
  const metric = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1] ?? NaN);
  return {
    file: metric("etcd_mvcc_db_total_size_in_bytes"),
    used: metric("etcd_mvcc_db_total_size_in_use_in_bytes"),
  };
}

/** Compacts etcd, as the API server does every five minutes. */
export async function compact(run: Run): Promise<EtcdSize> {
  const { header } = JSON.parse(await ask(run, "/v3/kv/range", { key: "AA==" })) as {
    header: { revision: string };
  };
  await ask(run, "/v3/kv/compaction", { revision: header.revision, physical: true });
  return etcdSize(run);
}

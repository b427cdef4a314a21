/** Pods that try to connect, and report what they have reached. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { confined, unprivileged } from "../../components/kinds/security.ts";
import type { ClusterObject } from "./cluster-api.ts";
import { isReady } from "./cluster-report.ts";
import { clusterTool } from "./cluster-tools.ts";
import { until } from "./cluster-wait.ts";
import type { BuildSite } from "./site.ts";

/** Names of places -> their hosts and ports. */
export type Targets = Readonly<Record<string, string>>;

export interface Probe {
  readonly address: string;
  /** The names of the targets that accept a TCP connection, in their order. */
  readonly reaches: (targets: Targets) => Promise<string[]>;
  /** Whether the cluster's DNS resolves a name. */
  readonly resolves: (name: string) => Promise<boolean>;
}

/** The port of a probe that forwards nothing. */
export const probePort = 8080;

export interface ProbeOptions {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Forwards connections to a port of the pod to a host and port. */
  readonly forwards?: { readonly from: number; readonly to: string };
}

/** Creates a pod that listens and connects. */
export async function startProbe(site: BuildSite, options: ProbeOptions): Promise<Probe> {
  const { namespace, name } = options;
  await site.api.apply(probePod(options, site.baseImage));
  const address = await until(`the pod ${name} is ready`, async () => {
    const pod = await site.api.get("v1", "Pod", name, namespace);
    return isReady(pod) && (pod["status"] as { podIP?: string }).podIP;
  });
  const kubectl = await clusterTool("kubectl");
  const run = async (script: string) => {
    const inside = ["exec", "--namespace", namespace, name, "--", "/bin/sh", "-c", script];
    const { stdout } = await promisify(execFile)(kubectl, ["--kubeconfig", site.kubeconfig, ...inside]);
    return stdout;
  };
  return {
    address,
    reaches: async (targets) => (await run(connections(targets))).split("\n").filter((line) => line !== ""),
    resolves: async (host) =>
      (await run(`/bin/busybox nslookup ${host} >/dev/null 2>&1 && echo yes || true`)) === "yes\n",
  };
}

/** All at once, because connections that are dropped time out. */
function connections(targets: Targets): string {
  const one = ([name, target]: [string, string], index: number) => {
    const [host = "", port = ""] = target.split(":");
    const connect = `/bin/busybox nc -w 3 ${host} ${port} -e /bin/busybox true`;
    return `(${connect} 2>/dev/null && echo '${index.toString()} ${name}') &`;
  };
  const attempts = Object.entries(targets).map(one).join("\n");
  return `{ ${attempts}\nwait; } | /bin/busybox sort -n | /bin/busybox cut -d ' ' -f 2-`;
}

function probePod({ namespace, name, labels = {}, forwards }: ProbeOptions, image: string): ClusterObject {
  const busybox = "/bin/busybox";
  const [host = "", port = ""] = forwards?.to.split(":") ?? [];
  const command =
    forwards === undefined
      ? [busybox, "httpd", "-f", "-p", probePort.toString(), "-h", "/etc"]
      : [busybox, "nc", "-ll", "-p", forwards.from.toString(), "-e", busybox, "nc", host, port];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: {
      securityContext: unprivileged,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "main", image, command, securityContext: confined }],
    },
  };
}

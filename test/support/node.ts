/** A real cluster of one node: a control plane, kubelet, containerd, pod network, Services and DNS. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { nodeLocalDns } from "../../components/kinds/ranges.ts";
import { startControlPlane } from "./cluster-control-plane.ts";
import type { ControlPlane, OwnControlPlane } from "./cluster-control-plane.ts";
import type { Machine } from "./cluster-machine.ts";
import { startMachine } from "./cluster-machine.ts";
import { cniPlugins } from "./cluster-prerequisites.ts";
import { clusterTool, withoutDigest } from "./cluster-tools.ts";
import { until } from "./cluster-wait.ts";
import type { Image } from "./images.ts";
import { makeArchive, pauseImage } from "./images.ts";

export interface Node extends OwnControlPlane {
  readonly machine: Machine;
  /** Imports an image to the node under its names. */
  readonly addImage: (image: Image) => Promise<void>;
  /** Pushes an image of the node to the registry in its name. */
  readonly pushImage: (name: string) => Promise<void>;
  readonly close: Machine["close"];
}

export const nodeName = "node";
const domain = "cluster.local";

/** The address of NodeLocal DNSCache, which the NetworkPolicies of a stack allow. */
const [nameServer = ""] = nodeLocalDns.split("/");

/** A cluster without a node, for tests of the API alone. */
export async function startControlPlaneAlone(): Promise<ControlPlane & Pick<Node, "machine" | "close">> {
  const machine = await startMachine();
  return closedOnFailure(machine, async () => ({
    ...(await startControlPlane(machine)),
    machine,
    close: machine.close,
  }));
}

/** The registry beside the node, which speaks plain HTTP. */
export function registryOf({ address }: Machine): string {
  return `${address}:5000`;
}

export async function startNode(): Promise<Node> {
  const machine = await startMachine();
  return closedOnFailure(machine, async () => {
    const socket = startContainerd(machine, registryOf(machine));
    const plane = await startControlPlane(machine);
    const addImage = (image: Image) => importInto(machine, socket, image);
    await until("containerd answers", async () => (await ctr(machine, socket, ["version"])) !== "");
    await addImage(pauseImage);
    await startKubelet(machine, plane.kubeconfig, socket);
    await startServices(machine, plane.kubeconfig);
    await until("the node is ready", () => isReady(plane), 60);
    const pushImage = async (name: string) => {
      await ctr(machine, socket, ["images", "push", "--plain-http", name]);
    };
    return { ...plane, machine, addImage, pushImage, close: machine.close };
  });
}

async function closedOnFailure<T>(machine: Machine, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    process.stderr.write(`${machine.logs()}\n`);
    await machine.close();
    throw error;
  }
}

async function isReady({ api }: ControlPlane): Promise<boolean> {
  const { status } = await api.get("v1", "Node", nodeName);
  const { conditions = [] } = status as { conditions?: { type: string; status: string }[] };
  return conditions.some((one) => one.type === "Ready" && one.status === "True");
}

function startContainerd(machine: Machine, insecureRegistry: string): string {
  const folder = join(machine.folder, "containerd");
  const socket = join(folder, "containerd.sock");
  const hosts = join(folder, "certs.d", insecureRegistry);
  mkdirSync(hosts, { recursive: true });
  writeFileSync(
    join(hosts, "hosts.toml"),
    `[host."http://${insecureRegistry}"]\ncapabilities = ["pull", "resolve"]\n`,
  );
  writeFileSync(join(folder, "config.toml"), containerdConfig(folder, socket));
  writeNetwork(join(folder, "net.d"), join(folder, "addresses"));
  machine.start("containerd", "containerd", ["--config", join(folder, "config.toml")]);
  return socket;
}

function containerdConfig(folder: string, socket: string): string {
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${pauseImage.names[0]}"
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "${cniPlugins}"
conf_dir = "${folder}/net.d"
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "${folder}/certs.d"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = false
`;
}

/** A link to each pod. With a bridge, answers of a Service on the same node would bypass the packet rules. */
function writeNetwork(folder: string, addresses: string): void {
  mkdirSync(folder);
  const ipam = {
    type: "host-local",
    ranges: [[{ subnet: "10.251.0.0/24" }]],
    routes: [{ dst: "0.0.0.0/0" }],
    dataDir: addresses,
  };
  const plugins = [
    { type: "ptp", ipam },
    { type: "portmap", capabilities: { portMappings: true } },
  ];
  const config = { cniVersion: "1.0.0", name: "pods", plugins };
  writeFileSync(join(folder, "10-pods.conflist"), JSON.stringify(config));
}

function ctr(machine: Machine, socket: string, args: readonly string[]): Promise<string> {
  return machine.run("ctr", ["--address", socket, "--namespace", "k8s.io", ...args]);
}

async function importInto(machine: Machine, socket: string, image: Image): Promise<void> {
  const [first, ...others] = image.names.map(withoutDigest);
  if (first === undefined) return;
  const archive = makeArchive({ ...image, names: [first, ...others] }, machine.folder);
  await ctr(machine, socket, ["images", "import", archive]);
  rmSync(archive);
  // containerd looks up a digest under the name without the tag. The test's own image has another digest.
  for (const name of image.names.filter((one) => one.includes("@")))
    await ctr(machine, socket, ["images", "tag", withoutDigest(name), name.replace(/:[^:@/]+@/, "@")]);
}

async function startKubelet(machine: Machine, kubeconfig: string, socket: string): Promise<void> {
  const folder = join(machine.folder, "kubelet");
  mkdirSync(folder);
  const resolver = join(folder, "resolv.conf");
  writeFileSync(resolver, `nameserver ${nameServer}\n`);
  const config = join(folder, "config.yaml");
  writeFileSync(config, stringify(kubeletConfig(machine, socket, resolver)));
  machine.start("kubelet", await clusterTool("kubelet"), [
    `--config=${config}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${machine.address}`,
    `--root-dir=${join(folder, "root")}`,
  ]);
}

function kubeletConfig({ folder, name }: Machine, socket: string, resolvConf: string): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    containerRuntimeEndpoint: `unix://${socket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${name}`,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    failSwapOn: false,
    clusterDNS: [nameServer],
    clusterDomain: domain,
    resolvConf,
    podLogsDir: join(folder, "pods"),
    volumePluginDir: join(folder, "kubelet", "plugins"),
    // A disk that is nearly full must not fail the tests.
    imageGCHighThresholdPercent: 100,
    evictionHard: { "nodefs.available": "0%", "imagefs.available": "0%", "memory.available": "0%" },
    // A test waits for pods to see changed Secrets and to end.
    syncFrequency: "5s",
    // With each update, it would set the label of its architecture again, which a test changes. Leases show that it lives.
    nodeStatusUpdateFrequency: "1h",
  };
}

/** Routes the addresses of Services, and resolves their names. */
async function startServices(machine: Machine, kubeconfig: string): Promise<void> {
  machine.start("kube-proxy", await clusterTool("kube-proxy"), [
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${nodeName}`,
    "--proxy-mode=iptables",
    // These are settings of the whole kernel, which a network namespace may not change.
    "--conntrack-max-per-core=0",
    "--conntrack-tcp-timeout-established=0",
    "--conntrack-tcp-timeout-close-wait=0",
  ]);
  await machine.run("ip", ["address", "add", nodeLocalDns, "dev", "lo"]);
  const corefile = join(machine.folder, "Corefile");
  const zone = `kubernetes ${domain} {\n    kubeconfig ${kubeconfig}\n  }`;
  writeFileSync(corefile, `.:53 {\n  bind ${nameServer}\n  errors\n  ${zone}\n}\n`);
  machine.start("coredns", await clusterTool("coredns"), ["-conf", corefile]);
}

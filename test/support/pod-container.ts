/** Runs a container of a pod with runc alone: its image, environment, arguments and rights, without a cluster. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Container } from "../../components/kinds/kubernetes.ts";
import type { Image } from "./images.ts";
import { unpack } from "./images.ts";

export interface Outcome {
  readonly status: number | null;
  /** The container's output. */
  readonly log: string;
}

/**
 * @param image of the container
 * @param folders of its volumes, by their names
 * @param folder an empty one, for its files
 */
export async function runContainer(
  container: Container,
  image: Image,
  folders: Readonly<Record<string, string>>,
  folder: string,
): Promise<Outcome> {
  layContainer(container, image, folders, folder);
  return runLaid(folder);
}

/**
 * Prepares what `runLaid` runs.
 *
 * @param cgroup its control group; by default runc chooses one
 */
export function layContainer(
  container: Container,
  image: Image,
  folders: Readonly<Record<string, string>>,
  folder: string,
  cgroup?: string,
): void {
  unpack(image, join(folder, "rootfs"));
  const mounts = [
    ...standardMounts,
    ...podMounts(join(folder, "pod")),
    ...(image.volume === undefined ? [] : [bind(join(folder, "rootfs", image.volume), image.volume)]),
    ...container.volumeMounts.map(({ name, mountPath, readOnly }) =>
      bind(folders[name] ?? missing(name), mountPath, readOnly === true),
    ),
  ];
  const spec = {
    ociVersion: "1.0.2",
    root: { path: "rootfs" },
    process: processOf(container, image),
    hostname: "build",
    mounts,
    // The network is the machine's, where the registry is.
    linux: {
      cgroupsPath: cgroup,
      namespaces: ["pid", "ipc", "uts", "mount"].map((type) => ({ type })),
      maskedPaths,
      readonlyPaths,
    },
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(spec));
}

function missing(name: string): never {
  throw new Error(`there is no folder for the volume ${name}`);
}

function processOf({ command, args = [], env, securityContext, workingDir }: Container, image: Image) {
  const { capabilities, allowPrivilegeEscalation, runAsUser = 0, runAsGroup = 0 } = securityContext;
  const kept = capabilities?.drop === undefined ? runtimeCapabilities : [];
  const names = [...kept, ...(capabilities?.add ?? [])].map((name) => `CAP_${name}`);
  const variables = env.flatMap((one) => ("value" in one ? [`${one.name}=${one.value}`] : []));
  return {
    user: { uid: runAsUser, gid: runAsGroup },
    args: [...command, ...args],
    env: [...(image.env ?? []), ...variables],
    cwd: workingDir ?? image.workingDir ?? "/",
    capabilities: { bounding: names, effective: names, permitted: names },
    noNewPrivileges: allowPrivilegeEscalation === false,
  };
}

/** The capabilities of a container that drops none (containerd's `pkg/oci/spec.go`). */
const runtimeCapabilities = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"],
  ...["NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
];

const standardMounts = [
  { destination: "/proc", type: "proc", source: "proc" },
  {
    ...{ destination: "/dev", type: "tmpfs", source: "tmpfs" },
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666"] },
  { destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["mode=1777"] },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] },
  {
    destination: "/sys/fs/cgroup",
    type: "cgroup",
    source: "cgroup",
    options: ["nosuid", "noexec", "nodev", "ro"],
  },
];

const maskedPaths = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** What the kubelet and Argo mount into every container. */
function podMounts(folder: string) {
  const files = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/termination-log"];
  const folders = ["/var/run/secrets/kubernetes.io/serviceaccount", "/var/run/argo"];
  const at = (path: string) => join(folder, path.replaceAll("/", "_"));
  mkdirSync(folder);
  for (const file of files) writeFileSync(at(file), file === "/etc/hosts" ? "127.0.0.1 localhost\n" : "");
  for (const path of folders) {
    mkdirSync(at(path));
    writeFileSync(join(at(path), "token"), "of the pod");
  }
  return [...files, ...folders].map((path) => bind(at(path), path));
}

function bind(source: string, destination: string, readOnly = false) {
  const options = ["rbind", "rprivate", readOnly ? "ro" : "rw"];
  return { destination, type: "bind", source, options };
}

let count = 0;

export function runLaid(folder: string): Promise<Outcome> {
  count += 1;
  const name = `build-${process.pid.toString()}-${count.toString()}`;
  return new Promise((done, fail) => {
    const child = spawn("runc", ["--root", join(folder, "runc"), "run", "--bundle", folder, name], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => log.push(chunk));
    child.on("error", fail);
    child.on("close", (status) => done({ status, log: Buffer.concat(log).toString() }));
  });
}

/** @throws Error that names what is missing */
export function requireRunc(): void {
  execFileSync("runc", ["--version"]);
}

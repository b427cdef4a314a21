/** What a node requires of the machine that it runs on. */
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Programs -> the Debian packages that contain them. */
type Packages = Readonly<Record<string, string>>;

const packages: Packages = {
  containerd: "containerd",
  ctr: "containerd",
  runc: "runc",
  iptables: "iptables",
  conntrack: "conntrack",
  busybox: "busybox-static",
  git: "git",
  "docker-registry": "docker-registry",
  "redis-server": "redis-server",
  ip: "iproute2",
  unshare: "util-linux",
  pkill: "procps",
};

export const cniPlugins = "/usr/lib/cni";
export const controlGroups = "/sys/fs/cgroup";

/** What some tests need in addition. */
export const testPackages: Packages = { "git-lfs": "git-lfs", chromium: "chromium", ipset: "ipset" };

/** @throws Error that states in one line what is missing */
export function requirePrerequisites(more: Packages = {}): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("This starts a Kubernetes node, which requires Linux and root: run it with sudo.");
  }
  requireControlGroups();
  const folders = (process.env["PATH"] ?? "").split(":");
  const isThere = (program: string) => folders.some((folder) => existsSync(join(folder, program)));
  const missing = Object.entries({ ...packages, ...more }).filter(([program]) => !isThere(program));
  const names = new Set(missing.map(([, name]) => name));
  if (!existsSync(cniPlugins)) names.add("containernetworking-plugins");
  if (names.size > 0)
    throw new Error(`Packages for a Kubernetes node are missing: apt-get install ${[...names].join(" ")}`);
}

/** @throws Error that states what to do in a container, where they are read-only */
function requireControlGroups(): void {
  const folders = existsSync(controlGroups) ? hierarchies() : [];
  if (folders.length > 0 && folders.every(isWritable)) return;
  throw new Error(
    `A Kubernetes node creates control groups in ${controlGroups}, which is not writable: start the container with --privileged.`,
  );
}

/** A single one in version 2 of control groups, one for each controller in version 1. */
function hierarchies(): string[] {
  if (existsSync(join(controlGroups, "cgroup.controllers"))) return [controlGroups];
  return readdirSync(controlGroups).map((name) => join(controlGroups, name));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a node needs of the machine that it runs on. */
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Programs, by the Debian package that brings them. */
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

/** What tests need beside. */
export const testPackages: Packages = { "git-lfs": "git-lfs", chromium: "chromium", ipset: "ipset" };

/** @throws Error that says in one line what is missing */
export function requirePrerequisites(more: Packages = {}): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("This starts a Kubernetes node, which takes Linux and root: run it by sudo.");
  }
  requireControlGroups();
  const folders = (process.env["PATH"] ?? "").split(":");
  const isThere = (program: string) => folders.some((folder) => existsSync(join(folder, program)));
  const missing = Object.entries({ ...packages, ...more }).filter(([program]) => !isThere(program));
  const names = new Set(missing.map(([, name]) => name));
  if (!existsSync(cniPlugins)) names.add("containernetworking-plugins");
  if (names.size > 0) throw new Error(`A Kubernetes node needs: apt-get install ${[...names].join(" ")}`);
}

/** @throws Error that says what to do in a container, where they are only read */
function requireControlGroups(): void {
  const folders = existsSync(controlGroups) ? hierarchies() : [];
  if (folders.length > 0 && folders.every(isWritable)) return;
  throw new Error(
    `A Kubernetes node makes control groups, which ${controlGroups} does not allow: start a container with --privileged.`,
  );
}

/** One in the second version of control groups, and one for each controller in the first. */
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

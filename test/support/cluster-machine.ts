/**
 * A machine of its own for a test: what runs in it shares the kernel and the files with this one, but not the
 * processes, mounts, addresses and packet rules. See cluster-machine.sh, which also ends it when the test dies.
 */
import type { ChildProcess } from "node:child_process";
import { execFile, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "./cluster-wait.ts";

/** The machine's address, and that of this side of the link, where the test's own servers listen. */
export const machineAddress = "10.250.0.1";
export const hostAddress = "10.250.0.2";
/** Addresses of the cluster's Services, which the test reaches through the link. */
export const serviceRange = "10.252.0.0/24";
const link = "argo-cicd-test";

export interface Machine {
  /** Holds everything that the machine's processes write; gone when it is closed. */
  readonly folder: string;
  /** The name of its control group. */
  readonly controlGroup: string;
  /** Starts a process that runs until the machine ends. */
  readonly start: (name: string, program: string, args?: readonly string[], env?: NodeJS.ProcessEnv) => void;
  /** Runs a program to its end and returns what it printed. */
  readonly run: (program: string, args: readonly string[]) => Promise<string>;
  /** The last lines of every log. */
  readonly logs: (lines?: number) => string;
  readonly close: () => Promise<void>;
}

/** What a cluster test needs of the machine, by the Debian package that brings it. */
const packages: Readonly<Record<string, string>> = {
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

/** @throws Error that says in one line what is missing */
export function requirePrerequisites(): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("The cluster test starts a Kubernetes node, which takes Linux and root: run it by sudo.");
  }
  const folders = (process.env["PATH"] ?? "").split(":");
  const isThere = (program: string) => folders.some((folder) => existsSync(join(folder, program)));
  const missing = Object.entries(packages).filter(([program]) => !isThere(program));
  const names = new Set(missing.map(([, name]) => name));
  if (!existsSync(cniPlugins)) names.add("containernetworking-plugins");
  if (names.size > 0) throw new Error(`The cluster test needs: apt-get install ${[...names].join(" ")}`);
}

export const cniPlugins = "/usr/lib/cni";

export async function startMachine(): Promise<Machine> {
  requirePrerequisites();
  // A run that was interrupted may still be tidying up.
  await until("nothing is left of an earlier run", nothingLeft, 30);
  const folder = mkdtempSync(join(tmpdir(), `${link}-`));
  const logs = join(folder, "logs");
  mkdirSync(logs);
  const holder = spawn(
    "sh",
    [
      join(import.meta.dirname, "cluster-machine.sh"),
      folder,
      link,
      hostAddress,
      machineAddress,
      serviceRange,
    ],
    // In a session of its own: an interrupt from the keyboard ends the test, and that ends the machine.
    { stdio: ["pipe", "pipe", "inherit"], detached: true },
  );
  const pid = await readyPid(holder);
  const enter = ["--target", pid, "--mount", "--pid", "--net", "--"];
  return {
    folder,
    controlGroup: link,
    start: (name, program, args = [], env = {}) => {
      startInside(join(logs, `${name}.log`), [...enter, program, ...args], env);
    },
    run: async (program, args) => {
      const { stdout } = await promisify(execFile)("nsenter", [...enter, program, ...args], {
        maxBuffer: 64 * 1024 * 1024,
      });
      return stdout;
    },
    logs: (lines = 15) => tails(folder, lines),
    close: () => close(holder),
  };
}

function readyPid(holder: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    let output = "";
    holder.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const pid = /^ready (\d+)$/m.exec(output)?.[1];
      if (pid !== undefined) done(pid);
    });
    holder.on("error", fail);
    holder.on("exit", () => fail(new Error("the test's machine did not start; see above")));
  });
}

function startInside(log: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const output = openSync(log, "a");
  const child = spawn("nsenter", args, {
    stdio: ["ignore", output, output],
    env: { ...process.env, ...env },
    detached: true,
  });
  closeSync(output);
  child.unref();
}

function close(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null) return Promise.resolve();
  return new Promise((done) => {
    holder.on("exit", () => done());
    holder.stdin?.end();
  });
}

function tails(folder: string, lines: number): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".log") && (path.startsWith("logs/") || path.startsWith("pods/")),
  );
  const tail = (path: string) =>
    readFileSync(join(folder, path), "utf8")
      .trimEnd()
      .split("\n")
      .slice(-lines)
      .map((line) => line.slice(0, 400))
      .join("\n");
  const report = files.map((path) => `----- ${path}\n${tail(path)}`).join("\n");
  // One that is longer is not read.
  return report.split("\n").slice(0, 200).join("\n");
}

function nothingLeft(): true {
  const left = leftovers();
  if (left.length > 0) throw new Error(left.join("; "));
  return true;
}

/** What a machine would leave behind, were it not tidied up: empty when all is well. */
export function leftovers(): string[] {
  const prefix = join(tmpdir(), `${link}-`);
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const rules = execFileSync("iptables-save", { encoding: "utf8" }).split("\n");
  const groups = existsSync("/sys/fs/cgroup") ? readdirSync("/sys/fs/cgroup") : [];
  return [
    ...(existsSync(`/sys/class/net/${link}`) ? [`link ${link}`] : []),
    ...readdirSync(tmpdir())
      .filter((name) => name.startsWith(`${link}-`))
      .map((name) => `folder ${join(tmpdir(), name)}`),
    ...commandLines()
      .filter((line) => line.includes(prefix))
      .map((line) => `process ${line}`),
    ...mounts.filter((line) => line.includes(prefix)).map((line) => `mount ${line}`),
    ...rules.filter((line) => /KUBE-|CNI-/.test(line)).map((line) => `packet rule ${line}`),
    ...["", ...groups]
      .map((group) => join("/sys/fs/cgroup", group, link))
      .filter((group) => existsSync(group))
      .map((group) => `control group ${group}`),
  ];
}

function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      } catch {
        // It has ended since.
        return "";
      }
    });
}

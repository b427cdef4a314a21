/**
 * A machine for a test: its processes share this machine's kernel and files, but have their own process tree, mounts,
 * addresses and packet rules. See cluster-machine.sh, which also ends it when the test dies.
 */
import type { ChildProcess } from "node:child_process";
import { execFile, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { controlGroups, requirePrerequisites } from "./cluster-prerequisites.ts";

/** A machine as seen from this one. */
export interface Place {
  /** The name of its link and its control group. */
  readonly name: string;
  /** Holds everything that the machine's processes write; removed when the machine is closed. */
  readonly folder: string;
  readonly address: string;
  /** The address of this side of the link, where the test's own servers listen. */
  readonly hostAddress: string;
  /** Addresses of the cluster's Services, which the test reaches through the link. */
  readonly serviceRange: string;
}

export interface Machine extends Place {
  /** Starts a process that runs until the machine ends. */
  readonly start: (name: string, program: string, args?: readonly string[], env?: NodeJS.ProcessEnv) => void;
  /** Runs a program to its end and returns what it printed. */
  readonly run: (program: string, args: readonly string[]) => Promise<string>;
  /** The last lines of every log. */
  readonly logs: (lines?: number) => string;
  /** @returns what it has left behind; empty on success */
  readonly close: () => Promise<string[]>;
}

/** Machines whose traces are checked after their end have places of their own, so that no other test takes these. */
const places = {
  test: { first: 0, count: 10 },
  gone: { first: 10, count: 10 },
} as const;

export async function startMachine(kind: keyof typeof places = "test"): Promise<Machine> {
  requirePrerequisites();
  const place = claimPlace(kind);
  const { name, folder, address, hostAddress, serviceRange } = place;
  const logs = join(folder, "logs");
  mkdirSync(logs);
  const holder = spawn(
    "sh",
    [join(import.meta.dirname, "cluster-machine.sh"), folder, name, hostAddress, address, serviceRange],
    // In its own session: an interrupt from the keyboard ends the test, and that ends the machine.
    { stdio: ["pipe", "pipe", "inherit"], detached: true },
  );
  const pid = await readyPid(holder);
  const enter = ["--target", pid, "--mount", "--pid", "--net", "--"];
  return {
    ...place,
    start: (process, program, args = [], env = {}) => {
      startInside(join(logs, `${process}.log`), [...enter, program, ...args], env);
    },
    run: async (program, args) => {
      const { stdout } = await promisify(execFile)("nsenter", [...enter, program, ...args], {
        maxBuffer: 64 * 1024 * 1024,
      });
      return stdout;
    },
    logs: (lines = 15) => tails(folder, lines),
    close: async () => {
      await close(holder);
      return leftovers(name);
    },
  };
}

/** Takes the first free place: machines run side by side, and one may still be cleaning up. */
function claimPlace(kind: keyof typeof places): Place {
  const { first, count } = places[kind];
  for (let index = 0; index < count; index += 1) {
    const number = (first + index).toString();
    // The maximum length of a link's name.
    const name = `argo-cicd-${kind}${index.toString()}`;
    const folder = folderOf(name);
    try {
      mkdirSync(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw error;
    }
    return {
      name,
      folder,
      address: `10.250.${number}.1`,
      hostAddress: `10.250.${number}.2`,
      serviceRange: `10.252.${number}.0/24`,
    };
  }
  throw new Error(
    `All machines of the cluster tests are in use: stop these tests, or remove ${folderOf(`argo-cicd-${kind}*`)}.`,
  );
}

function folderOf(name: string): string {
  return join(tmpdir(), name);
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
    holder.on("exit", () => fail(new Error("the test's machine did not start: see the errors above")));
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
  // Nobody reads a longer report.
  return report.split("\n").slice(0, 200).join("\n");
}

/** What a machine has left behind; empty if it was cleaned up. */
export function leftovers(name: string): string[] {
  const folder = folderOf(name);
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const rules = execFileSync("iptables-save", { encoding: "utf8" }).split("\n");
  const groups = existsSync(controlGroups) ? readdirSync(controlGroups) : [];
  return [
    ...(existsSync(`/sys/class/net/${name}`) ? [`link ${name}`] : []),
    ...(existsSync(folder) ? [`folder ${folder}`] : []),
    ...commandLines()
      .filter((line) => line.includes(`${folder}/`))
      .map((line) => `process ${line}`),
    ...mounts.filter((line) => line.includes(`${folder}/`)).map((line) => `mount ${line}`),
    ...rules.filter((line) => /KUBE-|CNI-/.test(line)).map((line) => `packet rule ${line}`),
    ...["", ...groups]
      .map((group) => join(controlGroups, group, name))
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
        // The process has ended since.
        return "";
      }
    });
}

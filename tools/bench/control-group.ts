/** What the processes of a control group take, its page cache included. As root; for version 1 of control groups and 2. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Usage {
  /** Seconds of processor time. */
  readonly cpu: number;
  /** The most memory at once, in MiB, with files that the kernel could drop. */
  readonly peak: number;
  /** The most that its processes had at once that is of no file, in MiB, as seen twenty times a second. */
  readonly anonymous: number;
}

/** Below the group, that of the processes. */
export const processGroup = "build";

const mounted = "/sys/fs/cgroup";
const files = existsSync(join(mounted, "cgroup.controllers"))
  ? { folder: mounted, limit: "memory.max", peak: "memory.peak" }
  : {
      folder: join(mounted, "memory"),
      limit: "memory.limit_in_bytes",
      peak: "memory.max_usage_in_bytes",
    };
const mebibyte = 2 ** 20;

/**
 * Measures what runs in the group, which is made for it and removed after it.
 *
 * @param name of a group that does not exist; what runs is to have its group `processGroup`
 * @param limit of its memory, in bytes
 */
export async function measured<Result>(
  name: string,
  limit: number,
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly usage: Usage }> {
  const at = join(files.folder, name);
  for (const folder of hierarchies()) mkdirSync(join(folder, name));
  writeFileSync(join(at, files.limit), limit.toString());
  let anonymous = 0;
  const timer = setInterval(() => (anonymous = Math.max(anonymous, anonymousIn(at))), 50);
  try {
    const result = await run();
    const peak = Number(readFileSync(join(at, files.peak), "utf8")) / mebibyte;
    return { result, usage: { cpu: cpuOf(name), peak, anonymous } };
  } finally {
    clearInterval(timer);
    for (const folder of hierarchies()) rmdirSync(join(folder, name));
  }
}

/** Of version 1, each controller has a folder, or a link to the one that it shares. */
function hierarchies(): string[] {
  if (files.folder === mounted) return [mounted];
  const found = readdirSync(mounted, { withFileTypes: true }).filter((one) => one.isDirectory());
  return found.map(({ name }) => join(mounted, name));
}

/** By the processes, since the kernel brings a group's own statistics up to date only every two seconds. */
function anonymousIn(at: string): number {
  const processes = textOf(join(at, processGroup, "cgroup.procs"))
    .split("\n")
    .filter(Boolean);
  const kibibytes = processes.map(
    (process) => /^RssAnon:\s*(\d+) kB$/m.exec(textOf(`/proc/${process}/status`))?.[1],
  );
  return kibibytes.reduce((sum, one) => sum + Number(one ?? 0), 0) / 1024;
}

/** Nothing where it is gone, as a process may be. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** In nanoseconds of version 1, and microseconds of version 2. */
function cpuOf(name: string): number {
  if (files.folder !== mounted)
    return Number(readFileSync(join(mounted, "cpuacct", name, "cpuacct.usage"), "utf8")) / 1e9;
  const text = readFileSync(join(mounted, name, "cpu.stat"), "utf8");
  return Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? 0) / 1e6;
}

/** Measures the usage of a control group (version 1 or 2), its page cache included. Needs root. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Usage {
  /** CPU time, in seconds. */
  readonly cpu: number;
  /** Peak memory, in MiB, with files that the kernel could drop. */
  readonly peak: number;
  /** Peak anonymous memory of its processes, in MiB, sampled twenty times a second. */
  readonly anonymous: number;
}

/** The child group of the processes. */
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
 * Creates a group, measures what runs in it, and removes it.
 *
 * @param name of a group that does not exist; what runs must join its child `processGroup`
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

/** In version 1, each controller has a folder, or a link to the one that it shares. */
function hierarchies(): string[] {
  if (files.folder === mounted) return [mounted];
  const found = readdirSync(mounted, { withFileTypes: true }).filter((one) => one.isDirectory());
  return found.map(({ name }) => join(mounted, name));
}

/** Sums up the processes, since the kernel updates a group's own statistics only every two seconds. */
function anonymousIn(at: string): number {
  const processes = textOf(join(at, processGroup, "cgroup.procs"))
    .split("\n")
    .filter(Boolean);
  const kibibytes = processes.map(
    (process) => /^RssAnon:\s*(\d+) kB$/m.exec(textOf(`/proc/${process}/status`))?.[1],
  );
  return kibibytes.reduce((sum, one) => sum + Number(one ?? 0), 0) / 1024;
}

/** Empty if the file is gone, as after the end of a process. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Version 1 counts nanoseconds, version 2 microseconds. */
function cpuOf(name: string): number {
  if (files.folder !== mounted)
    return Number(readFileSync(join(mounted, "cpuacct", name, "cpuacct.usage"), "utf8")) / 1e9;
  const text = readFileSync(join(mounted, name, "cpu.stat"), "utf8");
  return Number(/^usage_usec (\d+)$/m.exec(text)?.[1] ?? 0) / 1e6;
}

/** What the doctor finds, and how it is told. */
import type { SettingError } from "../../components/settings/errors.ts";
import type { Parsed } from "../../components/settings/parse.ts";
import type { Repositories } from "./git.ts";

/** `unchecked` is neither good nor bad: what it depends on could not be asked. */
export const levels = ["good", "warn", "bad", "unchecked"] as const;
export type Level = (typeof levels)[number];

export interface Finding {
  readonly level: Level;
  /** Where in the stack file, as `pulumi config set --path` takes it. */
  readonly path: string;
  readonly message: string;
  /** What to do; absent where nothing is to be done. */
  readonly fix?: string;
}

/** What a check may look at. */
export interface Examined {
  readonly stack: string;
  /** The stack file as the commands take it: a stack, or `--config` and a file. */
  readonly named: string;
  readonly settings: Parsed;
  readonly missingSecrets: readonly SettingError[];
  readonly repositories: Repositories;
}

/** One subject. It reports what it could not ask instead of throwing. */
export type Check = (examined: Examined) => Promise<readonly Finding[]>;

export type Counts = Readonly<Record<Level, number>>;

export function countsOf(findings: readonly Finding[]): Counts {
  const count = (level: Level) => findings.filter((one) => one.level === level).length;
  return { good: count("good"), warn: count("warn"), bad: count("bad"), unchecked: count("unchecked") };
}

/** 0 where all is well, 2 where something is bad, 3 where nothing is but not all could be checked. 1 is an error. */
export function statusOf({ bad, unchecked }: Counts): number {
  if (bad > 0) return 2;
  return unchecked > 0 ? 3 : 0;
}

export function toldFindings(findings: readonly Finding[]): string {
  const lines = findings.map(({ level, path, message, fix }) => {
    const fixed = fix === undefined ? "" : ` Fix: ${fix}${fix.endsWith("?") ? "" : "."}`;
    return `${level.padEnd("unchecked".length)}  ${path}: ${message}.${fixed}`;
  });
  const { good, warn, bad, unchecked } = countsOf(findings);
  const warnings = warn === 1 ? "1 warning" : `${warn.toString()} warnings`;
  const total = `${good.toString()} good, ${warnings}, ${bad.toString()} bad, ${unchecked.toString()} not checked`;
  return [...lines, "", total].join("\n");
}

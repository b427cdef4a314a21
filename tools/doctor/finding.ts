/** The doctor's findings, and how they are printed. */
import { messageOf } from "../../components/builds/programs/program.ts";
import type { SettingError } from "../../components/settings/errors.ts";
import type { Parsed } from "../../components/settings/parse.ts";
import type { Ask } from "./exchange.ts";
import type { Repositories } from "./git.ts";
import type { Cluster, Kubectl } from "./kubectl.ts";

/** `unchecked` is neither good nor bad: something could not be queried. */
export const levels = ["good", "warn", "bad", "unchecked"] as const;
export type Level = (typeof levels)[number];

export interface Finding {
  readonly level: Level;
  /** The path in the stack file, as `pulumi config set --path` takes it. */
  readonly path: string;
  readonly message: string;
  /** What to do; undefined if nothing. */
  readonly fix?: string;
}

interface OwnerTokens {
  readonly githubToken?: string;
  readonly statusToken?: string;
}

/** The secret values that are available. */
export interface Given {
  readonly githubToken?: string;
  readonly statusToken?: string;
  readonly registryPassword?: string;
  /** The private key of the GitHub App. */
  readonly githubAppKey?: string;
  /** The password of the mail server. */
  readonly mail?: string;
  /** The owners' own tokens. */
  readonly owners?: Readonly<Record<string, OwnerTokens>>;
}

/** The input of a check. */
export interface Examined {
  readonly stack: string;
  /** How a command line names the stack file: a stack, or `--config` and a file. */
  readonly named: string;
  readonly settings: Parsed;
  readonly missingSecrets: readonly SettingError[];
  readonly repositories: Repositories;
  readonly kubectl: Pick<Kubectl, "connect">;
  readonly ask: Ask;
  readonly given: Given;
  readonly now: () => Date;
}

/** Checks one subject. Reports what it could not query instead of throwing. */
export type Check = (examined: Examined) => Promise<readonly Finding[]>;

/** Checks one subject of a cluster that answers and is the right one. */
export type ClusterCheck = (examined: Examined, cluster: Cluster) => Promise<readonly Finding[]>;

export type Counts = Readonly<Record<Level, number>>;

export function countsOf(findings: readonly Finding[]): Counts {
  const count = (level: Level) => findings.filter((one) => one.level === level).length;
  return { good: count("good"), warn: count("warn"), bad: count("bad"), unchecked: count("unchecked") };
}

/** The exit status: 0 if nothing is bad, 2 if something is bad, 3 if not everything could be checked. 1 is an error. */
export function statusOf({ bad, unchecked }: Counts): number {
  if (bad > 0) return 2;
  return unchecked > 0 ? 3 : 0;
}

export function listFindings(findings: readonly Finding[]): string {
  const lines = findings.map(({ level, path, message, fix }) => {
    const fixText = fix === undefined ? "" : ` Fix: ${fix}${fix.endsWith("?") ? "" : "."}`;
    return `${level.padEnd("unchecked".length)}  ${path}: ${message}.${fixText}`;
  });
  const { good, warn, bad, unchecked } = countsOf(findings);
  const warnings = warn === 1 ? "1 warning" : `${warn.toString()} warnings`;
  const total = `${good.toString()} good, ${warnings}, ${bad.toString()} bad, ${unchecked.toString()} not checked`;
  return [...lines, "", total].join("\n");
}

export function good(path: string, message: string): Finding {
  return { level: "good", path, message };
}

export function warn(path: string, message: string, fix?: string): Finding {
  return finding("warn", path, message, fix);
}

export function bad(path: string, message: string, fix?: string): Finding {
  return finding("bad", path, message, fix);
}

export function unchecked(path: string, message: string, fix?: string): Finding {
  return finding("unchecked", path, message, fix);
}

function finding(level: Level, path: string, message: string, fix: string | undefined): Finding {
  return { level, path, message, ...(fix === undefined ? {} : { fix }) };
}

/** Runs a check; an error becomes an `unchecked` finding. */
export async function attempted(
  path: string,
  what: string,
  check: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [unchecked(path, `${what} cannot be read (${messageOf(error)})`)];
  }
}

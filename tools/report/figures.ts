/** DORA's four figures (dora.dev/guides/dora-metrics), as far as deployments are recorded. */
import type { Deployment } from "./deployments.ts";

/** Days that are looked at, where there are records of so many. */
export const period = 30;

export function daysBefore(now: Date, days: number): Date {
  const milliseconds = days * 86_400_000;
  return new Date(now.getTime() - milliseconds);
}

/** What no record has. */
export const unrecordable: readonly string[] = [
  "The lead time begins with the push: how old the commits are, and pushes that a newer one has replaced, are not in it.",
  "A defect that is found after a rollout has succeeded, and a rollback by a pin, are no failure and no recovery here.",
];

export interface DeploymentRecord {
  readonly source: "GitHub" | "Workflows";
  /** The last days of which it has every deployment. */
  readonly days: number;
  readonly deployments: readonly Deployment[];
  /** What it lacks beyond what each record lacks, in sentences. */
  readonly lacks: readonly string[];
}

export interface Figures extends Pick<DeploymentRecord, "source" | "days"> {
  /** Deployments that have succeeded, the days (UTC) that had one, and the first of them. */
  readonly frequency: {
    readonly deployments: number;
    readonly activeDays: number;
    readonly first: string | undefined;
  };
  /** Median of the seconds from the push until the image is live, and of how many that is. */
  readonly leadTime: Median;
  /** Undefined where nothing was deployed. */
  readonly failureRate: { readonly failed: number; readonly of: number; readonly share: number | undefined };
  /** Median of the seconds from a failure until the next deployment of the service that has succeeded. */
  readonly recovery: Median & { readonly open: number };
  /** What they do not know beside what no record has, in sentences. */
  readonly unknown: readonly string[];
}

export interface Median {
  /** Undefined where there is nothing to take it of. */
  readonly seconds: number | undefined;
  readonly of: number;
}

export function figuresOf({ source, days, deployments, lacks }: DeploymentRecord, now: Date): Figures {
  const from = daysBefore(now, days);
  const recent = deployments
    .filter(({ at }) => Date.parse(at) >= from.getTime())
    .toSorted((one, other) => one.at.localeCompare(other.at));
  const succeeded = recent.filter(({ state }) => state === "succeeded");
  const failed = recent.filter(({ state }) => state === "failed").length;
  const of = succeeded.length + failed;
  const lead = medianOf(succeeded.flatMap(({ pushToLive }) => pushToLive ?? []));
  return {
    source,
    days,
    frequency: {
      deployments: succeeded.length,
      activeDays: new Set(succeeded.map(({ at }) => at.slice(0, 10))).size,
      first: succeeded[0]?.at,
    },
    leadTime: lead,
    failureRate: { failed, of, share: of === 0 ? undefined : failed / of },
    recovery: recoveryOf(recent),
    unknown: [...lacks, ...ofSome(recent.length - of, succeeded.length - lead.of)],
  };
}

/** Several failures of a service in a row are one: it ends with the next success. */
function recoveryOf(recent: readonly Deployment[]): Figures["recovery"] {
  const all = [...Map.groupBy(recent, ({ service }) => service).values()].map(spansOf);
  return {
    ...medianOf(all.flatMap(({ seconds }) => seconds)),
    open: all.filter(({ isOpen }) => isOpen).length,
  };
}

/** @param own the deployments of one service, the oldest first */
function spansOf(own: readonly Deployment[]): { readonly seconds: number[]; readonly isOpen: boolean } {
  const seconds: number[] = [];
  let since: string | undefined;
  for (const { state, at } of own) {
    if (state === "failed") since ??= at;
    if (state !== "succeeded" || since === undefined) continue;
    seconds.push((Date.parse(at) - Date.parse(since)) / 1000);
    since = undefined;
  }
  return { seconds, isOpen: since !== undefined };
}

function medianOf(values: readonly number[]): Median {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.ceil(values.length / 2) - 1], sorted[Math.floor(values.length / 2)]];
  const seconds = low === undefined || high === undefined ? undefined : (low + high) / 2;
  return { seconds, of: values.length };
}

function ofSome(undecided: number, silent: number): string[] {
  return [
    ...(undecided === 0
      ? []
      : [
          `Without an outcome, and not counted: ${undecided.toString()} that a newer image replaced, a sync window holds, no pod runs, ` +
            "somebody stopped, or that are still under way.",
        ]),
    ...(silent === 0 ? [] : [`How long it took is not recorded of ${silent.toString()} that succeeded.`]),
  ];
}

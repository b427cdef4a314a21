/** Four DORA metrics (dora.dev/guides/dora-metrics), as far as deployments are recorded. */
import type { Deployment } from "./deployments.ts";

/** In days, if the records go back that far. */
export const period = 30;

export function daysBefore(now: Date, days: number): Date {
  const milliseconds = days * 86_400_000;
  return new Date(now.getTime() - milliseconds);
}

/** What no record contains. */
export const unrecordable: readonly string[] = [
  "The lead time begins with the push: it includes neither the age of the commits nor pushes that a newer one replaced.",
  "Defects found after a successful rollout do not count as failures, and rollbacks by a pin do not count as recoveries.",
];

export interface DeploymentRecord {
  readonly source: "GitHub" | "Workflows";
  /** The number of past days for which it has every deployment. */
  readonly days: number;
  readonly deployments: readonly Deployment[];
  /** What it lacks in addition to `unrecordable`, in sentences. */
  readonly lacks: readonly string[];
}

export interface Figures extends Pick<DeploymentRecord, "source" | "days"> {
  /** Successful deployments, the days (UTC) that had one, and the first one. */
  readonly frequency: {
    readonly deployments: number;
    readonly activeDays: number;
    readonly first: string | undefined;
  };
  /** The median of the seconds from the push until the image is live. */
  readonly leadTime: Median;
  /** The share is undefined if nothing was deployed. */
  readonly failureRate: { readonly failed: number; readonly of: number; readonly share: number | undefined };
  /** The median of the seconds from a failure until the service's next successful deployment. */
  readonly recovery: Median & { readonly open: number };
  /** What they lack in addition to `unrecordable`, in sentences. */
  readonly unknown: readonly string[];
}

export interface Median {
  /** Undefined without values. */
  readonly seconds: number | undefined;
  /** The number of values. */
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

/** Consecutive failures of a service count as one, which ends with the next success. */
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
          `Not counted: ${undecided.toString()} without an outcome, because a newer image replaced them, a sync window holds them, ` +
            "no pod runs them, somebody stopped them, or they are still in progress.",
        ]),
    ...(silent === 0
      ? []
      : [`Without a recorded lead time: ${silent.toString()} of the successful deployments.`]),
  ];
}

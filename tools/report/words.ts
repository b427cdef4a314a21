/** Formats times and metrics, for the terminal and the page. */
import type { Since } from "./applications.ts";
import type { BuildRow } from "./builds.ts";
import type { Figures, Median } from "./figures.ts";
import type { LiveImage } from "./repositories.ts";

/** A time in UTC, to the second. */
export function timeText(time: string): string {
  return time.replace("T", " ").replace(/(\.\d+)?Z$/, "");
}

export function sinceText({ at, orEarlier }: Since): string {
  return `${timeText(at)}${orEarlier ? " or earlier" : ""}`;
}

/** Shows the two largest units. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const units = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  const shownUnits = units.slice(first, first + 2).filter(([count]) => count > 0);
  return shownUnits.length === 0
    ? "0 s"
    : shownUnits.map(([count, unit]) => `${count.toString()} ${unit}`).join(" ");
}

export function shortCommit(commit: string | undefined): string {
  return commit === undefined || commit === "" ? "?" : commit.slice(0, 7);
}

/** Enough of the digest to find it; an image without one is shown as it is. */
export function shortDigest({ image, digest }: Pick<LiveImage, "image" | "digest">): string {
  return digest?.slice("sha256:".length, "sha256:".length + 12) ?? image;
}

/** Why a stack has no figures. */
export const unrecorded = "not known: no build waits until its image is live";

export function resultText({ startedBy, result }: BuildRow): string {
  return startedBy === "" ? result : `${result} (started by ${startedBy})`;
}

/** The name of each metric, and its text, with the numbers behind it. */
export const figures: readonly (readonly [string, (figures: Figures) => string])[] = [
  ["Deployment frequency", ({ frequency, days }) => frequencyText(frequency, days)],
  ["Lead time for changes", ({ leadTime }) => medianText(leadTime, "deployment")],
  ["Change failure rate", ({ failureRate }) => rateText(failureRate)],
  ["Failed deployment recovery time", ({ recovery }) => recoveryText(recovery)],
];

function frequencyText({ deployments, activeDays, first }: Figures["frequency"], days: number): string {
  const count = `${deployments.toString()} in ${daysText(days)}`;
  return first === undefined
    ? count
    : `${count}, on ${activeDays.toString()} calendar ${activeDays === 1 ? "day" : "days"}; the first on ${first.slice(0, 10)}`;
}

export function daysText(days: number): string {
  const rounded = Math.round(days * 10) / 10;
  return `${rounded.toString()} ${rounded === 1 ? "day" : "days"}`;
}

function medianText({ seconds, of }: Median, what: string): string {
  return seconds === undefined
    ? `not known: no ${what} in this period`
    : `${durationText(seconds)}, the median of ${of.toString()}`;
}

function rateText({ failed, of, share }: Figures["failureRate"]): string {
  return share === undefined
    ? "not known: no deployment in this period"
    : `${Math.round(share * 100).toString()} %: ${failed.toString()} of ${of.toString()} failed`;
}

function recoveryText({ open, ...median }: Figures["recovery"]): string {
  const left = open === 0 ? "" : `; ${open.toString()} not recovered yet`;
  return `${medianText(median, "recovery")}${left}`;
}

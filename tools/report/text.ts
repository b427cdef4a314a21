/** The report as people read it. */
import type { LiveApplication } from "./applications.ts";
import type { StepName } from "../../components/builds/steps/steps.ts";
import { stepNames } from "../../components/builds/steps/steps.ts";
import type { BuildRow } from "./builds.ts";

export interface Report {
  readonly stack: string;
  readonly builds: readonly BuildRow[];
  readonly applications: readonly LiveApplication[];
  /** Services that the stack file holds at a commit. */
  readonly pins: readonly string[];
}

export function reportText({ stack, builds, applications, pins }: Report): string {
  return [
    builds.length === 0 ? `Stack ${stack} has built nothing yet.` : `The last builds of stack ${stack}`,
    ...buildTable(builds),
    "",
    applications.length === 0 ? "No application is there." : "Live now",
    ...applications.flatMap(applicationLines),
    ...(pins.length === 0 ? [] : ["", `Pinned: ${pins.join(", ")}`]),
  ].join("\n");
}

function buildTable(builds: readonly BuildRow[]): string[] {
  if (builds.length === 0) return [];
  const used = stepNames.filter((step) => builds.some((one) => one.steps[step] !== undefined));
  const head = ["pushed (UTC)", "service", "commit", "ref", ...used, "whole", "push to live", "result"];
  const rows = builds.map((one) => [
    one.at.replace("T", " ").replace("Z", ""),
    one.service,
    one.commit.slice(0, 7) || "?",
    one.ref,
    ...used.map((step: StepName) => seconds(one.steps[step])),
    seconds(one.whole),
    seconds(one.pushToLive),
    one.startedBy === "" ? one.result : `${one.result} (started by ${one.startedBy})`,
  ]);
  return aligned([head, ...rows], 4, used.length + 2);
}

function seconds(value: number | undefined): string {
  return value === undefined ? "-" : `${value.toString()} s`;
}

/** Columns of the same width; the numbers, of which there are as many from the first, to the right. */
function aligned(rows: readonly (readonly string[])[], first: number, numbers: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) => {
        const isNumber = column >= first && column < first + numbers;
        return isNumber ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
      })
      .join("  ")
      .trimEnd()
      .replace(/^/, "  "),
  );
}

function applicationLines({ name, sync, health, errors, images }: LiveApplication): string[] {
  return [
    `  ${name}: ${sync}, ${health}`,
    ...errors.map((error) => `    ! ${error}`),
    ...images.map(({ image, commit }) => {
      const short = image.replace(/@sha256:([0-9a-f]{12})[0-9a-f]*$/, "@sha256:$1…");
      return `    ${short}${commit === undefined ? "" : `  commit ${commit.slice(0, 7)}`}`;
    }),
  ];
}

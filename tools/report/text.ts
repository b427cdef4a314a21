/** Formats the report for a terminal. */
import type { StepName } from "../../components/builds/steps/steps.ts";
import { stepNames } from "../../components/builds/steps/steps.ts";
import type { LiveApplication } from "./applications.ts";
import type { BuildRow } from "./builds.ts";
import { unrecordable } from "./figures.ts";
import type { LiveImage, RepositoryRow } from "./repositories.ts";
import type { StackReport } from "./stack.ts";
import { aligned } from "./table.ts";
import {
  durationText,
  figures,
  resultText,
  shortCommit,
  shortDigest,
  sinceText,
  timeText,
  unrecorded,
} from "./words.ts";

export interface Report {
  readonly stacks: readonly StackReport[];
  readonly unanswered: readonly Unanswered[];
}

/** A stack whose cluster could not be queried. */
export interface Unanswered {
  readonly stack: string;
  readonly because: string;
}

export function reportText({ stacks, unanswered }: Report): string {
  const [only, ...more] = stacks;
  return [
    ...unanswered.map(({ stack, because }) => [`Stack ${stack} is not shown. ${because}`]),
    only !== undefined && more.length === 0 ? liveTable(only) : sideBySide(stacks),
    failureTable(stacks),
    figureTable(stacks),
    ...stacks.map(({ stack, figures: all }) =>
      unknownLines(`Missing in the metrics of stack ${stack}:`, all?.unknown ?? []),
    ),
    unknownLines("Not included in any metric:", unrecordable),
    ...stacks.flatMap(stackParts),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function liveTable({ stack, repositories }: StackReport): string[] {
  if (repositories.length === 0) return [`Stack ${stack} builds no repository.`];
  const head = ["repository", "commit", "digest", "since (UTC)", "push to live", "application"];
  return [`Live in stack ${stack}`, ...aligned([head, ...repositories.flatMap(liveRows)], 4, 1)];
}

function liveRows({ service, live, why }: RepositoryRow): string[][] {
  if (live.length === 0) return [[service, "-", "-", "-", "-", why]];
  return live.map(({ commit, image, digest, since, pushToLive, applications }) => [
    service,
    shortCommit(commit),
    shortDigest({ image, digest }),
    since === undefined ? "?" : sinceText(since),
    pushToLive === undefined ? "?" : durationText(pushToLive),
    applications.join(", "),
  ]);
}

/** A row for each service that a stack builds, and a column for each stack. */
function sideBySide(stacks: readonly StackReport[]): string[] {
  const services = [
    ...new Set(stacks.flatMap(({ repositories }) => repositories.map(({ service }) => service))),
  ];
  const rows = services.map((service) => [
    service,
    ...stacks.map(({ repositories }) => liveCell(repositories.find((one) => one.service === service))),
  ]);
  return ["Live", ...aligned([["repository", ...stacks.map(({ stack }) => stack)], ...rows])];
}

function liveCell(row: RepositoryRow | undefined): string {
  if (row === undefined) return "not in this stack";
  return row.live.length === 0 ? `- (${row.why})` : row.live.map(imageText).join("; ");
}

function imageText({ commit, image, digest, since, pushToLive }: LiveImage): string {
  return [
    `${shortCommit(commit)} ${shortDigest({ image, digest })}`,
    ...(since === undefined ? [] : [`since ${sinceText(since)}`]),
    ...(pushToLive === undefined ? [] : [`${durationText(pushToLive)} after the push`]),
  ].join(", ");
}

function failureTable(stacks: readonly StackReport[]): string[] {
  const isOne = stacks.length === 1;
  const rows = stacks.flatMap(({ stack, repositories }) =>
    repositories.flatMap(({ service, failures }) =>
      failures.map(({ at, commit, words }) => [
        ...(isOne ? [] : [stack]),
        service,
        timeText(at),
        shortCommit(commit),
        words,
      ]),
    ),
  );
  const head = [...(isOne ? [] : ["stack"]), "repository", "failed (UTC)", "commit", "error"];
  return rows.length === 0 ? ["No failures are known."] : ["Last failures", ...aligned([head, ...rows])];
}

function figureTable(stacks: readonly StackReport[]): string[] {
  const head = [
    "",
    ...stacks.map(({ stack, figures: all }) => (all === undefined ? stack : `${stack}, from ${all.source}`)),
  ];
  const rows = figures.map(([name, say]) => [
    name,
    ...stacks.map(({ figures: all }) => (all === undefined ? unrecorded : say(all))),
  ]);
  return ["DORA metrics", ...aligned([head, ...rows])];
}

function unknownLines(title: string, unknown: readonly string[]): string[] {
  return unknown.length === 0 ? [] : [title, ...unknown.map((one) => `  - ${one}`)];
}

function stackParts({ stack, builds, applications, pins }: StackReport): string[][] {
  return [
    [
      builds.length === 0 ? `Stack ${stack} has built nothing yet.` : `Last builds of stack ${stack}`,
      ...buildTable(builds),
    ],
    [
      applications.length === 0 ? `Stack ${stack} has no application.` : `Applications of stack ${stack}`,
      ...applications.flatMap(applicationLines),
    ],
    pins.length === 0 ? [] : [`Pinned in stack ${stack}: ${pins.join(", ")}`],
  ];
}

function buildTable(builds: readonly BuildRow[]): string[] {
  if (builds.length === 0) return [];
  const used = stepNames.filter((step) => builds.some((one) => one.steps[step] !== undefined));
  const head = ["pushed (UTC)", "service", "commit", "ref", ...used, "total", "push to live", "result"];
  const rows = builds.map((one) => [
    timeText(one.at),
    one.service,
    shortCommit(one.commit),
    one.ref,
    ...used.map((step: StepName) => seconds(one.steps[step])),
    seconds(one.whole),
    seconds(one.pushToLive),
    resultText(one),
  ]);
  return aligned([head, ...rows], 4, used.length + 2);
}

function seconds(value: number | undefined): string {
  return value === undefined ? "-" : `${value.toString()} s`;
}

function applicationLines({ name, sync, health, errors, images }: LiveApplication): string[] {
  return [
    `  ${name}: ${sync}, ${health}`,
    ...errors.map((error) => `    ! ${error}`),
    ...images.map(({ image, commit }) => {
      const short = image.replace(/@sha256:([0-9a-f]{12})[0-9a-f]*$/, "@sha256:$1…");
      return `    ${short}${commit === undefined ? "" : `  commit ${shortCommit(commit)}`}`;
    }),
  ];
}

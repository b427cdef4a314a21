/** The last failures, the last builds, and the applications. */
import { h } from "preact";
import { stepNames } from "../../components/builds/steps/steps.ts";
import type { LiveApplication } from "../report/applications.ts";
import type { BuildRow } from "../report/builds.ts";
import type { Failure, RepositoryRow } from "../report/repositories.ts";
import type { StackReport } from "../report/stack.ts";
import { durationText, resultText, shortCommit } from "../report/words.ts";
import type { Column, Html } from "./elements.ts";
import { code, list, table } from "./elements.ts";
import { commitLink, perStack, time } from "./report-elements.ts";

interface FailureRow {
  readonly stack: StackReport;
  readonly repository: RepositoryRow;
  readonly failure: Failure;
}

export function failureTable(stacks: readonly StackReport[]): Html {
  const rows = stacks.flatMap((stack) =>
    stack.repositories.flatMap((repository) =>
      repository.failures.map((failure): FailureRow => ({ stack, repository, failure })),
    ),
  );
  if (rows.length === 0) return h("p", null, "No failures are known.");
  const columns: Column<FailureRow>[] = [
    { title: "Repository", cell: ({ repository }) => code(repository.service) },
    ...(stacks.length > 1 ? [{ title: "Stack", cell: ({ stack }: FailureRow) => stack.stack }] : []),
    { title: "Failed", cell: ({ failure }) => time(failure.at) },
    {
      title: "Commit",
      cell: ({ stack, repository, failure }) => commitLink(stack.github, repository.slug, failure.commit),
    },
    { title: "Error", cell: ({ failure }) => failure.words },
  ];
  return table("Last failures", columns, rows);
}

export function buildTables(stacks: readonly StackReport[]): Html {
  return perStack(stacks, "builds", buildColumns, ({ builds }) => builds);
}

const buildColumns: readonly Column<BuildRow>[] = [
  { title: "Service", cell: ({ service }) => code(service) },
  { title: "Pushed", cell: ({ at }) => time(at) },
  { title: "Commit", cell: ({ commit, ref }) => h("span", null, code(shortCommit(commit)), " ", ref) },
  { title: "Steps", cell: ({ steps }) => list(stepNames.flatMap((name) => stepText(name, steps[name]))) },
  { title: "Total", cell: ({ whole }) => secondsText(whole) },
  { title: "Push to live", cell: (build) => secondsText(build.pushToLive) },
  { title: "Result", cell: resultText },
];

function stepText(name: string, seconds: number | undefined): string[] {
  return seconds === undefined ? [] : [`${name} ${durationText(seconds)}`];
}

function secondsText(seconds: number | undefined): string {
  return seconds === undefined ? "–" : durationText(seconds);
}

export function applicationTables(stacks: readonly StackReport[]): Html {
  return perStack(stacks, "applications", applicationColumns, ({ applications }) => applications);
}

const applicationColumns: readonly Column<LiveApplication>[] = [
  { title: "Application", cell: ({ name }) => code(name) },
  { title: "State", cell: ({ sync, health }) => `${sync}, ${health}` },
  { title: "Images", cell: ({ images }) => list(images.map(({ image }) => code(image))) },
  { title: "Errors", cell: ({ errors }) => (errors.length === 0 ? "–" : list(errors)) },
];

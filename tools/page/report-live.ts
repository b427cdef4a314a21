/** What is live of each repository: of one stack in detail, of several side by side. */
import type { LiveImage, RepositoryRow } from "../report/repositories.ts";
import type { StackReport } from "../report/stack.ts";
import { durationText, shortDigest } from "../report/words.ts";
import type { Column, Html } from "./elements.ts";
import { code, list, table } from "./elements.ts";
import { commitLink, time } from "./report-elements.ts";

export function liveTable(stacks: readonly StackReport[]): Html {
  const [only, ...more] = stacks;
  return only !== undefined && more.length === 0
    ? table(`What is live in ${only.stack}`, columnsOf(only), only.repositories)
    : sideBySide(stacks);
}

function columnsOf({ github }: StackReport): Column<RepositoryRow>[] {
  const each = (say: (one: LiveImage, row: RepositoryRow) => Html) => (row: RepositoryRow) =>
    row.live.length === 0 ? "–" : list(row.live.map((one) => say(one, row)));
  return [
    { title: "Repository", cell: ({ service }) => code(service) },
    { title: "Commit", cell: each(({ commit }, { slug }) => commitLink(github, slug, commit)) },
    { title: "Image", cell: each((one) => code(shortDigest(one))) },
    { title: "Since", cell: each(since) },
    { title: "Push to live", cell: each(pushToLive) },
    {
      title: "Application",
      cell: (row) =>
        row.live.length === 0 ? row.why : list(row.live.map(({ applications }) => applications.join(", "))),
    },
  ];
}

function since({ since: known }: LiveImage): Html {
  return known === undefined ? "not known" : [time(known.at), known.orEarlier ? " or earlier" : ""];
}

function pushToLive({ pushToLive: seconds }: LiveImage): Html {
  return seconds === undefined ? "not known" : durationText(seconds);
}

function sideBySide(stacks: readonly StackReport[]): Html {
  const services = [
    ...new Set(stacks.flatMap(({ repositories }) => repositories.map(({ service }) => service))),
  ];
  const columns: Column<string>[] = [
    { title: "Repository", cell: (service) => code(service) },
    ...stacks.map((stack) => ({
      title: stack.stack,
      cell: (service: string) => inStack(stack, service),
    })),
  ];
  return table("What is live, by stack", columns, services);
}

function inStack({ github, repositories }: StackReport, service: string): Html {
  const row = repositories.find((one) => one.service === service);
  if (row === undefined) return "not in this stack";
  if (row.live.length === 0) return row.why;
  return list(
    row.live.map((one) => [
      commitLink(github, row.slug, one.commit),
      " ",
      code(shortDigest(one)),
      list([
        ...(one.since === undefined ? [] : [["since ", since(one)]]),
        ...(one.pushToLive === undefined ? [] : [[durationText(one.pushToLive), " after the push"]]),
        one.applications.join(", "),
      ]),
    ]),
  );
}

/** The page of `npm run report -- <stack>... --html FILE`: what is live. It needs no other file, and runs no script. */
import { h } from "preact";
import type { Report } from "../report/text.ts";
import { timeText } from "../report/words.ts";
import { writeWhole } from "../system/files.ts";
import { plainDocument } from "./document.ts";
import type { Html } from "./elements.ts";
import { section } from "./elements.ts";
import { figureTable } from "./report-figures.ts";
import { liveTable } from "./report-live.ts";
import { applicationTables, buildTables, failureTable } from "./report-tables.ts";

/** @throws UserError if the file cannot be written */
export function writeReport(file: string, report: Report): void {
  writeWhole(file, reportPage(report, new Date()));
}

/** @param now when the data was read */
export function reportPage(report: Report, now: Date): string {
  const { stacks } = report;
  const title = `What is live in ${stacks.map(({ stack }) => stack).join(" and ")}`;
  const sections: readonly (readonly [id: string, title: string, content: Html])[] = [
    ["live", "Live", liveTable(stacks)],
    ["failures", "Last failures", failureTable(stacks)],
    ["figures", "DORA metrics", figureTable(stacks)],
    ["builds", "Last builds", buildTables(stacks)],
    ["applications", "Applications", applicationTables(stacks)],
  ];
  const links = sections.flatMap(([id, name]) => [h("a", { href: `#${id}` }, name), " "]);
  const head = h(
    "header",
    null,
    h("h1", null, title),
    h("p", null, `As the clusters and GitHub reported at ${timeText(now.toISOString())}. All times are UTC.`),
    h("nav", { "aria-label": "Sections" }, ...links),
  );
  const missing = report.unanswered.map(({ stack, because }) =>
    h("p", { class: "notice grave" }, `Stack ${stack} is not shown. ${because}`),
  );
  const shown = sections.map(([id, name, content]) => section(id, name, content));
  return plainDocument(title, [head, h("main", null, ...missing, ...shown)]);
}

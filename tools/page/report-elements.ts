/** The elements that the sections of the report's page share. */
import { h } from "preact";
import type { StackReport } from "../report/stack.ts";
import { shortCommit, timeText } from "../report/words.ts";
import type { Column, Html } from "./elements.ts";
import { code, table } from "./elements.ts";

/** A commit, with a link to GitHub if it is known in full. */
export function commitLink(github: string, slug: string, commit: string | undefined): Html {
  const short = code(shortCommit(commit));
  return commit !== undefined && /^[0-9a-f]{40}$/.test(commit)
    ? h("a", { href: `${github}/${slug}/commit/${commit}` }, short)
    : short;
}

/** A time in UTC. */
export function time(at: string): Html {
  return h("time", { datetime: at }, timeText(at));
}

/** A table for each stack that has rows, under the stack's name if there are several. */
export function perStack<Row>(
  stacks: readonly StackReport[],
  what: string,
  columns: readonly Column<Row>[],
  rows: (stack: StackReport) => readonly Row[],
): Html {
  return stacks.map((one) => [
    stacks.length > 1 ? h("h3", null, one.stack) : undefined,
    rows(one).length === 0 ? h("p", null, `No ${what}.`) : table(`${one.stack}: ${what}`, columns, rows(one)),
  ]);
}

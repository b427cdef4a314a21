/** The DORA metrics of each stack, and what they lack. */
import { h } from "preact";
import { unrecordable } from "../report/figures.ts";
import type { StackReport } from "../report/stack.ts";
import { figures, unrecorded } from "../report/words.ts";
import type { Column, Html } from "./elements.ts";
import { table } from "./elements.ts";

type Figure = (typeof figures)[number];

export function figureTable(stacks: readonly StackReport[]): Html {
  const columns: Column<Figure>[] = [
    { title: "Metric", cell: ([name]) => name },
    ...stacks.map(({ stack, figures: known }) => ({
      title: stack,
      cell: ([, say]: Figure) => (known === undefined ? unrecorded : say(known)),
    })),
  ];
  return [
    table("Metrics, by stack", columns, figures),
    ...stacks.map(limits),
    notes("Not included in any metric", unrecordable),
  ];
}

function limits({ stack, figures: known }: StackReport): Html {
  if (known === undefined) return undefined;
  const source = known.source === "GitHub" ? "Deployments at GitHub" : "Workflows";
  return notes(`The metrics of ${stack} are from ${source}`, known.unknown);
}

function notes(title: string, sentences: readonly string[]): Html {
  const paragraphs = sentences.map((one) => h("p", null, one));
  return h("div", { class: "notice" }, h("h3", null, title), ...paragraphs);
}

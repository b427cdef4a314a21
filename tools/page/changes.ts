/** The differences from an earlier preview, and what the edit deletes. */
import { h } from "preact";
import type { SettingError } from "../../components/settings/errors.ts";
import type { Change } from "../offline/folder.ts";
import type { Consequences, Gone } from "./consequences.ts";
import type { Html } from "./elements.ts";
import { code, counted, list, section } from "./elements.ts";

/** How many changed objects are unfolded. New and removed objects are folded. */
const unfolded = 12;

/** The name of a difference in the archive. */
export function differenceName(path: string): string {
  return `difference/${path}`;
}

export function changesSection(
  against: string,
  changes: readonly Change[],
  { refused, gone }: Consequences,
): Html {
  const nothing = changes.length === 0;
  const open = new Set(changes.filter(({ kind }) => kind === "changed").slice(0, unfolded));
  return section(
    "changes",
    `Changes since ${against}`,
    h("p", null, nothing ? "Nothing differs." : `${counted(changes.length, "object")}: ${summary(changes)}.`),
    refused.length === 0 ? undefined : refusals(refused),
    gone.length === 0 ? undefined : destroyed(gone),
    ...changes.map((change) => difference(change, open.has(change))),
  );
}

function summary(changes: readonly Change[]): string {
  return [...Map.groupBy(changes, ({ kind }) => kind)]
    .map(([kind, own]) => `${own.length.toLocaleString("en")} ${kind}`)
    .join(", ");
}

function refusals(errors: readonly SettingError[]): Html {
  const items = errors.map(({ path, rule, fix }) => [code(path), ": ", rule, ". Fix: ", fix, "."]);
  return h(
    "div",
    { class: "notice grave" },
    h("h3", null, code("pulumi up"), " refuses this edit"),
    list(items),
  );
}

function destroyed(gone: readonly Gone[]): Html {
  return h(
    "div",
    { class: "notice grave" },
    h("h3", null, `What the edit removes: ${counted(gone.length, "object")}`),
    list(gone.map(({ path, fate }) => [code(path.replace(/\.yaml$/, "")), " ", fate])),
  );
}

/** The script adds the text from the archive when it is opened. */
function difference({ path, kind }: Change, open: boolean): Html {
  return h(
    "details",
    { class: "difference", open, "data-text": differenceName(path) },
    h("summary", null, h("span", { class: kind }, kind), " ", code(path.replace(/\.yaml$/, ""))),
  );
}

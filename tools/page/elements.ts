/** The elements that the page's sections share. Their content is escaped when it is rendered. */
import type { ComponentChildren as Html } from "preact";
import { h } from "preact";

export type { Html };

/** The address at which the page shows an object: `#` and its file. */
export function addressOf(path: string): string {
  return `#${encodeURI(path)}`;
}

export function section(id: string, title: string, ...children: Html[]): Html {
  return h(
    "section",
    { id, "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, title),
    ...children,
  );
}

export function code(text: string): Html {
  return h("code", null, text);
}

/** A link that shows an object. */
export function objectLink(path: string, text: string): Html {
  return h("a", { href: addressOf(path), class: "object" }, text);
}

export function list(items: readonly Html[]): Html {
  return h("ul", null, ...items.map((item) => h("li", null, item)));
}

/** A column of a table: its heading, and the cell of a row. The first one names the row. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Html;
}

/** On a narrow screen each row is a card, in which every cell repeats its column's heading. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Html {
  const head = columns.map(({ title }) => h("th", { scope: "col" }, title));
  const cells = (row: Row) =>
    columns.map(({ title, cell }, index) =>
      index === 0 ? h("th", { scope: "row" }, cell(row)) : h("td", { "data-title": title }, cell(row)),
    );
  return h(
    "table",
    null,
    h("caption", null, caption),
    h("thead", null, h("tr", null, ...head)),
    h("tbody", null, ...rows.map((row) => h("tr", null, ...cells(row)))),
  );
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

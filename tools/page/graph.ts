/** The path of a push, as a graph that Graphviz lays out. */
import type { Attributes, Edge, Graph, Node, Subgraph } from "@viz-js/viz";
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import { addressOf } from "./elements.ts";
import type { Place, Stop, Way } from "./ways.ts";
import { ownStops } from "./ways.ts";

/** From left to right, or from top to bottom. */
export type Direction = "LR" | "TB";

/** Graphviz measures with font widths of its own. Those of Courier match every monospaced font. */
const sans = "Helvetica";
const mono = "Courier";
const nameSize = 13;

/** Longer names are cut; a screen reader gets the whole name. */
const maxName = 30;

export function shortened(name: string): string {
  return name.length <= maxName ? name : `${name.slice(0, maxName - 1)}…`;
}

/** @param ways that differ only in the names of their own stops; the first one's are shown */
export function graphOf(ways: readonly [Way, ...Way[]], direction: Direction): Graph {
  const [way] = ways;
  const lengths = room(ways, direction);
  const columns = direction === "LR";
  return {
    graphAttributes: {
      rankdir: direction,
      compound: true,
      // Makes Tab move through the stops in their order.
      outputorder: "nodesfirst",
      ranksep: columns ? 0.42 : 0.26,
      nodesep: 0.22,
      pad: 0.02,
      bgcolor: "transparent",
      fontname: sans,
      fontsize: 12,
    },
    nodeAttributes: { shape: "box", style: "rounded", fontname: sans, margin: "0.13,0.09", height: 0.3 },
    edgeAttributes: { arrowsize: 0.6 },
    subgraphs: way.places.map((place, index) => cluster(place, index, lengths, columns)),
    edges: edges(way, columns),
  };
}

/** The characters reserved for a stop's name: as many as the longest needs. From top to bottom, all are equal. */
function room(ways: readonly Way[], direction: Direction): (id: string) => number {
  if (direction === "TB") return () => maxName;
  const lengths = new Map<string, number>();
  for (const { id, name } of ways.flatMap(({ places }) => places.flatMap(({ stops }) => stops)))
    lengths.set(id, Math.max(lengths.get(id) ?? 0, shortened(name).length));
  return (id) => lengths.get(id) ?? 0;
}

function edges(way: Way, columns: boolean): Edge[] {
  return [
    ...way.edges.map(([from, to]) => edge(way, from, to, columns)),
    ...way.places.flatMap((place) => piles(way, place, columns)),
    ...(columns ? heads(way) : []),
  ];
}

/** An edge to the first of several stops that no edge links points to their place. */
function edge(way: Way, from: string, to: string, columns: boolean): Edge {
  const index = way.places.findIndex(({ stops }) => stops.some(({ id }) => id === to));
  const place = way.places[index];
  if (place?.stops.some(({ id }) => id === from) === true) return downwards(from, to, columns, {});
  const isPile = place !== undefined && pairs(place).some((pair) => !isLinked(way, pair));
  return { tail: from, head: to, attributes: isPile ? { lhead: clusterName(index) } : {} };
}

/** In columns, Graphviz draws an edge within a place downwards only if it is declared upwards. */
function downwards(from: string, to: string, columns: boolean, attributes: Attributes): Edge {
  return columns
    ? { tail: to, head: from, attributes: { ...attributes, dir: "back" } }
    : { tail: from, head: to, attributes };
}

/** Invisible edges that keep stops without an edge one below the other. */
function piles(way: Way, place: Place, columns: boolean): Edge[] {
  return pairs(place)
    .filter((pair) => !isLinked(way, pair))
    .map(([from, to]) => downwards(from, to, columns, { style: "invis" }));
}

type Pair = readonly [string, string];

function pairs({ stops }: Place): Pair[] {
  return stops.slice(1).map(({ id }, index) => [stops[index]?.id ?? id, id]);
}

function isLinked(way: Way, [from, to]: Pair): boolean {
  return way.edges.some(([one, other]) => one === from && other === to);
}

/** Invisible edges that keep the first stops of all places on one line. */
function heads({ places }: Way): Edge[] {
  const first = places.flatMap(({ stops }) => stops.slice(0, 1).map(({ id }) => id));
  return first.slice(1).map((head, index) => ({
    tail: first[index] ?? head,
    head,
    attributes: { style: "invis", weight: 100 },
  }));
}

/** Graphviz draws a box around a subgraph with this prefix. */
function clusterName(index: number): string {
  return `cluster_${index.toString()}`;
}

function cluster(
  { title, stops }: Place,
  index: number,
  lengths: (id: string) => number,
  columns: boolean,
): Subgraph {
  const nodes = stops.map((stop) => node(stop, lengths(stop.id)));
  return {
    name: clusterName(index),
    graphAttributes: { label: { html: titleOf(title) }, labeljust: "l", margin: 10, style: "rounded" },
    ...(columns ? { subgraphs: [{ graphAttributes: { rank: "same" }, nodes }] } : { nodes }),
  };
}

/** A table keeps it at the left in any font. Graphviz would center the text alone by the width of its own font. */
function titleOf(title: string): string {
  const cell = h("tr", null, h("td", { align: "left" }, title));
  return renderToString(h("table", { border: 0, cellborder: 0, cellspacing: 0, cellpadding: 0 }, cell));
}

function node(stop: Stop, length: number): Node {
  const { id, path } = stop;
  return {
    name: id,
    attributes: {
      class: isOwn(stop) ? `own ${id}` : "shared",
      label: { html: renderToString(label(stop, length)) },
      ...(path === undefined ? {} : { URL: addressOf(path), tooltip: labelOf(stop) }),
    },
  };
}

/** A stop's text for screen readers: all that is visible, and the whole name. */
export function labelOf({ kind, name, details }: Stop): string {
  const short = shortened(name);
  return [kind, short, ...details, ...(short === name ? [] : [name])].join(" ");
}

/** Graphviz parses it as XML, so its text must be escaped. The style sheet shows proportional text a size smaller. */
function label({ kind, name, details }: Stop, length: number) {
  const line = (text: string, face: string, size: number, width?: number) =>
    h("tr", null, h("td", { align: "left", width }, h("font", { face, "point-size": size }, text)));
  return h(
    "table",
    { border: 0, cellborder: 0, cellspacing: 0, cellpadding: 1 },
    line(kind, sans, 11),
    line(shortened(name), mono, nameSize, Math.ceil(0.6 * nameSize * length)),
    ...details.map((text) => line(text, sans, 12)),
  );
}

export function isOwn({ id }: Stop): boolean {
  return ownStops.includes(id);
}

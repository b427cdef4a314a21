/** Draws ways by Graphviz, when the page is made. */
import type { Graph, Node, Subgraph, Viz } from "@viz-js/viz";
import { instance } from "@viz-js/viz";
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import { addressOf } from "./elements.ts";
import type { Place, Stop, Way } from "./ways.ts";
import { ownStops } from "./ways.ts";

/** The ways that differ in nothing but the repository's own names, and their common picture, with the names of the first. */
export interface Picture {
  readonly ways: readonly Way[];
  /** From left to right, place by place. */
  readonly wide: string;
  /** From top to bottom, for a narrow screen. */
  readonly tall: string;
}

export async function pictures(ways: readonly Way[]): Promise<Picture[]> {
  const viz = await instance();
  const groups = Map.groupBy(ways, shapeOf);
  return [...groups.values()].map((alike) => ({
    ways: alike,
    wide: draw(viz, alike, "LR"),
    tall: draw(viz, alike, "TB"),
  }));
}

function shapeOf({ project, places, edges }: Way): string {
  const shared = places.map(({ title, stops }) => [
    title,
    stops.map((stop) => (isOwn(stop) ? [stop.id, stop.details] : stop)),
  ]);
  return JSON.stringify([project.name, shared, edges]);
}

function isOwn({ id }: Stop): boolean {
  return ownStops.includes(id);
}

type Direction = "LR" | "TB";

/** The fonts' lengths are Graphviz's own: those of Courier are what every monospaced font has. */
const sans = "Helvetica";
const mono = "Courier";
const nameSize = 13;

/** More characters than this are cut; the whole name is in the link's label, and in its object. */
const longest = 30;

export function shortened(name: string): string {
  return name.length <= longest ? name : `${name.slice(0, longest - 1)}…`;
}

function draw(viz: Viz, ways: readonly Way[], direction: Direction): string {
  const [way] = ways;
  if (way === undefined) return "";
  const svg = viz.renderString(graphOf(way, room(ways, direction), direction), { format: "svg" });
  return withoutNoise(svg);
}

/** How many characters a stop has for its name: any that may come there fits. From top to bottom, all have the same. */
function room(ways: readonly Way[], direction: Direction): (id: string) => number {
  if (direction === "TB") return () => longest;
  const lengths = new Map<string, number>();
  for (const { id, name } of ways.flatMap(({ places }) => places.flatMap(({ stops }) => stops)))
    lengths.set(id, Math.max(lengths.get(id) ?? 0, shortened(name).length));
  return (id) => lengths.get(id) ?? 0;
}

function graphOf(way: Way, lengths: (id: string) => number, direction: Direction): Graph {
  const columns = direction === "LR";
  return {
    graphAttributes: {
      rankdir: direction,
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
    edges: [...way.edges.map(([from, to]) => edge(way, from, to, columns)), ...(columns ? heads(way) : [])],
  };
}

/** In columns, an edge within a place runs down only if Graphviz takes it to run up. */
function edge({ places }: Way, from: string, to: string, columns: boolean) {
  const within = places.some(({ stops }) => [from, to].every((id) => stops.some((stop) => stop.id === id)));
  return columns && within
    ? { tail: to, head: from, attributes: { dir: "back" } }
    : { tail: from, head: to, attributes: {} };
}

/** The first stops of all places on one line. */
function heads({ places }: Way) {
  const first = places.flatMap(({ stops }) => stops.slice(0, 1).map(({ id }) => id));
  return first.slice(1).map((head, index) => ({
    tail: first[index] ?? head,
    head,
    attributes: { style: "invis", weight: 100 },
  }));
}

function cluster(
  { title, stops }: Place,
  index: number,
  lengths: (id: string) => number,
  columns: boolean,
): Subgraph {
  const nodes = stops.map((stop) => node(stop, lengths(stop.id)));
  return {
    name: `cluster_${index.toString()}`,
    graphAttributes: { label: title, labeljust: "l", margin: 10, style: "rounded" },
    ...(columns ? { subgraphs: [{ graphAttributes: { rank: "same" }, nodes }] } : { nodes }),
  };
}

function node(stop: Stop, length: number): Node {
  const { id, kind, name, path } = stop;
  return {
    name: id,
    attributes: {
      class: isOwn(stop) ? `own ${id}` : "shared",
      label: { html: renderToString(label(stop, length)) },
      ...(path === undefined ? {} : { URL: addressOf(path), tooltip: `${kind} ${name}` }),
    },
  };
}

/** Graphviz reads it as XML, so what it holds must be escaped. The style sheet shows what is not monospaced a size smaller. */
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

/** The page's style sheet colors it; ids would be those of every picture, and titles are Graphviz's names. */
function withoutNoise(svg: string): string {
  return svg
    .slice(svg.indexOf("<svg"))
    .replace(/<!--[\s\S]*?-->\n?/g, "")
    .replace(/<title>[^<]*<\/title>\n?/g, "")
    .replace(/ (id|fill|stroke|xml:space|xmlns|xmlns:xlink)="[^"]*"/g, "")
    .replace(/ (width|height)="(\d+)pt"/g, ' $1="$2"')
    .replace(/xlink:title="/g, 'aria-label="')
    .replace(/xlink:href="/g, 'href="')
    .replace(/<g>\s*<a /g, "<a ")
    .replace(/<\/a>\s*<\/g>/g, "</a>")
    .trim();
}

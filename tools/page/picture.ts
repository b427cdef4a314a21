/** Draws ways with Graphviz, when the page is created. */
import type { Viz } from "@viz-js/viz";
import { instance } from "@viz-js/viz";
import type { Direction } from "./graph.ts";
import { graphOf, isOwn } from "./graph.ts";
import type { Way } from "./ways.ts";

/** The ways that differ only in the repository's own names, and their common picture, with the names of the first. */
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

function draw(viz: Viz, ways: readonly Way[], direction: Direction): string {
  const [first, ...others] = ways;
  if (first === undefined) return "";
  return withoutNoise(viz.renderString(graphOf([first, ...others], direction), { format: "svg" }));
}

/** Removes colors, which the style sheet sets, ids, which would repeat in each picture, and Graphviz's titles. */
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

/** Compares what Helm renders for the charts of two previews. */
import type { Files } from "../offline/folder.ts";
import { changesBetween, described } from "../offline/folder.ts";
import { renderChart } from "./helm.ts";
import type { Release } from "./releases.ts";
import { readReleases } from "./releases.ts";

/** Skips charts whose release is unchanged. */
export async function compareCharts(before: Files, after: Files): Promise<string> {
  const [from, to] = [readReleases(before), readReleases(after)];
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  const changed = names.filter((name) => from.get(name)?.text !== to.get(name)?.text);
  if (changed.length === 0) return "No chart differs.";
  const texts: string[] = [];
  for (const name of changed) texts.push(await describe(name, from.get(name), to.get(name)));
  return texts.join("\n");
}

async function describe(
  name: string,
  before: Release | undefined,
  after: Release | undefined,
): Promise<string> {
  const versions = [...new Set([before?.version ?? "not installed", after?.version ?? "removed"])];
  const changes = changesBetween(await renderChart(before), await renderChart(after)).map(described);
  const text = changes.length === 0 ? "No object differs.\n" : changes.join("\n");
  return `# ${name} ${versions.join(" -> ")}\n\n${text}`;
}

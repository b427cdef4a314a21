/** Compares the usage of builds with the two builders, as text. */
import type { BuilderName } from "../../components/builds/builders/builders.ts";
import type { Sample } from "./builder-runs.ts";
import { median } from "./quantile.ts";

/** Of one build, one sample each round. */
export type Rounds = Readonly<Record<BuilderName, readonly Sample[]>>;

const measures: readonly [string, number, (sample: Sample) => number][] = [
  ["seconds", 1, ({ seconds }) => seconds],
  ["processor seconds", 1, ({ cpu }) => cpu],
  ["MiB of memory", 0, ({ anonymous }) => anonymous],
  ["MiB with page cache", 0, ({ peak }) => peak],
  ["MiB on disk", 0, ({ disk }) => disk],
];

/** Each round has a ratio of its own: both builders ran in it beside the same other load. */
export function comparison(build: string, { kaniko, buildkit }: Rounds): string {
  const rows = measures.map(([name, digits, of]) => {
    const ratios = kaniko.flatMap((one, round) => {
      const other = buildkit[round];
      return other === undefined ? [] : [of(other) / of(one)];
    });
    const columns = [spread(kaniko.map(of), digits), spread(buildkit.map(of), digits), spread(ratios, 2)];
    return [`  ${name}`.padEnd(22), ...columns].join("  ");
  });
  return [build, ...rows].join("\n");
}

/** Median, minimum and maximum. */
function spread(values: readonly number[], digits: number): string {
  const text = [median(values), Math.min(...values), Math.max(...values)].map((one) => one.toFixed(digits));
  return `${text[0] ?? ""} (${text.slice(1).join(" to ")})`.padEnd(24);
}

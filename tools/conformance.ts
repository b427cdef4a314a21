/**
 * Builds the Dockerfiles of test/conformance with a builder as a stack runs it, and records the differences from
 * Docker's results. Needs root, runc and docker-registry. Run `npm run docs` afterwards.
 *
 * npm run conformance -- kaniko FILE              the executor that components/builds/images.ts names, built from its source
 * npm run conformance -- buildkit FOLDER          buildkitd and buildctl
 *
 * A pattern after that builds only the cases whose construct matches, and keeps the records of the others.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { images } from "../components/builds/images.ts";
import { cases } from "../test/conformance/cases.ts";
import type { Results } from "../test/conformance/results.ts";
import { versionOf } from "../test/conformance/results.ts";
import { buildAll } from "../test/support/conformance.ts";
import type { BuilderPrograms } from "../test/support/conformance-laboratory.ts";
import { openLaboratory } from "../test/support/conformance-laboratory.ts";

const file = join(import.meta.dirname, "../test/conformance/results.json");
const [builder, path, pattern = ""] = process.argv.slice(2);
const programs = programsOf(builder, path);
if (programs === undefined) {
  console.error("Usage: npm run conformance -- kaniko FILE [PATTERN], or buildkit FOLDER [PATTERN]");
  process.exit(2);
}
await record(programs);

function programsOf(name?: string, at?: string): BuilderPrograms | undefined {
  if (at === undefined) return undefined;
  if (name === "kaniko") return { builder: name, executor: at };
  if (name !== "buildkit") return undefined;
  return { builder: name, buildkitd: join(at, "buildkitd"), buildctl: join(at, "buildctl") };
}

async function record(given: BuilderPrograms): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  const laboratory = await openLaboratory(given, folder);
  const before = JSON.parse(readFileSync(file, "utf8")) as Results;
  const possible = cases.filter(({ download }) => given.builder === "kaniko" || download !== true);
  const wanted = possible.filter(({ construct }) => new RegExp(pattern).test(construct));
  const found = new Map(Object.entries(before[given.builder]?.results ?? {}));
  await buildAll(wanted, laboratory, ({ construct }, comparison) => {
    const same = [...comparison.first, ...comparison.cached].length === 0;
    console.log(
      same ? `same: ${construct}` : `differs: ${construct}\n${JSON.stringify(comparison, undefined, 2)}`,
    );
    found.set(construct, comparison);
  });
  laboratory.close();
  rmSync(folder, { recursive: true });
  const inOrder = Object.fromEntries(possible.map(({ construct }) => [construct, found.get(construct)]));
  const version = versionOf(images[given.builder]);
  const all = { ...before, [given.builder]: { version, results: inOrder } };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}

/**
 * Compares the same builds with Kaniko and with rootless BuildKit, each as a stack runs it: time, CPU time, memory and
 * disk. The builders take turns within one run. Needs root, runc, docker-registry and uidmap.
 *
 * npm run bench:builders -- FILE FOLDER [ROUNDS]    Kaniko's executor; a folder with buildkitd, buildctl, rootlesskit,
 *                                                   buildkit-runc and buildctl-daemonless.sh
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuilderName } from "../components/builds/builders/builders.ts";
import { clusterTool } from "../test/support/cluster-tools.ts";
import { buildOnce } from "../test/support/conformance.ts";
import { makeArchive } from "../test/support/images.ts";
import { startLocalRegistry } from "../test/support/registry.ts";
import { benchBase, benchImages } from "./bench/builder-images.ts";
import { comparison } from "./bench/builder-report.ts";
import type { Sample } from "./bench/builder-runs.ts";
import { imageOf, runner } from "./bench/builder-runs.ts";

const builderNames = ["kaniko", "buildkit"] as const satisfies readonly BuilderName[];
type ImageName = keyof typeof benchImages;

/** Three commits of an image: the first, one that changes nothing, and one that changes a source file. */
const commits = [
  { name: "from nothing", commit: "1".repeat(40), edit: "one" },
  { name: "unchanged", commit: "2".repeat(40), edit: "one" },
  { name: "one file changed", commit: "3".repeat(40), edit: "two" },
] as const;

const [executor, programs, rounds = "5"] = process.argv.slice(2);
if (executor === undefined || programs === undefined) {
  console.error(
    "Usage: npm run bench:builders -- FILE FOLDER [ROUNDS]: Kaniko's executor, and the folder of BuildKit's programs",
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "bench-builders-"));
const registry = await startLocalRegistry(join(folder, "registry"));
const crane = await clusterTool("crane");
const samples = new Map<string, Record<BuilderName, Sample[]>>();
const images = { kaniko: imageOf("kaniko", executor), buildkit: imageOf("buildkit", programs) };
try {
  pushBase();
  for (let round = 0; round < Number(rounds); round += 1) {
    for (const image of ["small", "large", "stages"] as const) await compare(image, round);
  }
  console.log(`median of ${rounds} (minimum to maximum): Kaniko, BuildKit, ratio of BuildKit to Kaniko\n`);
  for (const [build, both] of samples) console.log(comparison(build, both));
} finally {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
}

function pushBase(): void {
  const base = benchBase(`${registry.host}/base:1`);
  execFileSync(crane, ["push", "--insecure", makeArchive(base, folder), base.names[0]], { stdio: "pipe" });
}

/** Builds each commit with both builders before the next commit. */
async function compare(image: ImageName, round: number): Promise<void> {
  for (const commit of commits) {
    const build = `${image}, ${commit.name}`;
    const kept = samples.get(build) ?? { kaniko: [], buildkit: [] };
    samples.set(build, kept);
    for (const builder of builderNames) kept[builder].push(await sampleOf(builder, image, commit, round));
  }
}

/** Each round has an image of its own, and so a cache of its own. */
async function sampleOf(
  builder: BuilderName,
  image: ImageName,
  { commit, edit }: (typeof commits)[number],
  round: number,
): Promise<Sample> {
  const name = `${image}-${builder}-${round.toString()}`;
  const place = { folder: join(folder, name), name, commit };
  mkdirSync(place.folder, { recursive: true });
  const found: Sample[] = [];
  const run = runner(images[builder], folder, registry.host, (sample) => found.push(sample));
  const laboratory = { folder, host: registry.host, crane, builder, run };
  const { status, log } = await buildOnce(benchImages[image](edit), laboratory, place);
  const [sample] = found;
  if (status !== 0 || sample === undefined) throw new Error(`${name}: ${log}`);
  return sample;
}

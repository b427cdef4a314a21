/** Runs one build as a stack does, in a container with a control group of its own, and measures its usage. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuilderName } from "../../components/builds/builders/builders.ts";
import { images } from "../../components/builds/images.ts";
import type { Laboratory } from "../../test/support/conformance.ts";
import type { Image } from "../../test/support/images.ts";
import { buildkitImage, kanikoImage } from "../../test/support/images.ts";
import { layContainer, runLaid } from "../../test/support/pod-container.ts";
import type { Usage } from "./control-group.ts";
import { measured, processGroup } from "./control-group.ts";

/** The usage of one build. */
export interface Sample extends Usage {
  /** Wall-clock time, from the start of the container until its end. */
  readonly seconds: number;
  /** Used disk at the end, in MiB, without the builder's own image. */
  readonly disk: number;
}

/** The default of `builds.resources.memory`, in bytes. */
const memory = 2 ** 31;

/** The builder's image, from its programs: Kaniko's executor, or a folder of BuildKit's. */
export function imageOf(builder: BuilderName, programs: string): Image {
  return builder === "kaniko"
    ? kanikoImage(images.kaniko, programs)
    : buildkitImage(images.buildkit, programs);
}

/** @param host of the registry, which serves plain HTTP */
export function runner(
  image: Image,
  folder: string,
  host: string,
  report: (sample: Sample) => void,
): Laboratory["run"] {
  return async (container, folders) => {
    const at = mkdtempSync(join(folder, "run-"));
    const group = `bench-builders-${process.pid.toString()}`;
    layContainer(
      container,
      image,
      { ...folders, ...buildkitFolders(at, host) },
      at,
      `/${group}/${processGroup}`,
    );
    const before = diskOf(at);
    const { result, usage } = await measured(group, memory, async () => {
      const started = performance.now();
      return { outcome: await runLaid(at), seconds: (performance.now() - started) / 1000 };
    });
    report({ ...usage, seconds: result.seconds, disk: diskOf(at) - before });
    rmSync(at, { recursive: true });
    return result.outcome;
  };
}

/** The volume that BuildKit's user writes to, as the kubelet creates it, and its settings. */
function buildkitFolders(at: string, host: string): Readonly<Record<string, string>> {
  const [buildkit, buildkitd] = [join(at, "state"), join(at, "settings")];
  mkdirSync(buildkit);
  chmodSync(buildkit, 0o777);
  mkdirSync(buildkitd);
  writeFileSync(join(buildkitd, "buildkitd.toml"), `[registry.${JSON.stringify(host)}]\nhttp = true\n`);
  return { buildkit, buildkitd };
}

function diskOf(folder: string): number {
  return Number(execFileSync("du", ["-sm", folder], { encoding: "utf8" }).split("\t")[0]);
}

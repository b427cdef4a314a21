/** The definitions of Argo's kinds, from the Go modules of the projects that own them. */
import { execFile, execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { manager } from "./cluster-api.ts";
import type { ControlPlane } from "./cluster-control-plane.ts";
import { clusterTool, recipes } from "./cluster-tools.ts";
import { chartPrograms, updaterKindsVersion } from "./cluster-versions.ts";
import { until } from "./cluster-wait.ts";

export interface Source {
  readonly module: string;
  readonly version: string;
  readonly folder: string;
}

const events: Source = { ...recipes["argo-events"], folder: "manifests/base/crds" };
const workflows: Source = { ...recipes["workflow-controller"], folder: "manifests/base/crds/minimal" };

/** What a build needs. */
export const buildKinds: readonly Source[] = [events, workflows];

// Those of the installed version: the module has its manifests, though its program cannot be built.
const argoCd: Source = {
  module: recipes.argocd.module,
  version: chartPrograms.argoCd.program,
  folder: "manifests/crds",
};
const imageUpdater: Source = {
  module: "github.com/argoproj-labs/argocd-image-updater",
  version: updaterKindsVersion,
  folder: "config/crd/bases",
};

/** The definitions in each chart. */
export const chartKinds = {
  argoEvents: events,
  argoWorkflows: workflows,
  argoCd,
  imageUpdater,
} as const;

/** All kinds that a stack declares, with the full schemas of their projects. */
export const allKinds: readonly Source[] = [
  events,
  { ...workflows, folder: "manifests/base/crds/full" },
  argoCd,
  imageUpdater,
];

/** Defines the kinds and waits until the API serves them. */
export async function defineKinds(
  { kubeconfig }: Pick<ControlPlane, "kubeconfig">,
  sources: readonly Source[],
): Promise<void> {
  // Some are megabytes of YAML, which kubectl parses much faster than Node.
  const program = await clusterTool("kubectl");
  const kubectl = (...args: string[]) => promisify(execFile)(program, ["--kubeconfig", kubeconfig, ...args]);
  const files = sources.flatMap(definitionsIn).flatMap((file) => ["--filename", file]);
  await kubectl("apply", "--server-side", `--field-manager=${manager}`, ...files);
  // `kubectl wait` fails at once on an object that has no conditions yet.
  await until("the kinds are established", () => kubectl("wait", "--for=condition=Established", ...files));
}

export function definitionsIn({ module, version, folder }: Source): string[] {
  const downloaded = execFileSync("go", ["mod", "download", "-json", `${module}@${version}`], {
    encoding: "utf8",
  });
  const { Dir } = JSON.parse(downloaded) as { Dir: string };
  const path = join(Dir, folder);
  return readdirSync(path)
    .filter((name) => name.endsWith(".yaml") && name !== "kustomization.yaml")
    .map((name) => join(path, name));
}

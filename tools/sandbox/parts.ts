/** The programs that the sandbox runs: which of them are there, and how the others come about. */
import { existing } from "../../test/support/cluster-environment.ts";
import type { ClusterTool } from "../../test/support/cluster-tools.ts";
import { clusterTool, recipes } from "../../test/support/cluster-tools.ts";
import { cacheFolder, isBuilt, pulumiRecipe, pulumiTool, requireGo } from "../../test/support/go-tools.ts";

/** Builds what is missing. @throws Error in one line where there is no Go */
export async function buildParts(print: (line: string) => void): Promise<void> {
  // Argo's manifests are read from its modules, even where everything is built.
  requireGo();
  const missing = needed.filter((name) => !isBuilt(name, recipes[name]));
  const withoutPulumi = existing === undefined && !isBuilt("pulumi", pulumiRecipe());
  const names = [...(withoutPulumi ? ["pulumi"] : []), ...missing];
  if (names.length === 0) return;
  print(buildingText(names, cacheFolder));
  if (withoutPulumi) await pulumiTool();
  // One after the other, because each build uses all cores.
  for (const name of missing) await clusterTool(name);
}

/** All but the command of Argo Workflows, which only tests call; an existing cluster downloads its images. */
const needed: readonly ClusterTool[] =
  existing === undefined
    ? (Object.keys(recipes) as ClusterTool[]).filter((name) => name !== "argo")
    : ["kubectl"];

export function buildingText(names: readonly string[], folder: string): string {
  return `Building from Go modules, once, into ${folder}: ${names.join(", ")}.
All parts together take up to half an hour on two cores.`;
}

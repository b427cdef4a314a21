/** Builds the programs that the sandbox runs, if they are missing. */
import { existing } from "../../test/support/cluster-environment.ts";
import type { ClusterTool } from "../../test/support/cluster-tools.ts";
import { clusterTool, recipes, toolsOf } from "../../test/support/cluster-tools.ts";
import { cacheFolder, isBuilt, requireGo } from "../../test/support/go-tools.ts";
import { pulumiRecipe, pulumiTool } from "../../test/support/pulumi-tool.ts";

/** Builds what is missing. @throws Error of one line without Go */
export async function buildParts(print: (line: string) => void): Promise<void> {
  // Argo's manifests are read from its modules, even if everything is built.
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

/** What the cluster lane runs, too. An existing cluster pulls its images itself. */
const needed: readonly ClusterTool[] = existing === undefined ? toolsOf("cluster") : ["kubectl"];

export function buildingText(names: readonly string[], folder: string): string {
  return `Building from Go modules, once, into ${folder}: ${names.join(", ")}.
All of them together take up to half an hour on two cores.`;
}

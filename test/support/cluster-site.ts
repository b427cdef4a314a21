/** Where a test's cluster runs: on a node that the test starts, or where CLUSTER_KUBECONFIG points. */
import { existing } from "./cluster-environment.ts";
import { requireExisting, startExistingApi, startExistingSite } from "./cluster-existing.ts";
import { startOwnApi, startOwnSite } from "./cluster-own.ts";
import { requirePrerequisites } from "./cluster-prerequisites.ts";
import type { ApiSite, BuildSite, SiteOptions } from "./site.ts";

/**
 * @param packages required beside those of a node, by the programs that they contain
 * @throws Error that states in one line what is missing
 */
export async function requireSite(packages: Readonly<Record<string, string>> = {}): Promise<void> {
  if (existing === undefined) requirePrerequisites(packages);
  else await requireExisting(existing);
}

/** For tests of the API alone. */
export function startApi(): Promise<ApiSite> {
  return existing === undefined ? startOwnApi() : startExistingApi(existing);
}

export function startSite(options: SiteOptions): Promise<BuildSite> {
  return existing === undefined ? startOwnSite(options) : startExistingSite(existing);
}

/** Rules for NetworkPolicies and quotas. */
import { amountText, amountsOf, needsOfBuild } from "../builds/builders/needs.ts";
import type { SettingError } from "./errors.ts";
import type { Readable } from "./readable.ts";
import { repositoriesOf } from "./readable.ts";
import { resourcesOf } from "./resolve.ts";
import { isSigned } from "./signing.ts";

export function unknownApiServer({ stack: { cluster } }: Readable): SettingError[] {
  if (cluster?.networkPolicies.enabled !== true || cluster.networkPolicies.apiServer.length > 0) return [];
  return [
    {
      path: "cluster.networkPolicies.apiServer",
      rule: "a NetworkPolicy can name the API server only by its addresses",
      fix: "add those that `kubectl get endpointslices kubernetes --namespace default` shows, each like 192.0.2.10/32",
    },
  ];
}

/** A build that exceeds the quota alone would wait forever. */
export function smallQuota(config: Readable): SettingError[] {
  const { builds } = config.stack;
  if (builds?.quota === undefined) return [];
  const { quota, scan } = builds;
  const needs = repositoriesOf(config).map(({ repository }) => ({
    service: repository.service ?? repository.name,
    ...needsOfBuild(resourcesOf(repository, builds), scan.mode !== "off" || isSigned(repository, builds)),
  }));
  return amountsOf(quota).flatMap(([key, amount]) => {
    const [largest] = needs.toSorted((a, b) => b[key] - a[key]);
    if (largest === undefined || largest[key] <= amount) return [];
    const needed = amountText(key, largest[key]);
    return [
      {
        path: `builds.quota.${key}`,
        value: quota[key],
        rule: `every build must fit: that of ${largest.service} needs ${needed}, including the steps and containers besides its builder`,
        fix: `write ${needed} or more`,
      },
    ];
  });
}

/** Without its own size, a builder would get the small one of the containers beside it. */
export function uncountedDisk(config: Readable): SettingError[] {
  const { builds } = config.stack;
  if (builds?.quota?.disk === undefined) return [];
  return repositoriesOf(config)
    .filter(({ repository }) => resourcesOf(repository, builds).disk === undefined)
    .map(({ at }) => ({
      path: at("resources", "disk"),
      rule: "builds.quota.disk needs the disk size of each build",
      fix: "add it, or builds.resources.disk for all repositories",
    }));
}

/** Rules of what limits pods: NetworkPolicies and quotas. */
import type { SettingError } from "./errors.ts";
import type { Readable } from "./readable.ts";

export function unknownApiServer({ stack: { cluster } }: Readable): SettingError[] {
  if (cluster?.networkPolicies.enabled !== true || cluster.networkPolicies.apiServer.length > 0) return [];
  return [
    {
      path: "cluster.networkPolicies.apiServer",
      rule: "a NetworkPolicy can name the API server by its addresses only",
      fix: "add those that `kubectl get endpointslices kubernetes --namespace default` shows, each like 192.0.2.10/32",
    },
  ];
}

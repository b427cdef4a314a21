/** Rules for connections to servers outside the cluster. */
import type { SettingError } from "./errors.ts";
import type { Readable } from "./readable.ts";

export function emptyProxy({ stack: { network } }: Readable): SettingError[] {
  const { proxy } = network ?? {};
  if (proxy === undefined || proxy.http !== undefined || proxy.https !== undefined) return [];
  return [
    {
      path: "network.proxy",
      rule: "a proxy needs an address: http, https or both",
      fix: "add one, or remove the key",
    },
  ];
}

export function storeWithoutCa({ stack: { builds, network } }: Readable): SettingError[] {
  if (builds?.logs?.privateCa !== true || network === undefined) return [];
  if (builds.logs.insecure) {
    const rule = "a store that speaks plain HTTP has no certificate";
    return [{ path: "builds.logs.privateCa", value: true, rule, fix: "remove privateCa or insecure" }];
  }
  if (network.ca !== undefined) return [];
  const rule = "the store's authority must be in network.ca";
  return [{ path: "builds.logs.privateCa", value: true, rule, fix: "add network.ca, or remove the key" }];
}

/** The quota of all build pods, and defaults for containers without requests, which a quota would refuse. */
import type { Quota } from "./builders/needs.ts";
import { defaultNeeds } from "./builders/needs.ts";

/** Kubernetes `core/v1` `ResourceQuotaSpec`. */
export interface QuotaSpec {
  hard: Record<string, string>;
}

/** Kubernetes `core/v1` `LimitRangeSpec`. */
export interface LimitRangeSpec {
  limits: { type: "Container"; defaultRequest: Record<string, string>; default: Record<string, string> }[];
}

/** Counts limits of memory, since containers may use that much, and requests of the rest, since nothing limits CPU. */
export function quotaSpec({ cpu, memory, pods, disk }: Quota): QuotaSpec {
  return {
    hard: {
      ...(cpu === undefined ? {} : { "requests.cpu": cpu }),
      ...(memory === undefined ? {} : { "limits.memory": memory }),
      ...(pods === undefined ? {} : { pods: pods.toString() }),
      ...(disk === undefined ? {} : { "requests.ephemeral-storage": disk }),
    },
  };
}

/** Disk has a default only if the quota counts it: a builder without `resources.disk` would be limited too. */
export function limitRangeSpec({ disk: counted }: Quota): LimitRangeSpec {
  const { cpu, memory, limit, disk, diskLimit } = defaultNeeds;
  const storage = (size: string) => (counted === undefined ? {} : { "ephemeral-storage": size });
  return {
    limits: [
      {
        type: "Container",
        defaultRequest: { cpu, memory, ...storage(disk) },
        default: { memory: limit, ...storage(diskLimit) },
      },
    ],
  };
}

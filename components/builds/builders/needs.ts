/** What a build uses of its namespace's quota: the builder, and what runs at the same time. */
import { bytesOf, bytesText, millicoresOf, millicoresText } from "./quantities.ts";

/** The resources of a tool's container. */
export const toolNeeds = { cpu: "50m", memory: "64Mi", limit: "256Mi" } as const;

/** The memory limits of tools that need more. */
export const largeTools = { checkout: "1Gi", scan: "2Gi", attest: "1Gi" } as const;

/** The resources of Argo's own containers, `init` and `wait` of each pod, in Argo's configuration. */
export const executorNeeds = { cpu: "50m", memory: "64Mi" } as const;

/**
 * The defaults of containers that set no resources. The memory limit applies to Argo's containers, and the disk to all
 * containers except a builder with `resources.disk`.
 */
export const defaultNeeds = { ...executorNeeds, limit: "512Mi", disk: "256Mi", diskLimit: "4Gi" } as const;

export interface BuilderNeeds {
  readonly cpu: string;
  /** Request and limit. */
  readonly memory: string;
  /** Undefined if it is not limited. */
  readonly disk: string | undefined;
}

/** The limits of all pods of a namespace together. */
export interface Quota {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly pods?: number | undefined;
  readonly disk?: string | undefined;
}

export type QuotaKey = keyof Quota;

/** CPU in thousandths, memory and disk in bytes, and the number of pods. */
type Amounts = Readonly<Record<QuotaKey, number>>;

/**
 * What one build uses at most: the builder's pod, with Argo's `wait` and the registry proxy, at the same time as the
 * pod of `begin` or another step. Or the scan or the SBOM, which need the same. Counts limits of memory, and requests
 * of the rest.
 */
export function needsOfBuild(builder: BuilderNeeds, reads: boolean): Amounts {
  const wait = bytesOf(defaultNeeds.limit);
  const small = bytesOf(toolNeeds.limit) + wait;
  // Each of the two pods also has a tool and `wait`.
  const pods = 2;
  const besides = pods * (millicoresOf(toolNeeds.cpu) + millicoresOf(executorNeeds.cpu));
  const disks = pods * (bytesOf(defaultNeeds.disk) + bytesOf(defaultNeeds.disk));
  const building = Math.max(bytesOf(builder.memory) + small, bytesOf(largeTools.checkout));
  const reading = reads ? bytesOf(largeTools.scan) + wait : 0;
  return {
    cpu: millicoresOf(builder.cpu) + besides,
    memory: Math.max(building + small, reading),
    pods,
    disk: (builder.disk === undefined ? 0 : bytesOf(builder.disk)) + disks,
  };
}

/** The keys that a quota sets, with their amounts. */
export function amountsOf({ cpu, memory, pods, disk }: Quota): (readonly [QuotaKey, number])[] {
  return [
    ...(cpu === undefined ? [] : [["cpu", millicoresOf(cpu)] as const]),
    ...(memory === undefined ? [] : [["memory", bytesOf(memory)] as const]),
    ...(pods === undefined ? [] : [["pods", pods] as const]),
    ...(disk === undefined ? [] : [["disk", bytesOf(disk)] as const]),
  ];
}

export function amountText(key: QuotaKey, amount: number): string {
  if (key === "pods") return amount.toString();
  return key === "cpu" ? millicoresText(amount) : bytesText(amount);
}

/** What a build takes of its namespace's quota: the builder, and what runs beside it. */
import { bytesOf, bytesText, millicoresOf, millicoresText } from "./quantities.ts";

/** Of a tool's container. */
export const toolNeeds = { cpu: "50m", memory: "64Mi", limit: "256Mi" } as const;

/** Memory limits of the tools that take more. */
export const largeTools = { checkout: "1Gi", scan: "2Gi", attest: "1Gi" } as const;

/** Of Argo's own containers, `init` and `wait` of each pod, in Argo's settings. */
export const executorNeeds = { cpu: "50m", memory: "64Mi" } as const;

/**
 * What a container gets that does not ask for it: the limit of memory those of Argo, the disk all but a builder with
 * `resources.disk`.
 */
export const defaultNeeds = { ...executorNeeds, limit: "512Mi", disk: "256Mi", diskLimit: "4Gi" } as const;

export interface BuilderNeeds {
  readonly cpu: string;
  readonly memory: string;
  /** Absent where it is not limited. */
  readonly disk: string | undefined;
}

/** Limits of a namespace, of all its pods together. */
export interface Quota {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly pods?: number | undefined;
  readonly disk?: string | undefined;
}

export type QuotaKey = keyof Quota;

/** In thousandths of a CPU, pods, and bytes. */
type Amounts = Readonly<Record<QuotaKey, number>>;

/**
 * What one build takes at most: the pod of the builder, with Argo's `wait` and the registry proxy, and beside it that of `begin`
 * or another step; or the scan, or the SBOM, which take the same. Memory is that of limits, the rest that of requests.
 */
export function needsOfBuild(builder: BuilderNeeds, reads: boolean): Amounts {
  const wait = bytesOf(defaultNeeds.limit);
  const small = bytesOf(toolNeeds.limit) + wait;
  // Each of the two pods has a tool and `wait` beside what is counted otherwise.
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

/** The keys that a quota has, with their amounts. */
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

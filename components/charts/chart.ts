/** What is known of a Helm chart, each in a file of its own, and the vocabulary of their values. */
import type { WriteLimit } from "../kinds/admission.ts";
import type { KeyArgs } from "../kinds/generated-key.ts";
import type { ClusterGrant, Grant } from "../kinds/grant.ts";
import type { Resources } from "../kinds/kubernetes.ts";
import type { DnsLabel, DnsSubdomain } from "../names.ts";

/** A Helm chart at one exact version. `Given` is what it reads of the stack's settings. */
export interface Chart<in Given = never> {
  /** Its name in the repository, and that of its release. */
  readonly chart: string;
  readonly version: string;
  /** The Helm repository that serves it. */
  readonly repository: string;
  readonly namespace: (settings: Given) => DnsLabel;
  readonly values: (settings: Given) => object;
  /** It is not deleted before its namespace may be: with it would go data that nothing brings back. */
  readonly holdsData?: boolean;
  /** Leaves out the kinds that the chart would bring. */
  readonly skipCrds?: true;
}

/** A chart of every stack. */
export interface PartChart<in Given = never> extends Chart<Given> {
  /** Its component's type in the state, without the prefix of this program. */
  readonly component: string;
  /** Secrets of its namespace that it makes by itself. */
  readonly secrets?: readonly string[];
  /** A key that is made for it; absent where the settings ask for none. */
  readonly key?: (settings: Given) => ChartKey | undefined;
  /** What is made before it, since the chart would make more than is needed, or not at all. */
  readonly beside?: (settings: Given) => Beside;
}

/** Rights of a chart's accounts, and accounts that its program uses for people. */
export interface Beside {
  readonly accounts: readonly SharedAccount[];
  readonly grants: readonly Grant[];
  readonly clusterGrants: readonly ClusterGrant[];
  readonly limits: readonly WriteLimit[];
  /** Settings that the program looks for in a Secret, once it has the rights that they ask for. */
  readonly secret?: {
    readonly name: DnsLabel;
    readonly namespace: DnsLabel;
    readonly labels: Readonly<Record<string, string>>;
    readonly data: Readonly<Record<string, string>>;
  };
}

/** An account of no pod. */
export interface SharedAccount {
  readonly name: DnsLabel;
  readonly namespace: DnsLabel;
  readonly annotations: Readonly<Record<string, string>>;
  /** The Secret of its token. */
  readonly token: string;
}

/** A random key in a Secret of the chart's namespace. */
export interface ChartKey extends Omit<KeyArgs, "namespace"> {
  /** Names its resources in the state. */
  readonly resource: string;
}

/** A chart that a stack has only where it asks for it. */
export interface Addon<in Given = never> extends Chart<Given> {
  readonly wanted: (settings: Given) => boolean;
  /** The chart that must be ready before this one, where the stack has it. */
  readonly after?: string;
  /** An IngressClass that is made beside it. */
  readonly ingressClass?: (settings: Given) => { readonly name: DnsSubdomain; readonly controller: string };
}

export const argoHelm = "https://argoproj.github.io/argo-helm";

/** What every release reads of the settings. */
export interface Guarded {
  readonly cluster: { readonly deletableNamespaces: readonly DnsLabel[] };
  readonly network: {
    /** Has every chart, in place of their own repositories. */
    readonly charts?: string | undefined;
  };
}

/** Where Helm finds a chart. It takes that of a registry by its whole name, and knows no repository of it. */
export interface ChartSource {
  readonly chart: string;
  readonly repositoryOpts?: { readonly repo: string };
}

export function chartSource(
  { chart, repository }: Pick<Chart, "chart" | "repository">,
  { network: { charts } }: Pick<Guarded, "network">,
): ChartSource {
  if (charts?.startsWith("oci://") === true) return { chart: `${charts}/${chart}` };
  return { chart, repositoryOpts: { repo: charts ?? repository } };
}

/** What every chart that runs more than one replica reads. */
export interface Available {
  readonly cluster: { readonly highAvailability: boolean };
}

/** Replicas, and a budget that keeps one of them through the drain of a node. */
export interface Availability {
  readonly replicas: number;
  readonly pdb?: { readonly enabled: true; readonly minAvailable: 1 };
}

export function available(highAvailability: boolean): Availability {
  return highAvailability ? { replicas: 2, pdb: { enabled: true, minAvailable: 1 } } : { replicas: 1 };
}

export interface SeccompOnly {
  readonly seccompProfile: { readonly type: "RuntimeDefault" };
}

/** What charts leave out of a pod that is otherwise fit for pod security level `restricted`. */
export const runtimeDefault: SeccompOnly = { seccompProfile: { type: "RuntimeDefault" } };

/** Requests without limits: these parts must not be killed when they are busy. */
export function small(cpu: string, memory: string): Resources {
  return { requests: { cpu, memory } };
}

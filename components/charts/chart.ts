/** How a Helm chart is described, and values that several charts share. Each chart has a file of its own. */
import type { AdmissionPolicy } from "../kinds/admission.ts";
import type { KeyArgs } from "../kinds/generated-key.ts";
import type { ClusterGrant, Grant } from "../kinds/grant.ts";
import type { DnsLabel, DnsSubdomain } from "../names.ts";

/** A Helm chart at one exact version. `Given` has the settings that it reads. */
export interface Chart<in Given = never> {
  /** Its name in the repository, and the name of its release. */
  readonly chart: string;
  readonly version: string;
  /** The Helm repository that serves it. */
  readonly repository: string;
  readonly namespace: (settings: Given) => DnsLabel;
  readonly values: (settings: Given) => object;
  /** Protects the release unless its namespace may be deleted: its data would be lost for good. */
  readonly holdsData?: boolean;
  /** Whether it has CRDs, which stay when the release is removed: deleting one deletes every object of its kind. */
  readonly hasCrds: boolean;
  /** Leaves out the chart's CRDs. */
  readonly skipCrds?: true;
}

/** A chart of every stack. */
export interface PartChart<in Given = never> extends Chart<Given> {
  /** The type of its component in the state, without this program's prefix. */
  readonly component: string;
  /** Secrets that the part itself creates in its namespace. */
  readonly secrets?: readonly string[];
  /** The key that is generated for the part; undefined if the settings need none. */
  readonly key?: (settings: Given) => ChartKey | undefined;
  /** What is created before the release, because the chart would grant more than needed, or does not create it. */
  readonly rights?: (settings: Given) => ChartRights;
}

/** Rights of a chart's accounts, and accounts that its program uses on behalf of users. */
export interface ChartRights {
  readonly accounts: readonly SharedAccount[];
  readonly grants: readonly Grant[];
  readonly clusterGrants: readonly ClusterGrant[];
  readonly policies: readonly AdmissionPolicy[];
  /** Settings that the program reads from a Secret, created after the rights that they require. */
  readonly secret?: {
    readonly name: DnsLabel;
    readonly namespace: DnsLabel;
    readonly labels: Readonly<Record<string, string>>;
    readonly data: Readonly<Record<string, string>>;
  };
}

/** An account that no pod runs as. */
export interface SharedAccount {
  readonly name: DnsLabel;
  readonly namespace: DnsLabel;
  readonly annotations: Readonly<Record<string, string>>;
  /** Name of the Secret with its token. */
  readonly token: string;
}

/** A random key in a Secret of the chart's namespace. */
export interface ChartKey extends Omit<KeyArgs, "namespace"> {
  /** Names its resources in the state. */
  readonly resource: string;
}

/** An optional chart. */
export interface Addon<in Given = never> extends Chart<Given> {
  readonly wanted: (settings: Given) => boolean;
  /** The chart that must be ready before this one, if the stack has it. */
  readonly after?: string;
  /** An IngressClass that is created with it. */
  readonly ingressClass?: (settings: Given) => { readonly name: DnsSubdomain; readonly controller: string };
}

export const argoHelm = "https://argoproj.github.io/argo-helm";

/** The settings that every release reads. */
export interface ReleaseSettings {
  readonly cluster: { readonly deletableNamespaces: readonly DnsLabel[] };
  readonly network: {
    /** A repository that serves every chart, in place of the charts' own. */
    readonly charts?: string | undefined;
  };
}

/** Where Helm finds a chart. A chart in an OCI registry is given by its full address, without a repository. */
export interface ChartSource {
  readonly chart: string;
  readonly repositoryOpts?: { readonly repo: string };
}

export function chartSource(
  { chart, repository }: Pick<Chart, "chart" | "repository">,
  { network: { charts } }: Pick<ReleaseSettings, "network">,
): ChartSource {
  if (charts?.startsWith("oci://") === true) return { chart: `${charts}/${chart}` };
  return { chart, repositoryOpts: { repo: charts ?? repository } };
}

/** The settings that every chart with several replicas reads. */
export interface Available {
  readonly cluster: { readonly highAvailability: boolean };
}

/** Replicas, and a disruption budget that keeps one of them running while a node is drained. */
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

/** What some charts' pods lack for the pod security level `restricted`. */
export const runtimeDefault: SeccompOnly = { seccompProfile: { type: "RuntimeDefault" } };

/** The parts of Kubernetes objects that we emit, under upstream's names. */
import type { DnsLabel, DnsSubdomain } from "../names.ts";

/** The pod security levels of Kubernetes. */
export type PodSecurity = "restricted" | "baseline" | "privileged";

/** A namespace that a stack creates: its default name, and what its pods need. */
export interface PartNamespace {
  readonly default: string;
  /** Its contents, for the reference. */
  readonly holds: string;
  readonly podSecurity: PodSecurity;
}

export type Labels = Readonly<Record<string, string>>;

/** A rule of a Role. */
export interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

export interface Metadata {
  readonly name: DnsLabel;
  readonly namespace: DnsLabel;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: string[];
}

export interface ContainerSecurityContext {
  readonly allowPrivilegeEscalation?: boolean;
  readonly capabilities?: { readonly drop: readonly string[]; readonly add?: readonly string[] };
  readonly readOnlyRootFilesystem?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly seccompProfile?: { readonly type: "RuntimeDefault" | "Unconfined" };
  readonly appArmorProfile?: { readonly type: "Unconfined" };
}

export interface PodSecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly fsGroup?: number;
  readonly seccompProfile?: { readonly type: "RuntimeDefault" };
}

export interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string; readonly "ephemeral-storage"?: string };
  readonly limits?: { readonly memory: string; readonly "ephemeral-storage"?: string };
}

/** Requests without limits: the stack's own parts must not be killed when they are busy. */
export function requests(cpu: string, memory: string): Resources {
  return { requests: { cpu, memory } };
}

export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: "Equal" | "Exists" | undefined;
  readonly value?: string | undefined;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute" | undefined;
}

export interface ContainerTemplate {
  readonly resources: Resources;
  readonly securityContext: ContainerSecurityContext;
}

/** Spreads pods with the same label over nodes, if there are enough. */
export interface PodSpread {
  readonly podAntiAffinity: {
    readonly preferredDuringSchedulingIgnoredDuringExecution: readonly {
      readonly weight: number;
      readonly podAffinityTerm: {
        readonly topologyKey: "kubernetes.io/hostname";
        readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> };
      };
    }[];
  };
}

export type Volume = { readonly name: string } & (
  | { readonly emptyDir: { readonly sizeLimit?: string; readonly medium?: "Memory" } }
  | { readonly configMap: { readonly name: DnsLabel; readonly defaultMode: number } }
  | {
      readonly secret: {
        readonly secretName: DnsSubdomain;
        readonly items: readonly { readonly key: string; readonly path: string }[];
      };
    }
);

export interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env: readonly EnvironmentVariable[];
  readonly volumeMounts: readonly VolumeMount[];
  readonly resources: Resources;
  readonly securityContext: ContainerSecurityContext;
  readonly terminationMessagePolicy: "FallbackToLogsOnError";
}

/** A container that runs before the others. With a restart policy, it is a sidecar and keeps running. */
export interface InitContainer extends Container {
  readonly name: string;
  readonly restartPolicy?: "Always";
  /** Must succeed before the next container starts. */
  readonly startupProbe?: {
    readonly exec: { readonly command: readonly string[] };
    /** In seconds. */
    readonly periodSeconds: number;
    readonly failureThreshold: number;
  };
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: true;
}

export type EnvironmentVariable =
  | { readonly name: string; readonly value: string }
  | {
      readonly name: string;
      readonly valueFrom: { readonly secretKeyRef: { readonly name: DnsSubdomain; readonly key: string } };
    };

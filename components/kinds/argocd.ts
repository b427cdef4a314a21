/** The kinds of Argo CD and its Image Updater: only the fields that we emit, under upstream's names. */
import type { Branch, DnsLabel } from "../names.ts";

/** Argo CD reads only Secrets that have this label. */
export const partOfArgoCd = { "app.kubernetes.io/part-of": "argocd" } as const;

/** Finalizer that deletes an Application's objects with it, dependents first (Argo CD's cascading deletion). */
export const cascade = "resources-finalizer.argocd.argoproj.io";

/** A namespace in which Argo CD still has something to delete, and the project that it belongs to. */
export interface Leaving {
  readonly project: string;
  readonly namespace: DnsLabel;
}

/** A kind of objects, as in the lists of an AppProject. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** argo-cd `pkg/apis/application/v1alpha1/types.go`. */
export interface AppProjectSpec {
  readonly description: string;
  readonly sourceRepos: readonly string[];
  readonly destinations: readonly { readonly server: string; readonly namespace: DnsLabel }[];
  readonly clusterResourceWhitelist: readonly GroupKind[];
  readonly syncWindows?: readonly SyncWindow[];
  readonly namespaceResourceBlacklist?: readonly GroupKind[];
}

export interface SyncWindow {
  readonly kind: "allow" | "deny";
  readonly schedule: string;
  /** A Go duration. */
  readonly duration: string;
  readonly timeZone: string;
  readonly applications: readonly DnsLabel[];
  readonly manualSync: boolean;
}

export type ApplicationSpec = ApplicationSource & {
  readonly project: DnsLabel;
  readonly destination: { readonly server: string; readonly namespace: DnsLabel };
  readonly syncPolicy: {
    readonly automated: { readonly prune: true; readonly selfHeal: true };
    readonly retry: {
      readonly limit: number;
      readonly backoff: { readonly duration: string; readonly factor: number; readonly maxDuration: string };
    };
    readonly syncOptions?: readonly string[];
  };
  readonly ignoreDifferences?: readonly ResourceIgnoreDifferences[];
};

/** Without the keys `kustomize` and `helm.parameters`, which the Image Updater owns. */
type ApplicationSource =
  | {
      readonly source: {
        readonly repoURL: string;
        readonly path: string;
        readonly targetRevision: Branch;
        readonly helm?: { readonly valueFiles: readonly string[] };
      };
    }
  | {
      /** The list has a single owner, so the Image Updater does not write to it. */
      readonly sources: readonly [ChartSource, ValuesSource];
    };

export interface ChartSource {
  readonly repoURL: string;
  readonly chart: string;
  readonly targetRevision: string;
  readonly helm: { readonly valueFiles: readonly string[] };
}

/** `$<ref>` refers to its root folder. */
export interface ValuesSource {
  readonly repoURL: string;
  readonly targetRevision: Branch;
  readonly ref: string;
}

export interface ResourceIgnoreDifferences {
  readonly group?: string;
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly jsonPointers?: readonly string[];
  readonly jqPathExpressions?: readonly string[];
  readonly managedFieldsManagers?: readonly string[];
}

/** argocd-image-updater `api/v1alpha1/imageupdater_types.go`. */
export interface ImageUpdaterSpec {
  readonly commonUpdateSettings: {
    readonly updateStrategy: "digest";
    readonly forceUpdate: true;
    /** `os/architecture`. */
    readonly platforms: readonly string[];
  };
  readonly writeBackConfig: { readonly method: "argocd" };
  readonly applicationRefs: readonly {
    readonly namePattern: string;
    readonly images: readonly UpdatedImage[];
    /** Replaces the common one. */
    readonly writeBackConfig?: GitWriteBack;
  }[];
}

export interface GitWriteBack {
  readonly method: "git";
  readonly gitConfig: {
    readonly branch: Branch;
    readonly writeBackTarget: string;
    /** By default, that of the Application's source. */
    readonly repository?: string;
    readonly pullRequest?: { readonly github: Readonly<Record<string, never>> };
  };
}

export interface UpdatedImage {
  readonly alias: string;
  /** Image and the tag to follow. */
  readonly imageName: string;
  /** The image as in the manifests, without a tag; or the Helm values that hold it. */
  readonly manifestTargets:
    | { readonly kustomize: { readonly name: string } }
    | { readonly helm: { readonly name: string; readonly tag: string } };
}

/** The address in Argo CD of the cluster that it runs in. */
export const inCluster = "https://kubernetes.default.svc";

/** The kinds of Argo CD and its Image Updater: only the fields that we emit, under upstream's names. */
import type { Branch, DnsLabel } from "../names.ts";

/** argo-cd `pkg/apis/application/v1alpha1/types.go`. */
export interface AppProjectSpec {
  readonly description: string;
  readonly sourceRepos: readonly string[];
  readonly destinations: readonly { readonly server: string; readonly namespace: DnsLabel }[];
  readonly clusterResourceWhitelist: readonly { readonly group: string; readonly kind: string }[];
}

export interface ApplicationSpec {
  readonly project: DnsLabel;
  /** Without the keys `kustomize` and `helm.parameters`: what is in them belongs to the Image Updater. */
  readonly source: {
    readonly repoURL: string;
    readonly path: string;
    readonly targetRevision: Branch;
    readonly helm?: { readonly valueFiles: readonly string[] };
  };
  readonly destination: { readonly server: string; readonly namespace: DnsLabel };
  readonly syncPolicy: {
    readonly automated: { readonly prune: true; readonly selfHeal: true };
    readonly retry: {
      readonly limit: number;
      readonly backoff: { readonly duration: string; readonly factor: number; readonly maxDuration: string };
    };
  };
}

/** argocd-image-updater `api/v1alpha1/imageupdater_types.go`. */
export interface ImageUpdaterSpec {
  readonly commonUpdateSettings: { readonly updateStrategy: "digest" };
  readonly writeBackConfig: { readonly method: "argocd" };
  readonly applicationRefs: readonly {
    readonly namePattern: string;
    readonly images: readonly UpdatedImage[];
    /** Instead of the common one. */
    readonly writeBackConfig?: {
      readonly method: "git";
      readonly gitConfig: { readonly branch: Branch; readonly writeBackTarget: string };
    };
  }[];
}

export interface UpdatedImage {
  readonly alias: string;
  /** Image and the tag to follow. */
  readonly imageName: string;
  /** The image as the manifests name it, without tag; or the values of a chart. */
  readonly manifestTargets:
    | { readonly kustomize: { readonly name: string } }
    | { readonly helm: { readonly name: string; readonly tag: string } };
}

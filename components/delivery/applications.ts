import type { DnsLabel } from "../names.ts";
import type { AppProjectSpec, ApplicationSpec, ImageUpdaterSpec, UpdatedImage } from "../kinds/argocd.ts";
import type { ApplicationSettings } from "../settings/resolve.ts";

/** An application as Argo CD sees it. */
export type DeliveredApplication = Pick<
  ApplicationSettings,
  "name" | "repositoryUrl" | "path" | "revision" | "namespace" | "helm" | "writeBack"
>;

/** An image that an application follows. */
export interface FollowedImage {
  /** Unique within the application; fills in the names of Helm's values. */
  readonly alias: DnsLabel;
  /** Image without a tag, as the manifests name it before theirs. */
  readonly image: string;
  /** The moving tag that is followed. */
  readonly tag: string;
}

/** The cluster in which Argo CD runs. */
const inCluster = "https://kubernetes.default.svc";

/** Deletes an application's objects with it, dependents first (Argo CD's cascading deletion). */
export const cascade = "resources-finalizer.argocd.argoproj.io";

/** Limits a project's applications to its own repositories and namespaces. */
export function appProject(
  project: DnsLabel,
  applications: readonly DeliveredApplication[],
  clusterKinds: AppProjectSpec["clusterResourceWhitelist"],
): AppProjectSpec {
  const namespaces = [...new Set(applications.map(({ namespace }) => namespace))];
  return {
    description: `The applications of ${project}`,
    sourceRepos: [...new Set(applications.map(({ repositoryUrl }) => repositoryUrl))],
    destinations: namespaces.map((namespace) => ({ server: inCluster, namespace })),
    clusterResourceWhitelist: clusterKinds,
  };
}

/** Synchronizes by itself, so that the Image Updater's change is rolled out. */
export function application(project: DnsLabel, one: DeliveredApplication): ApplicationSpec {
  const { valueFiles = [] } = one.helm ?? {};
  return {
    project,
    source: {
      repoURL: one.repositoryUrl,
      path: one.path,
      targetRevision: one.revision,
      ...(valueFiles.length === 0 ? {} : { helm: { valueFiles } }),
    },
    destination: { server: inCluster, namespace: one.namespace },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      retry: { limit: 5, backoff: { duration: "5s", factor: 2, maxDuration: "3m" } },
    },
  };
}

/** Follows the digest behind each image's moving tag, whatever tag the manifests name (`latest`). */
export function imageUpdater(
  applications: readonly (DeliveredApplication & { readonly images: readonly FollowedImage[] })[],
): ImageUpdaterSpec {
  return {
    commonUpdateSettings: { updateStrategy: "digest" },
    writeBackConfig: { method: "argocd" },
    applicationRefs: applications.map((one) => ({
      namePattern: one.name,
      images: one.images.map((image) => updatedImage(image, one.helm)),
      ...(one.writeBack === "git" ? { writeBackConfig: gitWriteBack(one) } : {}),
    })),
  };
}

function updatedImage(
  { alias, image, tag }: FollowedImage,
  helm: DeliveredApplication["helm"],
): UpdatedImage {
  const value = (template: string) => template.replaceAll("{service}", alias);
  return {
    alias,
    imageName: `${image}:${tag}`,
    manifestTargets:
      helm === undefined
        ? { kustomize: { name: image } }
        : { helm: { name: value(helm.image), tag: value(helm.tag) } },
  };
}

/** A commit to the branch that Argo CD follows, with Argo CD's own credentials of the repository. */
function gitWriteBack({ revision, helm }: DeliveredApplication) {
  const writeBackTarget =
    helm === undefined ? "kustomization" : `helmvalues:${helm.valueFiles.at(-1) ?? "values.yaml"}`;
  return { method: "git", gitConfig: { branch: revision, writeBackTarget } } as const;
}

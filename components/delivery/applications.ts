import { posix } from "node:path";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type {
  AppProjectSpec,
  ApplicationSpec,
  GroupKind,
  GitWriteBack,
  ImageUpdaterSpec,
  UpdatedImage,
} from "../kinds/argocd.ts";
import { inCluster } from "../kinds/argocd.ts";
import { architectures } from "../settings/build-schema.ts";
import type { ApplicationSettings } from "../settings/resolve.ts";
import { ignoredDifferences, syncWindows } from "./sync.ts";

/** The settings of an application that its Argo CD objects contain. */
export type DeliveredApplication = Pick<
  ApplicationSettings,
  | "name"
  | "repositoryUrl"
  | "path"
  | "revision"
  | "namespace"
  | "helm"
  | "chart"
  | "writeBack"
  | "ignoreDifferences"
  | "syncOptions"
  | "syncWindows"
>;

/** An image that an application follows. */
export interface FollowedImage {
  /** Unique within the application; replaces `{service}` in the names of Helm values. */
  readonly alias: DnsLabel;
  /** Image without a tag, as in the manifests. */
  readonly image: string;
  /** The moving tag to follow. */
  readonly tag: string;
}

/**
 * Limits a project's applications to its own repositories and namespaces.
 * @param leaving namespaces in which an application is being deleted with its objects
 */
export function appProject(
  project: DnsLabel,
  applications: readonly DeliveredApplication[],
  clusterKinds: readonly GroupKind[],
  leaving: readonly DnsLabel[] = [],
): AppProjectSpec {
  const namespaces = [...new Set([...applications.map(({ namespace }) => namespace), ...leaving])];
  const windows = applications.flatMap(syncWindows);
  return {
    description: `The applications of ${project}`,
    sourceRepos: [...new Set(applications.flatMap(repositories))],
    destinations: namespaces.map((namespace) => ({ server: inCluster, namespace })),
    clusterResourceWhitelist: clusterKinds,
    ...(windows.length === 0 ? {} : { syncWindows: windows }),
  };
}

function repositories({ repositoryUrl, chart }: DeliveredApplication): string[] {
  return [repositoryUrl, ...(chart === undefined ? [] : [chart.repository])];
}

/** Argo CD's project for Applications that name none. */
export const defaultProject = dnsLabelOf("default");

/**
 * Argo CD's default project allows every source, destination and kind. It is closed here: anyone who could create an
 * Application in it, or move one there, would control the whole cluster.
 */
export const closedProject: AppProjectSpec = {
  description: "Closed: each project of the stack has one of its own",
  sourceRepos: [],
  destinations: [],
  clusterResourceWhitelist: [],
  namespaceResourceBlacklist: [{ group: "*", kind: "*" }],
};

/** Syncs automatically, so that the Image Updater's changes are rolled out. */
export function application(project: DnsLabel, one: DeliveredApplication): ApplicationSpec {
  const { syncOptions, ignoreDifferences } = one;
  return {
    project,
    ...source(one),
    destination: { server: inCluster, namespace: one.namespace },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      retry: { limit: 5, backoff: { duration: "5s", factor: 2, maxDuration: "3m" } },
      ...(syncOptions.length === 0 ? {} : { syncOptions }),
    },
    ...(ignoreDifferences.length === 0
      ? {}
      : { ignoreDifferences: ignoreDifferences.map(ignoredDifferences) }),
  };
}

/** Value files outside the chart are referenced through a source of their own (`$values`). */
function source({
  repositoryUrl: repoURL,
  path,
  revision: targetRevision,
  helm,
  chart,
}: DeliveredApplication) {
  const { valueFiles = [] } = helm ?? {};
  if (chart === undefined)
    return {
      source: { repoURL, path, targetRevision, ...(valueFiles.length === 0 ? {} : { helm: { valueFiles } }) },
    };
  const { repository, name, version } = chart;
  const files = valueFiles.map((file) => posix.join("$values", path, file));
  const ofChart = { repoURL: repository, chart: name, targetRevision: version, helm: { valueFiles: files } };
  return { sources: [ofChart, { repoURL, targetRevision, ref: "values" }] } as const;
}

/**
 * Every platform that builds make images for. Without this list, the Image Updater considers only the platform of its
 * own node, and silently skips other images (its `registry-scanner/pkg/image/options.go`).
 */
const platforms = architectures.map((one) => `linux/${one}`);

/** Follows the digest behind each image's moving tag, independent of the tag in the manifests (`latest`). */
export function imageUpdater(
  applications: readonly (DeliveredApplication & { readonly images: readonly FollowedImage[] })[],
): ImageUpdaterSpec {
  return {
    // Updates images that no pod currently runs, too: of a CronJob, or of a workload that is scaled to zero.
    commonUpdateSettings: { updateStrategy: "digest", forceUpdate: true, platforms },
    writeBackConfig: { method: "argocd" },
    applicationRefs: applications.map((one) => ({
      namePattern: one.name,
      images: one.images.map((image) => updatedImage(image, one.helm)),
      ...(one.writeBack === "argocd" ? {} : { writeBackConfig: gitWriteBack(one) }),
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

/** A commit to the branch that Argo CD follows, or a pull request, with Argo CD's credentials for the repository. */
function gitWriteBack({
  repositoryUrl,
  path,
  revision,
  helm,
  chart,
  writeBack,
}: DeliveredApplication): GitWriteBack {
  const values = helm?.valueFiles.at(-1) ?? "values.yaml";
  // Relative to the source's path. A chart from a Helm repository has none, so the path is absolute.
  const file = chart === undefined ? values : posix.join("/", path, values);
  return {
    method: "git",
    gitConfig: {
      ...(chart === undefined ? {} : { repository: repositoryUrl }),
      branch: revision,
      writeBackTarget: helm === undefined ? "kustomization" : `helmvalues:${file}`,
      ...(writeBack === "pullRequest" ? { pullRequest: { github: {} } } : {}),
    },
  };
}

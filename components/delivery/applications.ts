import { posix } from "node:path";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type {
  AppProjectSpec,
  ApplicationSpec,
  GitWriteBack,
  ImageUpdaterSpec,
  UpdatedImage,
} from "../kinds/argocd.ts";
import { inCluster } from "../kinds/argocd.ts";
import { architectures } from "../settings/build-schema.ts";
import type { ApplicationSettings } from "../settings/resolve.ts";
import { ignoredDifferences, syncWindows } from "./sync.ts";

/** An application as Argo CD sees it. */
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
  /** Unique within the application; fills in the names of Helm's values. */
  readonly alias: DnsLabel;
  /** Image without a tag, as the manifests name it before theirs. */
  readonly image: string;
  /** The moving tag that is followed. */
  readonly tag: string;
}

/** Deletes an application's objects with it, dependents first (Argo CD's cascading deletion). */
export const cascade = "resources-finalizer.argocd.argoproj.io";

/** Limits a project's applications to its own repositories and namespaces. */
export function appProject(
  project: DnsLabel,
  applications: readonly DeliveredApplication[],
  clusterKinds: AppProjectSpec["clusterResourceWhitelist"],
): AppProjectSpec {
  const namespaces = [...new Set(applications.map(({ namespace }) => namespace))];
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

/** Argo CD's own name for the project that holds what names none. */
export const defaultProject = dnsLabelOf("default");

/**
 * Argo CD makes a project that may take anything from anywhere to anywhere, for those that make no projects. Closed: whoever could
 * move an Application into it, or make one there, would have the whole cluster.
 */
export const closedProject: AppProjectSpec = {
  description: "Closed: each project of the stack has one of its own",
  sourceRepos: [],
  destinations: [],
  clusterResourceWhitelist: [],
  namespaceResourceBlacklist: [{ group: "*", kind: "*" }],
};

/** Synchronizes by itself, so that the Image Updater's change is rolled out. */
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

/** The files of values that are not in the chart are named by the source that they are in. */
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
 * All that builds make images for. Without them the Image Updater takes, and says nothing of the others, what is for the platform of the node
 * that it happens to be on (its `registry-scanner/pkg/image/options.go`).
 */
const platforms = architectures.map((one) => `linux/${one}`);

/** Follows the digest behind each image's moving tag, whatever tag the manifests name (`latest`). */
export function imageUpdater(
  applications: readonly (DeliveredApplication & { readonly images: readonly FollowedImage[] })[],
): ImageUpdaterSpec {
  return {
    // Else it would leave alone what no pod runs just now: the image of a CronJob, or of what is scaled to zero.
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

/** A commit to the branch that Argo CD follows, or a pull request, with Argo CD's own credentials of the repository. */
function gitWriteBack({
  repositoryUrl,
  path,
  revision,
  helm,
  chart,
  writeBack,
}: DeliveredApplication): GitWriteBack {
  const values = helm?.valueFiles.at(-1) ?? "values.yaml";
  // Below the source's own path, which a chart from a Helm repository does not have.
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

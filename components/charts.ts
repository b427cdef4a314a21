/**
 * Every version that a stack runs, in one place: the charts, and the images that builds use.
 *
 * A `renovate:` comment stands above each version so that a dependency bot can raise it.
 */

/** A Helm chart at one exact version. */
export interface Chart {
  readonly chart: string;
  readonly version: string;
  /** The Helm repository that serves the chart. */
  readonly repository: string;
}

const argoHelm = "https://argoproj.github.io/argo-helm";

export const charts = {
  argoWorkflows: {
    chart: "argo-workflows",
    // renovate: datasource=helm depName=argo-workflows registryUrl=https://argoproj.github.io/argo-helm
    version: "1.0.18",
    repository: argoHelm,
  },
  argoEvents: {
    chart: "argo-events",
    // renovate: datasource=helm depName=argo-events registryUrl=https://argoproj.github.io/argo-helm
    version: "2.4.22",
    repository: argoHelm,
  },
  argoCd: {
    chart: "argo-cd",
    // renovate: datasource=helm depName=argo-cd registryUrl=https://argoproj.github.io/argo-helm
    version: "10.1.1",
    repository: argoHelm,
  },
  imageUpdater: {
    chart: "argocd-image-updater",
    // renovate: datasource=helm depName=argocd-image-updater registryUrl=https://argoproj.github.io/argo-helm
    version: "1.2.4",
    repository: argoHelm,
  },
  argoRollouts: {
    chart: "argo-rollouts",
    // renovate: datasource=helm depName=argo-rollouts registryUrl=https://argoproj.github.io/argo-helm
    version: "2.41.0",
    repository: argoHelm,
  },
  traefik: {
    chart: "traefik",
    // renovate: datasource=helm depName=traefik registryUrl=https://traefik.github.io/charts
    version: "41.3.0",
    repository: "https://traefik.github.io/charts",
  },
  rookCeph: {
    chart: "rook-ceph",
    // renovate: datasource=helm depName=rook-ceph registryUrl=https://charts.rook.io/release
    version: "v1.20.6",
    repository: "https://charts.rook.io/release",
  },
  cephCsiDrivers: {
    chart: "ceph-csi-drivers",
    // renovate: datasource=helm depName=ceph-csi-drivers registryUrl=https://ceph.github.io/ceph-csi-operator
    version: "1.0.4",
    repository: "https://ceph.github.io/ceph-csi-operator",
  },
  rookCephCluster: {
    chart: "rook-ceph-cluster",
    // renovate: datasource=helm depName=rook-ceph-cluster registryUrl=https://charts.rook.io/release
    version: "v1.20.6",
    repository: "https://charts.rook.io/release",
  },
  zot: {
    chart: "zot",
    // renovate: datasource=helm depName=zot registryUrl=https://zotregistry.dev/helm-charts
    version: "0.1.122",
    repository: "https://zotregistry.dev/helm-charts",
  },
} as const satisfies Record<string, Chart>;

/** The images of the build steps. */
export const images = {
  // renovate: datasource=docker depName=alpine/git
  git: "docker.io/alpine/git:v2.49.1",
  // renovate: datasource=docker depName=gcr.io/go-containerregistry/crane/debug
  crane: "gcr.io/go-containerregistry/crane/debug:v0.22.1",
  // renovate: datasource=docker depName=curlimages/curl
  curl: "docker.io/curlimages/curl:8.16.0",
  // renovate: datasource=docker depName=mikefarah/yq
  yq: "docker.io/mikefarah/yq:4.54.2",
  // renovate: datasource=docker depName=aquasec/trivy
  trivy: "docker.io/aquasec/trivy:0.74.0",
  // The variant with a shell.
  // renovate: datasource=docker depName=ghcr.io/osscontainertools/kaniko
  kaniko: "ghcr.io/osscontainertools/kaniko:v1.28.3-debug",
  // renovate: datasource=docker depName=moby/buildkit
  buildkit: "docker.io/moby/buildkit:v0.32.2-rootless",
} as const;

/** Argo Events' own image, newer than the chart's: its JetStream pods stop within their grace period (argo-events #3959). */
// renovate: datasource=github-tags depName=argoproj/argo-events
export const argoEventsVersion = "v1.9.11";

/** The NATS JetStream version; one that the chart's controller configuration names. */
export const jetStreamVersion = "2.10.10";

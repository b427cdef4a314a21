/** Every chart that a stack may have. A new chart needs a file of its own, and a line in each of these lists. */
import * as argoCd from "./argo-cd.ts";
import * as argoEvents from "./argo-events.ts";
import * as argoRollouts from "./argo-rollouts.ts";
import * as argoWorkflows from "./argo-workflows.ts";
import { imageUpdater } from "./image-updater.ts";
import * as rookCeph from "./rook-ceph.ts";
import * as traefik from "./traefik.ts";
import * as zot from "./zot.ts";

/** The charts of every stack. */
export const parts = {
  argoWorkflows: argoWorkflows.argoWorkflows,
  argoEvents: argoEvents.argoEvents,
  argoCd: argoCd.argoCd,
  imageUpdater,
} as const;

/** Optional charts, each before the ones that need it. */
export const addons = {
  rookCeph: rookCeph.rookCeph,
  cephCsiDrivers: rookCeph.cephCsiDrivers,
  rookCephCluster: rookCeph.rookCephCluster,
  traefik: traefik.traefik,
  zot: zot.zot,
  argoRollouts: argoRollouts.argoRollouts,
} as const;

export const charts = { ...parts, ...addons } as const;

/** The schema of `addons` in a stack file. */
export const addonOptions = {
  argoRollouts: argoRollouts.option,
  ingressController: traefik.option,
  rookCeph: rookCeph.option,
  registry: zot.option,
} as const;

/** The namespaces of charts, by their keys in `namespaces` of a stack file. */
export const chartNamespaces = {
  workflows: argoWorkflows.namespace,
  events: argoEvents.namespace,
  delivery: argoCd.namespace,
  rollouts: argoRollouts.namespace,
  ingress: traefik.namespace,
  storage: rookCeph.namespace,
  registry: zot.namespace,
} as const;

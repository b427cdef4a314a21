import { z } from "zod";
import type { PartNamespace, Resources } from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import type { DnsLabel } from "../names.ts";
import type { Addon, Available, Availability } from "./chart.ts";
import { argoHelm, available } from "./chart.ts";

export const option = z.boolean().default(false).describe("Argo Rollouts.");

interface Given extends Available {
  readonly namespaces: { readonly rollouts: DnsLabel };
  readonly addons: { readonly argoRollouts: z.output<typeof option> };
}

export const namespace: PartNamespace = {
  default: "argo-rollouts",
  holds: "Argo Rollouts",
  podSecurity: "restricted",
};

export const argoRollouts = {
  chart: "argo-rollouts",
  hasCrds: true,
  // renovate: datasource=helm depName=argo-rollouts registryUrl=https://argoproj.github.io/argo-helm
  version: "2.41.0",
  repository: argoHelm,
  namespace: ({ namespaces }) => namespaces.rollouts,
  wanted: ({ addons }) => addons.argoRollouts,
  values: ({ cluster }) => argoRolloutsValues(cluster.highAvailability),
} satisfies Addon<Given>;

/** The values of chart argo-rollouts that we set. */
export interface ArgoRolloutsValues {
  readonly controller: Availability & { readonly resources: Resources };
}

export function argoRolloutsValues(highAvailability: boolean): ArgoRolloutsValues {
  return {
    controller: { ...available(highAvailability), resources: requests("50m", "128Mi") },
  };
}

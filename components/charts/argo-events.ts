import type { PartNamespace, Resources } from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import { confined } from "../kinds/security.ts";
import type { DnsLabel } from "../names.ts";
import type { Availability, Available, PartChart } from "./chart.ts";
import { argoHelm, available } from "./chart.ts";

interface Given extends Available {
  readonly namespaces: { readonly events: DnsLabel };
}

export const namespace: PartNamespace = {
  default: "argo-events",
  holds: "Argo Events, the EventBus, the EventSource and the Sensors",
  podSecurity: "restricted",
};

/** Argo Events' image, newer than the chart's: JetStream pods stop within their grace period (argo-events #3959). */
// renovate: datasource=github-tags depName=argoproj/argo-events
export const argoEventsVersion = "v1.9.11";

/** The controllers of Argo Events. Installs the kinds EventBus, EventSource and Sensor. */
export const argoEvents = {
  component: "ArgoEvents",
  chart: "argo-events",
  hasCrds: true,
  // renovate: datasource=helm depName=argo-events registryUrl=https://argoproj.github.io/argo-helm
  version: "2.4.22",
  repository: argoHelm,
  namespace: ({ namespaces }) => namespaces.events,
  values: ({ cluster: { highAvailability } }) =>
    argoEventsValues({ version: argoEventsVersion, highAvailability }),
} satisfies PartChart<Given>;

export interface ArgoEventsArgs {
  /** Tag of Argo Events' image. */
  readonly version: string;
  readonly highAvailability: boolean;
}

/** The values of chart argo-events that we set. */
export interface ArgoEventsValues {
  readonly global: { readonly image: { readonly tag: string }; readonly securityContext: object };
  readonly controller: Availability & {
    readonly containerSecurityContext: object;
    readonly resources: Resources;
  };
}

export function argoEventsValues({ version, highAvailability }: ArgoEventsArgs): ArgoEventsValues {
  return {
    global: {
      image: { tag: version },
      securityContext: { runAsNonRoot: true, runAsUser: 9731, seccompProfile: { type: "RuntimeDefault" } },
    },
    controller: {
      ...available(highAvailability),
      containerSecurityContext: confined,
      resources: requests("50m", "128Mi"),
    },
  };
}

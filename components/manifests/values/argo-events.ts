import type { Resources } from "../types/kubernetes.ts";
import { confined } from "../security.ts";
import { available, small } from "./common.ts";
import type { Availability } from "./common.ts";

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
      resources: small("50m", "128Mi"),
    },
  };
}

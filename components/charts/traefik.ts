import { z } from "zod";
import * as field from "../fields.ts";
import { strict } from "../checks.ts";
import type { PartNamespace, Resources } from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import type { DnsLabel, DnsSubdomain } from "../names.ts";
import type { Addon, Available } from "./chart.ts";

export const option = strict({
  nodePorts: strict({
    http: field.nodePort.describe("Port for HTTP."),
    https: field.nodePort.describe("Port for HTTPS."),
  })
    .optional()
    .describe(
      "Ports on every node. Without it, the cluster must assign addresses to Services of type LoadBalancer.",
    ),
  snippets: z
    .boolean()
    .default(false)
    .describe(
      "Serve Ingresses that have nginx configuration snippets, such as auth-snippet; otherwise Traefik ignores these Ingresses entirely. Anyone who may create an Ingress can then change requests and responses of its host.",
    ),
})
  .optional()
  .describe("Traefik, serving the IngressClass of `webhooks.ingress` with ingress-nginx's annotations.");

interface Given extends Available {
  readonly namespaces: { readonly ingress: DnsLabel };
  readonly webhooks: {
    readonly ingress: { readonly class: DnsSubdomain };
    readonly limits: { readonly sources: readonly string[] };
  };
  readonly addons: { readonly ingressController?: z.output<typeof option> };
}

export const namespace: PartNamespace = {
  default: "traefik",
  holds: "the ingress controller",
  podSecurity: "restricted",
};

export const traefik = {
  chart: "traefik",
  hasCrds: false,
  // renovate: datasource=helm depName=traefik registryUrl=https://traefik.github.io/charts
  version: "41.3.0",
  repository: "https://traefik.github.io/charts",
  namespace: ({ namespaces }) => namespaces.ingress,
  wanted: ({ addons }) => addons.ingressController !== undefined,
  values: ({ cluster: { highAvailability }, webhooks, addons }) =>
    traefikValues({
      ingressClass: webhooks.ingress.class,
      nodePorts: addons.ingressController?.nodePorts,
      snippets: addons.ingressController?.snippets ?? false,
      seesSources: webhooks.limits.sources.length > 0,
      highAvailability,
    }),
  ingressClass: ({ webhooks }) => ({ name: webhooks.ingress.class, controller: "k8s.io/ingress-nginx" }),
  // Nothing here uses Traefik's own kinds.
  skipCrds: true,
} satisfies Addon<Given>;

/** The values of chart traefik that we set. */
export interface TraefikValues {
  readonly deployment: { readonly replicas: number } | { readonly kind: "DaemonSet" };
  readonly podDisruptionBudget?: { readonly enabled: true; readonly minAvailable: 1 };
  readonly ingressClass: { readonly enabled: false };
  readonly providers: {
    readonly kubernetesCRD: { readonly enabled: false };
    readonly kubernetesIngress: { readonly enabled: false };
    readonly kubernetesIngressNGINX: {
      readonly enabled: true;
      readonly ingressClass: DnsSubdomain;
      readonly allowSnippetAnnotations?: true;
      readonly publishService: { readonly enabled: boolean };
    };
  };
  readonly service: {
    readonly spec: {
      readonly type: "LoadBalancer" | "NodePort";
      readonly externalTrafficPolicy?: "Local";
    };
  };
  readonly ports?: Readonly<Record<"web" | "websecure", { readonly nodePort: number }>>;
  readonly resources: Resources;
}

export interface TraefikArgs {
  readonly ingressClass: DnsSubdomain;
  /** Ports on every node; undefined if the cluster assigns addresses to load balancers. */
  readonly nodePorts: { readonly http: number; readonly https: number } | undefined;
  /** Whether Ingresses may have snippets of nginx configuration in annotations. */
  readonly snippets: boolean;
  /** Whether it must see the addresses of clients, which a Service replaces with the node's by default. */
  readonly seesSources: boolean;
  readonly highAvailability: boolean;
}

/**
 * Traefik in place of ingress-nginx, which is retired: it serves the same IngressClass and understands its
 * annotations, so that the Ingresses of the cluster repositories stay as they are.
 */
export function traefikValues(args: TraefikArgs): TraefikValues {
  const { ingressClass, nodePorts, snippets, seesSources } = args;
  const traffic = seesSources ? ({ externalTrafficPolicy: "Local" } as const) : {};
  return {
    ...pods(args),
    // The class is created separately, because the chart's own would name Traefik as its controller.
    ingressClass: { enabled: false },
    providers: {
      kubernetesCRD: { enabled: false },
      kubernetesIngress: { enabled: false },
      kubernetesIngressNGINX: {
        enabled: true,
        ingressClass,
        ...(snippets ? { allowSnippetAnnotations: true } : {}),
        // Only a load balancer has an address that could be written into the Ingresses.
        publishService: { enabled: nodePorts === undefined },
      },
    },
    ...(nodePorts === undefined
      ? { service: { spec: { type: "LoadBalancer", ...traffic } } }
      : {
          service: { spec: { type: "NodePort", ...traffic } },
          ports: { web: { nodePort: nodePorts.http }, websecure: { nodePort: nodePorts.https } },
        }),
    resources: requests("100m", "128Mi"),
  };
}

/** With `externalTrafficPolicy: Local`, a port is open only on nodes that run a pod, so every node runs one. */
function pods({
  nodePorts,
  seesSources,
  highAvailability,
}: TraefikArgs): Pick<TraefikValues, "deployment" | "podDisruptionBudget"> {
  if (seesSources && nodePorts !== undefined) return { deployment: { kind: "DaemonSet" } };
  return {
    deployment: { replicas: highAvailability ? 2 : 1 },
    ...(highAvailability ? { podDisruptionBudget: { enabled: true, minAvailable: 1 } } : {}),
  };
}

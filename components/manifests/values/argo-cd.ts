import type { IngressRules } from "../types/ingress.ts";
import type { Resources } from "../types/kubernetes.ts";
import { available, small } from "./common.ts";
import type { Availability } from "./common.ts";

export interface ArgoCdArgs {
  readonly host: string | undefined;
  readonly nodePort: number | undefined;
  readonly ingress: IngressRules | undefined;
  readonly highAvailability: boolean;
}

/** The values of chart argo-cd that we set. */
export interface ArgoCdValues {
  readonly global?: { readonly domain: string };
  readonly configs: {
    readonly cm?: { readonly url: string };
    readonly params: { readonly "server.insecure": boolean };
  };
  readonly controller: { readonly resources: Resources };
  readonly redis: { readonly resources: Resources };
  readonly redisSecretInit: { readonly resources: Resources };
  readonly repoServer: Availability & { readonly resources: Resources };
  readonly server: Availability & {
    readonly resources: Resources;
    readonly service: ServerService;
    readonly ingress?: ServerIngress;
  };
  readonly applicationSet: { readonly replicas: 0 };
  readonly dex: { readonly enabled: false };
  readonly notifications: { readonly enabled: false };
}

type ServerService =
  | { readonly type: "ClusterIP" }
  | { readonly type: "NodePort"; readonly nodePortHttps: number; readonly nodePortHttp: 0 };

interface ServerIngress {
  readonly enabled: true;
  readonly ingressClassName: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tls: boolean;
  readonly extraTls: readonly { readonly hosts: readonly string[]; readonly secretName: string }[];
}

export function argoCdValues({ host, nodePort, ingress, highAvailability }: ArgoCdArgs): ArgoCdValues {
  return {
    ...(host === undefined ? {} : { global: { domain: host } }),
    // Behind an Ingress that ends TLS the server speaks HTTP; else it brings a certificate of its own.
    configs: {
      ...(host === undefined
        ? {}
        : { cm: { url: `https://${host}${nodePort === undefined ? "" : `:${nodePort.toString()}`}` } }),
      params: { "server.insecure": ingress !== undefined },
    },
    // One controller: a second would be a shard with half of the applications, not a spare.
    controller: { resources: small("250m", "512Mi") },
    // A cache, made anew from the cluster when it is lost.
    redis: { resources: small("50m", "64Mi") },
    redisSecretInit: { resources: small("50m", "64Mi") },
    repoServer: { ...available(highAvailability), resources: small("100m", "256Mi") },
    server: {
      ...available(highAvailability),
      resources: small("50m", "128Mi"),
      service:
        nodePort === undefined
          ? { type: "ClusterIP" }
          : // 0: the plain port is not needed, and its default is a port that others use too.
            { type: "NodePort", nodePortHttps: nodePort, nodePortHttp: 0 },
      ...(ingress === undefined || host === undefined ? {} : { ingress: serverIngress(ingress, host) }),
    },
    // Nothing in this program uses these three.
    applicationSet: { replicas: 0 },
    dex: { enabled: false },
    notifications: { enabled: false },
  };
}

function serverIngress(
  { class: className, tlsSecret, annotations }: IngressRules,
  host: string,
): ServerIngress {
  return {
    enabled: true,
    ingressClassName: className,
    annotations,
    tls: false,
    extraTls: tlsSecret === undefined ? [] : [{ hosts: [host], secretName: tlsSecret }],
  };
}

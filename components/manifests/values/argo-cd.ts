import type { DnsLabel } from "../../names.ts";
import type { IngressRules } from "../types/ingress.ts";
import type { Resources } from "../types/kubernetes.ts";
import { available, small } from "./common.ts";
import type { Availability } from "./common.ts";

export interface ArgoCdArgs {
  readonly host: string | undefined;
  readonly nodePort: number | undefined;
  readonly ingress: IngressRules | undefined;
  readonly highAvailability: boolean;
  /** Secret with the key that signs GitHub's deliveries, under `secret`; absent where GitHub does not reach Argo CD. */
  readonly webhookSecret: DnsLabel | undefined;
}

/** The values of chart argo-cd that we set. */
export interface ArgoCdValues {
  readonly global?: { readonly domain: string };
  readonly configs: {
    readonly cm: { readonly url?: string; readonly "timeout.reconciliation"?: string };
    readonly params: {
      readonly "server.insecure": boolean;
      readonly "controller.resource.health.persist": true;
    };
    readonly secret?: { readonly githubSecret: string };
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

export function argoCdValues(args: ArgoCdArgs): ArgoCdValues {
  const { host, nodePort, ingress, highAvailability } = args;
  return {
    ...(host === undefined ? {} : { global: { domain: host } }),
    configs: configs(args),
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

function configs({ host, nodePort, ingress, webhookSecret }: ArgoCdArgs): ArgoCdValues["configs"] {
  const port = nodePort === undefined ? "" : `:${nodePort.toString()}`;
  return {
    cm: {
      ...(host === undefined ? {} : { url: `https://${host}${port}` }),
      // Where GitHub tells of pushes, this is for what was not heard.
      ...(webhookSecret === undefined ? {} : { "timeout.reconciliation": "15m" }),
    },
    params: {
      // Behind an Ingress that ends TLS the server speaks HTTP; else it brings a certificate of its own.
      "server.insecure": ingress !== undefined,
      // A build that waits tells by it which object is not healthy.
      "controller.resource.health.persist": true,
    },
    // A reference: the values of a release can be read in the cluster.
    ...(webhookSecret === undefined ? {} : { secret: { githubSecret: `$${webhookSecret}:secret` } }),
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

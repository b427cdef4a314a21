/** How Argo CD's server is reached from outside. */
import type { IngressRules } from "../kinds/ingress.ts";

export type ServerService =
  | { readonly type: "ClusterIP" }
  | { readonly type: "NodePort"; readonly nodePortHttps: number; readonly nodePortHttp: 0 };

export interface ServerIngress {
  readonly enabled: true;
  readonly ingressClassName: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly tls: boolean;
  readonly extraTls: readonly { readonly hosts: readonly string[]; readonly secretName: string }[];
}

export function serverService(nodePort: number | undefined): ServerService {
  if (nodePort === undefined) return { type: "ClusterIP" };
  // The HTTP port is not needed. 0 leaves it to Kubernetes, because other programs use the chart's default too.
  return { type: "NodePort", nodePortHttps: nodePort, nodePortHttp: 0 };
}

export function serverIngress(
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

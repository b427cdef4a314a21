import type { DnsSubdomain } from "../names.ts";

/** How one of our Ingresses is served. */
export interface IngressRules {
  readonly class: DnsSubdomain;
  /** Secret with the certificate; undefined if TLS is the ingress controller's default, or is terminated before it. */
  readonly tlsSecret?: DnsSubdomain | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

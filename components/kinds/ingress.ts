import type { DnsSubdomain } from "../names.ts";

/** How an Ingress of ours is served. */
export interface IngressRules {
  readonly class: DnsSubdomain;
  /** Secret with the certificate; absent where TLS is the ingress controller's default or ends in front of it. */
  readonly tlsSecret?: DnsSubdomain | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

/** How GitHub's deliveries reach the EventSource. */
import { eventSourceLabels } from "../kinds/event-pods.ts";
import type { IngressRules } from "../kinds/ingress.ts";

/** Where one project's deliveries arrive. */
export interface Listener {
  readonly name: string;
  readonly host: string;
  readonly path: string;
  readonly port: number;
  readonly nodePort: number | undefined;
}

/** A Service in front of the EventSource; its own would be replaced whenever a port changes. */
export function listenerService(listeners: readonly Listener[], type: "ClusterIP" | "NodePort") {
  return {
    type,
    selector: eventSourceLabels,
    ports: listeners.map(({ name, port, nodePort }) => ({
      name,
      port,
      targetPort: port,
      ...(type === "NodePort" && nodePort !== undefined ? { nodePort } : {}),
    })),
  };
}

/** Lets through just the webhook paths. */
export function listenerIngress(listeners: readonly Listener[], service: string, ingress: IngressRules) {
  const hosts = [...new Set(listeners.map(({ host }) => host))];
  return {
    ingressClassName: ingress.class,
    rules: hosts.map((host) => ({
      host,
      http: { paths: listeners.filter((one) => one.host === host).map((one) => ingressPath(one, service)) },
    })),
    ...(ingress.tlsSecret === undefined ? {} : { tls: [{ hosts, secretName: ingress.tlsSecret }] }),
  };
}

function ingressPath({ path, port }: Listener, service: string) {
  return { path, pathType: "Exact", backend: { service: { name: service, port: { number: port } } } };
}

/** ingress-nginx, and Traefik in its place, cut a body off at 1 MiB; the EventSource takes more. */
export const bodySizeAnnotation = { "nginx.ingress.kubernetes.io/proxy-body-size": "6m" } as const;

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

/** A Service for the EventSource. The one that Argo Events creates would be replaced whenever a port changes. */
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

/** An Ingress for the webhook paths only. */
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

/** The limits of the Ingress for one client address. */
export interface WebhookLimits {
  readonly perSecond: number;
  /** Requests at once. */
  readonly burst: number;
  /** Concurrent requests; unlimited if undefined. */
  readonly connections?: number | undefined;
  /** CIDR ranges of clients; empty for all. */
  readonly sources: readonly string[];
}

/**
 * Annotations of ingress-nginx, which Traefik reads too. By default, both limit a body to 1 MiB, which is less than the
 * EventSource accepts.
 */
export function listenerAnnotations({ perSecond, burst, connections, sources }: WebhookLimits) {
  return ofNginx({
    "proxy-body-size": "6m",
    // Without it, Traefik forwards each part of a body as it arrives, whatever the size: many slow senders would fill
    // the memory of the EventSource, which holds a body until it is complete.
    "proxy-request-buffering": "on",
    // In seconds. GitHub waits for 10, and ignores later answers.
    "proxy-connect-timeout": "5",
    "proxy-send-timeout": "15",
    "proxy-read-timeout": "15",
    "limit-rps": perSecond.toString(),
    "limit-burst-multiplier": Math.ceil(burst / perSecond).toString(),
    ...(connections === undefined ? {} : { "limit-connections": connections.toString() }),
    ...(sources.length === 0 ? {} : { "whitelist-source-range": sources.join(",") }),
  });
}

function ofNginx(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
  );
}

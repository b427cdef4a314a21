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

/** What one address may ask of the Ingress. */
export interface DeliveryLimits {
  readonly perSecond: number;
  /** Requests that come at once. */
  readonly burst: number;
  /** Requests under way; unlimited where absent. */
  readonly connections?: number | undefined;
  /** Ranges of addresses; empty for any. */
  readonly sources: readonly string[];
}

/** As ingress-nginx names them, and Traefik in its place. Both would cut a body off at 1 MiB; the EventSource takes more. */
export function listenerAnnotations({ perSecond, burst, connections, sources }: DeliveryLimits) {
  return ofNginx({
    "proxy-body-size": "6m",
    // Without it Traefik hands on each part of a body as it comes, whatever its size: many slow senders would fill the
    // memory of the EventSource, which holds a body until it is whole.
    "proxy-request-buffering": "on",
    // Seconds. GitHub waits for 10, and later answers are ignored.
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

/** Endpoints of GitHub's deliveries. */
import { eventPort } from "../derived-names.ts";

export interface ListenerSettings {
  readonly url: string;
  readonly host: string;
  /** Path of the URL: that of the Ingress and of the EventSource's endpoint. */
  readonly path: string;
  /** Port of the EventSource's pod: one for each project, since projects may use the same path on different hosts. */
  readonly port: number;
  readonly nodePort: number | undefined;
}

/** @param name the name from which a port is derived if none is set */
export function resolveListener(name: string, given: Listener): ListenerSettings {
  const { hostname, pathname } = new URL(given.url);
  return {
    url: given.url,
    host: hostname,
    path: pathname,
    port: given.port ?? eventPort(name),
    nodePort: given.nodePort,
  };
}

interface Listener {
  readonly url: string;
  readonly port?: number | undefined;
  readonly nodePort?: number | undefined;
}

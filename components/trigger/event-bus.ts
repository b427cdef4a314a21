import type { DnsSubdomain } from "../names.ts";
import { confined, spread, unprivileged } from "../kinds/security.ts";
import { eventBusLabels } from "../kinds/event-pods.ts";
import type { EventBusSpec } from "../kinds/events.ts";
import { requests } from "../kinds/kubernetes.ts";

export interface EventBusArgs {
  readonly version: string;
  /** 1, or at least 3. */
  readonly replicas: number;
  readonly volumeSize: string;
  readonly storageClass: DnsSubdomain;
}

/** The NATS JetStream version, which must be one of the chart's controller configuration. */
export const jetStreamVersion = "2.10.10";

/** A persistent JetStream: accepted messages survive the loss of a pod. */
export function eventBus({ version, replicas, volumeSize, storageClass }: EventBusArgs): EventBusSpec {
  const sidecar = { resources: requests("10m", "32Mi"), securityContext: confined };
  return {
    jetstream: {
      version,
      replicas,
      // Without this, every stream needs three replicas, and a single pod refuses all of them.
      streamConfig: `replicas: ${Math.min(replicas, 3).toString()}\n`,
      // More than the EventSource's limit, since a message is the delivery with its headers.
      maxPayload: "8MB",
      persistence: { storageClassName: storageClass, accessMode: "ReadWriteOnce", volumeSize },
      // One user for all containers: the reloader signals the server's process.
      securityContext: unprivileged,
      containerTemplate: { resources: requests("50m", "128Mi"), securityContext: confined },
      reloaderContainerTemplate: sidecar,
      metricsContainerTemplate: sidecar,
      ...(replicas > 1 ? { affinity: spread(eventBusLabels) } : {}),
    },
  };
}

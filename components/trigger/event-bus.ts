import type { DnsSubdomain } from "../names.ts";
import { confined, spread, unprivileged } from "../kinds/security.ts";
import { eventBusLabels } from "../kinds/event-pods.ts";
import type { EventBusSpec } from "../kinds/events.ts";
import type { Resources } from "../kinds/kubernetes.ts";

export interface EventBusArgs {
  readonly version: string;
  /** 1, or 3 and more. */
  readonly replicas: number;
  readonly volumeSize: string;
  readonly storageClass: DnsSubdomain;
}

/** The NATS JetStream version; one that the chart's controller configuration names. */
export const jetStreamVersion = "2.10.10";

/** A persistent JetStream: what it has taken survives the loss of a pod. */
export function eventBus({ version, replicas, volumeSize, storageClass }: EventBusArgs): EventBusSpec {
  const sidecar = { resources: resources("10m", "32Mi"), securityContext: confined };
  return {
    jetstream: {
      version,
      replicas,
      // Without this a single pod is asked for three copies and refuses every stream.
      streamConfig: `replicas: ${Math.min(replicas, 3).toString()}\n`,
      // Above the EventSource's limit, since a message is the delivery with its headers.
      maxPayload: "8MB",
      persistence: { storageClassName: storageClass, accessMode: "ReadWriteOnce", volumeSize },
      // One user for all containers: the reloader signals the server's process.
      securityContext: unprivileged,
      containerTemplate: { resources: resources("50m", "128Mi"), securityContext: confined },
      reloaderContainerTemplate: sidecar,
      metricsContainerTemplate: sidecar,
      ...(replicas > 1 ? { affinity: spread(eventBusLabels) } : {}),
    },
  };
}

function resources(cpu: string, memory: string): Resources {
  return { requests: { cpu, memory } };
}

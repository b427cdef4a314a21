/** The pods that the controllers of Argo Events create: their labels, ports and container. */
import { dnsLabelOf } from "../names.ts";
import type { ContainerTemplate } from "./kubernetes.ts";
import { confined } from "./security.ts";

/** The bus that an EventSource or a Sensor uses if it names none. */
export const eventBusName = dnsLabelOf("default");

/** The labels of the bus's pods (argo-events `pkg/reconciler/eventbus/installer/jetstream.go`). */
export const eventBusLabels = {
  controller: "eventbus-controller",
  "eventbus-name": eventBusName,
} as const;

/** NATS' ports for clients, and for the other servers of its cluster. Only its own pod and node use port 8222. */
export const eventBusPorts = { client: 4222, cluster: 6222 } as const;

export const eventSourceName = dnsLabelOf("github");

/** The labels of the EventSource's pods (argo-events `pkg/reconciler/eventsource/controller.go`). */
export const eventSourceLabels = {
  controller: "eventsource-controller",
  "eventsource-name": eventSourceName,
  "owner-name": eventSourceName,
} as const;

/** The label of all Sensors' pods (argo-events `pkg/reconciler/sensor/controller.go`). */
export const sensorLabels = { controller: "sensor-controller" } as const;

/** The port for metrics of all pods of Argo Events, and of the exporter beside NATS. */
export const metricsPort = 7777;

/** The container of an EventSource's or a Sensor's pods. */
export const eventContainer = {
  resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
  securityContext: confined,
} as const satisfies ContainerTemplate;

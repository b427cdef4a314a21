/** The pods that the controllers of Argo Events make: their labels, and where they listen. */
import { dnsLabelOf } from "../names.ts";

/** Argo Events' name for the bus that an EventSource and a Sensor use when they name none. */
export const eventBusName = dnsLabelOf("default");

/** The labels of the bus's pods (argo-events `pkg/reconciler/eventbus/installer/jetstream.go`). */
export const eventBusLabels = {
  controller: "eventbus-controller",
  "eventbus-name": eventBusName,
} as const;

/** Where NATS takes its clients, and the other servers of its cluster. The port 8222 is for its own pod and node. */
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

/** Where all pods of Argo Events, and the exporter beside NATS, serve their metrics. */
export const metricsPort = 7777;

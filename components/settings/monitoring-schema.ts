/** The shape of `monitoring` in a stack file. */
import { z } from "zod";
import * as field from "../fields.ts";
import { strict } from "../checks.ts";
import { labels } from "./build-schema.ts";

export const monitoring = strict({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      "Declare PodMonitors, alerts (PrometheusRule) and a Grafana dashboard. The cluster must have the CRDs of the Prometheus operator.",
    ),
  labels: labels
    .default({})
    .describe("Labels of PodMonitors and alerts, by which Prometheus selects them, e.g. release."),
  dashboardLabels: labels
    .default({ grafana_dashboard: "1" })
    .describe("Labels of the dashboard's ConfigMap, by which Grafana's sidecar finds it."),
  pushToLive: field.seconds
    .prefault("15m")
    .describe(
      "An alert fires for a service if its pushes take longer than this, on average, until they are live; needs `delivery.wait`.",
    ),
})
  .prefault({})
  .describe("Metrics, alerts and a dashboard of the pipeline, for Prometheus and Grafana.");

/** Where Prometheus finds each part's metrics: at its pods, by the port names of the charts and of Argo Events. */
import { chartLabels, chartPods } from "../charts/pods.ts";
import { eventBusLabels, eventSourceLabels, sensorLabels } from "../kinds/event-pods.ts";
import type { PodMetricsEndpoint, PodMonitorSpec } from "../kinds/monitoring.ts";
import type { DnsLabel } from "../names.ts";
import { dnsLabelOf } from "../names.ts";
import type { MonitoringArgs } from "./args.ts";

export interface PodMonitorArgs {
  readonly name: DnsLabel;
  readonly namespace: DnsLabel;
  readonly spec: PodMonitorSpec;
}

export function podMonitors({ namespaces }: MonitoringArgs): PodMonitorArgs[] {
  const { workflows, events, delivery, registry, ingress } = namespaces;
  return [
    byName(chartPods.workflowController, workflows, "metrics"),
    argoEvents(events),
    byName(chartPods.argoCdController, delivery, "metrics"),
    imageUpdater(delivery),
    ...(registry === undefined ? [] : [byName(chartPods.zot, registry, "zot")]),
    ...(ingress === undefined ? [] : [byName(chartPods.traefik, ingress, "metrics")]),
  ];
}

/** The pods of a chart's program. */
function byName(pods: { readonly name: string }, namespace: DnsLabel, port: string): PodMonitorArgs {
  const spec: PodMonitorSpec = {
    selector: { matchLabels: chartLabels(pods) },
    podMetricsEndpoints: [endpoint(port)],
  };
  return { name: dnsLabelOf(pods.name), namespace, spec };
}

/** The pods that the controllers of Argo Events create (argo-events `docs/metrics.md`). */
function argoEvents(namespace: DnsLabel): PodMonitorArgs {
  const values = [eventBusLabels, eventSourceLabels, sensorLabels].map(({ controller }) => controller);
  const spec: PodMonitorSpec = {
    selector: { matchExpressions: [{ key: "controller", operator: "In", values }] },
    podMetricsEndpoints: [endpoint("metrics")],
  };
  return { name: dnsLabelOf("argo-events"), namespace, spec };
}

/**
 * The chart declares its metrics port only together with a NetworkPolicy that would keep builds from the updater's
 * webhook. The pod is therefore found by another port, which is then replaced.
 */
function imageUpdater(namespace: DnsLabel): PodMonitorArgs {
  const { imageUpdater: pods } = chartPods;
  const { spec, ...monitor } = byName(pods, namespace, "health");
  const address = "__address__";
  const relabelings = [
    {
      sourceLabels: [address],
      regex: "(.+):[0-9]+",
      targetLabel: address,
      replacement: `$1:${pods.metrics.toString()}`,
    },
  ];
  return { ...monitor, spec: { ...spec, podMetricsEndpoints: [{ ...endpoint("health"), relabelings }] } };
}

function endpoint(port: string): PodMetricsEndpoint {
  return { port, path: "/metrics", interval: "30s", honorLabels: true };
}

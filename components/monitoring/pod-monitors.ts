/** Where Prometheus finds the metrics of each part: at its pods, whose ports the charts and Argo Events name. */
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
    byName("argo-workflows-workflow-controller", workflows, "metrics"),
    argoEvents(events),
    byName("argocd-application-controller", delivery, "metrics"),
    imageUpdater(delivery),
    ...(registry === undefined ? [] : [byName("zot", registry, "zot")]),
    ...(ingress === undefined ? [] : [byName("traefik", ingress, "metrics")]),
  ];
}

/** The pods of a chart's program. */
function byName(name: string, namespace: DnsLabel, port: string): PodMonitorArgs {
  const spec: PodMonitorSpec = {
    selector: { matchLabels: { "app.kubernetes.io/name": name } },
    podMetricsEndpoints: [endpoint(port)],
  };
  return { name: dnsLabelOf(name), namespace, spec };
}

/** The pods that the controllers of Argo Events make (argo-events `docs/metrics.md`). */
function argoEvents(namespace: DnsLabel): PodMonitorArgs {
  const values = ["eventbus-controller", "eventsource-controller", "sensor-controller"];
  const spec: PodMonitorSpec = {
    selector: { matchExpressions: [{ key: "controller", operator: "In", values }] },
    podMetricsEndpoints: [endpoint("metrics")],
  };
  return { name: dnsLabelOf("argo-events"), namespace, spec };
}

/**
 * The chart declares the port of its metrics only together with a NetworkPolicy that would keep builds from the updater's
 * webhook, so the pod is found by another port.
 */
function imageUpdater(namespace: DnsLabel): PodMonitorArgs {
  const { spec, ...monitor } = byName("argocd-image-updater", namespace, "health");
  const address = "__address__";
  const relabelings = [
    { sourceLabels: [address], regex: "(.+):[0-9]+", targetLabel: address, replacement: "$1:8443" },
  ];
  return { ...monitor, spec: { ...spec, podMetricsEndpoints: [{ ...endpoint("health"), relabelings }] } };
}

function endpoint(port: string): PodMetricsEndpoint {
  return { port, path: "/metrics", interval: "30s", honorLabels: true };
}

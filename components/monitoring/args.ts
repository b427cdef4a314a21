/** Derives the arguments of monitoring from the settings. */
import type { DnsLabel } from "../names.ts";
import type { Settings } from "../settings/settings.ts";

export interface MonitoringArgs {
  /** The parts' namespaces; undefined if the stack does not have the part. */
  readonly namespaces: {
    readonly workflows: DnsLabel;
    readonly events: DnsLabel;
    readonly delivery: DnsLabel;
    readonly registry: DnsLabel | undefined;
    readonly ingress: DnsLabel | undefined;
  };
  /** Labels by which Prometheus selects PodMonitors and rules. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels by which Grafana finds the dashboard. */
  readonly dashboardLabels: Readonly<Record<string, string>>;
  /** Minutes between checks for lost pushes; undefined if there are none. */
  readonly catchUpEvery: number | undefined;
  /** Seconds that a push may take to go live; undefined if builds do not wait for that. */
  readonly pushToLive: number | undefined;
}

/** Undefined if the stack is not monitored. */
export function monitoringArgs(settings: Settings): MonitoringArgs | undefined {
  const { monitoring, namespaces, addons, builds, delivery } = settings;
  const { enabled, labels, dashboardLabels, pushToLive } = monitoring;
  if (!enabled) return undefined;
  const { workflows, events, registry, ingress } = namespaces;
  return {
    namespaces: {
      workflows,
      events,
      delivery: namespaces.delivery,
      registry: addons.registry === undefined ? undefined : registry,
      ingress: addons.ingressController === undefined ? undefined : ingress,
    },
    labels,
    dashboardLabels,
    catchUpEvery: builds.catchUp.enabled ? builds.catchUp.every : undefined,
    pushToLive: delivery.wait ? pushToLive : undefined,
  };
}

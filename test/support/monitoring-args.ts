/** The arguments of monitoring in a stack that uses all of it. */
import type { MonitoringArgs } from "../../components/monitoring/args.ts";
import { label } from "./builders.ts";

export function monitored(differences: Partial<MonitoringArgs> = {}): MonitoringArgs {
  return {
    namespaces: {
      workflows: label("argo"),
      events: label("argo-events"),
      delivery: label("argocd"),
      registry: label("registry"),
      ingress: label("traefik"),
    },
    labels: { release: "prometheus" },
    dashboardLabels: { grafana_dashboard: "1" },
    catchUpEvery: 10,
    pushToLive: 900,
    ...differences,
  };
}

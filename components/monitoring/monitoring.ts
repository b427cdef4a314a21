import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PodMonitor, PrometheusRule } from "../kinds/resources.ts";
import { dnsLabelOf } from "../names.ts";
import { alerts } from "./alerts.ts";
import type { MonitoringArgs } from "./args.ts";
import { podMonitors } from "./pod-monitors.ts";

/** What Prometheus scrapes and alerts on, and what Grafana shows of it. */
export class Monitoring extends pulumi.ComponentResource {
  constructor(name: string, args: MonitoringArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Monitoring", name, {}, opts);
    const child = { parent: this };
    const { labels, dashboardLabels, namespaces } = args;
    for (const { spec, ...monitor } of podMonitors(args)) {
      new PodMonitor(monitor.name, { metadata: { ...monitor, labels }, spec }, child);
    }
    const shared = { name: dnsLabelOf("argo-cicd"), namespace: namespaces.workflows };
    new PrometheusRule(shared.name, { metadata: { ...shared, labels }, spec: alerts(args) }, child);
    const metadata = { ...shared, name: dnsLabelOf("argo-cicd-dashboard"), labels: { ...dashboardLabels } };
    new k8s.core.v1.ConfigMap(metadata.name, { metadata, data: dashboard() }, child);
    this.registerOutputs({});
  }
}

/** Made by `npm run docs`. */
function dashboard(): Record<string, string> {
  const file = "dashboard.json";
  return { [`argo-cicd-${file}`]: readFileSync(new URL(file, import.meta.url), "utf8") };
}

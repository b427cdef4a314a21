import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Addon, Guarded } from "./chart.ts";
import { release } from "./release.ts";

/** What some clusters have already and others ask for: storage, an ingress controller, a registry, Argo Rollouts. */
export class Addons<Given extends Guarded> extends pulumi.ComponentResource {
  /** @param args the charts of all addons, each before those that need it, and the settings that say which are wanted */
  constructor(
    name: string,
    { charts, settings }: { readonly charts: readonly Addon<Given>[]; readonly settings: Given },
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super("argo-cicd:index:Addons", name, {}, opts);
    const made = new Map<string, pulumi.Resource>();
    for (const chart of charts.filter(({ wanted }) => wanted(settings))) {
      const { after = "", ingressClass } = chart;
      if (ingressClass !== undefined) makeIngressClass(ingressClass(settings), { parent: this });
      const before = made.get(after);
      const child = { parent: this, ...(before === undefined ? {} : { dependsOn: before }) };
      made.set(chart.chart, release(chart, settings, child));
    }
    this.registerOutputs({});
  }
}

function makeIngressClass(
  { name, controller }: { readonly name: string; readonly controller: string },
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.networking.v1.IngressClass(name, { metadata: { name }, spec: { controller } }, opts);
}

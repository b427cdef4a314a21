import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Addon, ReleaseSettings } from "./chart.ts";
import { release } from "./release.ts";

/** Optional charts, which some clusters already have: storage, an ingress controller, a registry, Argo Rollouts. */
export class Addons<Given extends ReleaseSettings> extends pulumi.ComponentResource {
  /** @param args the charts of all add-ons, each before the ones that need it, and the settings that enable them */
  constructor(
    name: string,
    { charts, settings }: { readonly charts: readonly Addon<Given>[]; readonly settings: Given },
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super("argo-cicd:index:Addons", name, {}, opts);
    const releases = new Map<string, pulumi.Resource>();
    for (const chart of charts.filter(({ wanted }) => wanted(settings))) {
      const { after = "", ingressClass } = chart;
      if (ingressClass !== undefined) makeIngressClass(ingressClass(settings), { parent: this });
      const dependency = releases.get(after);
      const child = { parent: this, ...(dependency === undefined ? {} : { dependsOn: dependency }) };
      releases.set(chart.chart, release(chart, settings, child));
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

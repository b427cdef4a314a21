import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { generateKey } from "../kinds/generated-key.ts";
import { makeBeside } from "./beside.ts";
import type { Guarded, PartChart } from "./chart.ts";
import { release } from "./release.ts";

/** One part of Argo: its chart, and before it the key and the rights that are made for it. */
export class Part<Given extends Guarded> extends pulumi.ComponentResource {
  /** Brings the part's kinds. */
  public readonly release: k8s.helm.v3.Release;
  /** Absent where the settings ask for none. */
  public readonly key: pulumi.Output<string> | undefined;

  constructor(
    name: string,
    { chart, settings }: { readonly chart: PartChart<Given>; readonly settings: Given },
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super(`argo-cicd:index:${chart.component}`, name, {}, opts);
    const child = { parent: this };
    const wanted = chart.key?.(settings);
    const namespace = chart.namespace(settings);
    const key = wanted && generateKey(wanted.resource, { ...wanted, namespace }, child);
    this.key = key?.value;
    const beside = chart.beside === undefined ? [] : makeBeside(chart.beside(settings), child);
    const before = [...(key === undefined ? [] : [key.secret]), ...beside];
    this.release = release(chart, settings, {
      ...child,
      ...(before.length === 0 ? {} : { dependsOn: before }),
    });
    this.registerOutputs({});
  }
}

import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { argoEventsVersion, charts } from "./charts.ts";
import { argoEventsValues } from "./manifests/values/argo-events.ts";
import type { DnsLabel } from "./names.ts";
import { release } from "./resources/release.ts";

export interface ArgoEventsArgs {
  readonly namespace: DnsLabel;
  readonly highAvailability: boolean;
}

/** Argo Events: its controller. The bus, the source and the sensors are in `trigger.ts`. */
export class ArgoEvents extends pulumi.ComponentResource {
  /** Brings the kinds EventBus, EventSource and Sensor. */
  public readonly release: k8s.helm.v3.Release;

  constructor(name: string, args: ArgoEventsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:ArgoEvents", name, {}, opts);
    const { namespace, highAvailability } = args;
    const values = argoEventsValues({ version: argoEventsVersion, highAvailability });
    this.release = release(charts.argoEvents, namespace, values, { parent: this });
    this.registerOutputs({});
  }
}

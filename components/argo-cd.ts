import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { charts } from "./charts.ts";
import type { ArgoCdArgs as Values } from "./manifests/values/argo-cd.ts";
import { argoCdValues } from "./manifests/values/argo-cd.ts";
import type { DnsLabel } from "./names.ts";
import { release } from "./resources/release.ts";

export interface ArgoCdArgs extends Values {
  readonly namespace: DnsLabel;
}

/** Argo CD: keeps the cluster as the cluster repositories say. */
export class ArgoCd extends pulumi.ComponentResource {
  /** Brings the kinds AppProject and Application. */
  public readonly release: k8s.helm.v3.Release;

  constructor(name: string, args: ArgoCdArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:ArgoCd", name, {}, opts);
    this.release = release(charts.argoCd, args.namespace, argoCdValues(args), { parent: this });
    this.registerOutputs({});
  }
}

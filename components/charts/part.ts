import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { generateKey } from "../kinds/generated-key.ts";
import { createRights } from "./create-rights.ts";
import type { ReleaseSettings, PartChart } from "./chart.ts";
import { release } from "./release.ts";

/** One part of Argo: its chart, and the key and the rights that are created before it. */
export class Part<Given extends ReleaseSettings> extends pulumi.ComponentResource {
  /** Installs the part's kinds. */
  public readonly release: k8s.helm.v3.Release;
  /** Undefined if the settings need none. */
  public readonly key: pulumi.Output<string> | undefined;

  constructor(
    name: string,
    { chart, settings }: { readonly chart: PartChart<Given>; readonly settings: Given },
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super(`argo-cicd:index:${chart.component}`, name, {}, opts);
    const child = { parent: this };
    const keyArgs = chart.key?.(settings);
    const namespace = chart.namespace(settings);
    const key = keyArgs && generateKey(keyArgs.resource, { ...keyArgs, namespace }, child);
    this.key = key?.value;
    const rights = chart.rights === undefined ? [] : createRights(chart.rights(settings), child);
    const before = [...(key === undefined ? [] : [key.secret]), ...rights];
    this.release = release(chart, settings, {
      ...child,
      ...(before.length === 0 ? {} : { dependsOn: before }),
    });
    this.registerOutputs({});
  }
}

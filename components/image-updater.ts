import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { charts } from "./charts.ts";
import type { ImageUpdaterArgs } from "./manifests/values/image-updater.ts";
import { imageUpdaterValues } from "./manifests/values/image-updater.ts";
import { release } from "./resources/release.ts";

/** Argo CD Image Updater: tells Argo CD of the newest image. It lives in Argo CD's namespace, whose Applications it changes. */
export class ImageUpdater extends pulumi.ComponentResource {
  /** Brings the kind ImageUpdater. */
  public readonly release: k8s.helm.v3.Release;

  constructor(name: string, args: ImageUpdaterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:ImageUpdater", name, {}, opts);
    this.release = release(charts.imageUpdater, args.namespace, imageUpdaterValues(args), { parent: this });
    this.registerOutputs({});
  }
}

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { charts } from "./charts.ts";
import type { ImageUpdaterArgs } from "./manifests/values/image-updater.ts";
import { imageUpdaterValues } from "./manifests/values/image-updater.ts";
import { release } from "./resources/release.ts";

/** Argo CD Image Updater: tells Argo CD of the newest image. It lives in Argo CD's namespace, whose Applications it changes. */
export class ImageUpdater extends pulumi.ComponentResource {
  /** Brings the kind ImageUpdater. */
  public readonly release: k8s.helm.v3.Release;
  /** Those who have it may tell the updater of a new image. */
  public readonly webhookKey: pulumi.Output<string>;

  constructor(name: string, args: ImageUpdaterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:ImageUpdater", name, {}, opts);
    const { namespace, webhookSecret } = args;
    const child = { parent: this };
    this.webhookKey = new random.RandomPassword(
      "updater-webhook-key",
      { length: 64, special: false },
      child,
    ).result;
    const secret = new k8s.core.v1.Secret(
      "updater-webhook-key",
      { metadata: { name: webhookSecret, namespace }, stringData: { token: this.webhookKey } },
      child,
    );
    this.release = release(charts.imageUpdater, namespace, imageUpdaterValues(args), {
      ...child,
      dependsOn: secret,
    });
    this.registerOutputs({});
  }
}

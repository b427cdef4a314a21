import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { charts } from "./charts.ts";
import type { ArgoCdArgs as Values } from "./manifests/values/argo-cd.ts";
import { argoCdValues } from "./manifests/values/argo-cd.ts";
import type { DnsLabel } from "./names.ts";
import { release } from "./resources/release.ts";

export interface ArgoCdArgs extends Values {
  readonly namespace: DnsLabel;
  /** Raised to replace the key that signs the deliveries of cluster repositories. */
  readonly keyVersion: number;
}

/** Argo CD: keeps the cluster as the cluster repositories say. */
export class ArgoCd extends pulumi.ComponentResource {
  /** Brings the kinds AppProject and Application. */
  public readonly release: k8s.helm.v3.Release;
  /** Signs the deliveries of cluster repositories; absent where GitHub does not reach Argo CD. */
  public readonly webhookKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: ArgoCdArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:ArgoCd", name, {}, opts);
    const child = { parent: this };
    const signing =
      args.webhookSecret === undefined ? undefined : signingKey(args, args.webhookSecret, child);
    this.webhookKey = signing?.key;
    this.release = release(charts.argoCd, args.namespace, argoCdValues(args), {
      ...child,
      ...(signing === undefined ? {} : { dependsOn: signing.secret }),
    });
    this.registerOutputs({});
  }
}

function signingKey(
  { namespace, keyVersion }: ArgoCdArgs,
  name: DnsLabel,
  opts: pulumi.CustomResourceOptions,
): { readonly key: pulumi.Output<string>; readonly secret: pulumi.Resource } {
  const { result: key } = new random.RandomPassword(
    "argocd-webhook-key",
    { length: 64, special: false, keepers: { version: keyVersion.toString() } },
    opts,
  );
  // Argo CD reads only Secrets that are labelled as its own.
  const labels = { "app.kubernetes.io/part-of": "argocd" };
  const metadata = { name, namespace, labels };
  return {
    key,
    secret: new k8s.core.v1.Secret("argocd-webhook-key", { metadata, stringData: { secret: key } }, opts),
  };
}

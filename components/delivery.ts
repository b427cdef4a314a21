import * as pulumi from "@pulumi/pulumi";
import { appProject, application, cascade, imageUpdater } from "./manifests/delivery.ts";
import type { DeliveredApplication, FollowedImage } from "./manifests/delivery.ts";
import type { DnsLabel } from "./names.ts";
import { AppProject, Application, ImageUpdater } from "./resources/argo.ts";

export interface DeliveryArgs {
  readonly namespace: DnsLabel;
  readonly projects: readonly DeliveredProject[];
}

export interface DeliveredProject {
  readonly name: DnsLabel;
  readonly applications: readonly (DeliveredApplication & {
    readonly images: readonly FollowedImage[];
    /** What becomes of the application's objects when it is removed from the stack file. */
    readonly onRemoval: "keep" | "delete";
  })[];
  readonly clusterKinds: readonly { readonly group: string; readonly kind: string }[];
}

type Child = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** What runs: for each project its limits, its applications, and the images that they follow. */
export class Delivery extends pulumi.ComponentResource {
  constructor(
    name: string,
    { namespace, projects }: DeliveryArgs,
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super("argo-cicd:index:Delivery", name, {}, opts);
    for (const project of projects.filter(({ applications }) => applications.length > 0)) {
      deliver(project, namespace, { parent: this });
    }
    this.registerOutputs({});
  }
}

function deliver(
  { name, applications, clusterKinds }: DeliveredProject,
  namespace: DnsLabel,
  opts: Child,
): void {
  const limits = new AppProject(
    name,
    { metadata: { name, namespace }, spec: appProject(name, applications, clusterKinds) },
    opts,
  );
  const made = applications.map(
    (one) =>
      new Application(
        one.name,
        {
          metadata: {
            name: one.name,
            namespace,
            ...(one.onRemoval === "delete" ? { finalizers: [cascade] } : {}),
          },
          spec: application(name, one),
        },
        { ...opts, dependsOn: limits },
      ),
  );
  const following = applications.filter(({ images }) => images.length > 0);
  if (following.length === 0) return;
  new ImageUpdater(
    name,
    { metadata: { name, namespace }, spec: imageUpdater(following) },
    { ...opts, dependsOn: made },
  );
}

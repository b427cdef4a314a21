import * as pulumi from "@pulumi/pulumi";
import { appProject, application, closedProject, defaultProject, imageUpdater } from "./applications.ts";
import type { DeliveredProject, DeliveryArgs } from "./args.ts";
import { cascade } from "../kinds/argocd.ts";
import type { DnsLabel } from "../names.ts";
import type { Child } from "../kinds/resources.ts";
import {
  AppProject,
  AppProjectPatch,
  Application,
  ImageUpdater,
  ImageValidatingPolicy,
} from "../kinds/resources.ts";
import type { ImagePolicyArgs } from "./image-policy.ts";
import { imagePolicy, imagePolicyName } from "./image-policy.ts";

/** For each project, an AppProject, its Applications, and an ImageUpdater for the images that they follow. */
export class Delivery extends pulumi.ComponentResource {
  constructor(
    name: string,
    { namespace, projects, imagePolicy: policy }: DeliveryArgs,
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super("argo-cicd:index:Delivery", name, {}, opts);
    close(namespace, { parent: this });
    if (policy !== undefined) checkImages(policy, { parent: this });
    for (const project of projects.filter(({ applications }) => applications.length > 0)) {
      deliver(project, namespace, { parent: this });
    }
    this.registerOutputs({});
  }
}

function checkImages(policy: ImagePolicyArgs, opts: Child): void {
  const metadata = { name: imagePolicyName };
  new ImageValidatingPolicy(imagePolicyName, { metadata, spec: imagePolicy(policy) }, opts);
}

/**
 * Closes Argo CD's default project, which exists once Argo CD's release is ready. The patch is retained, because
 * removing it would open the project again.
 */
function close(namespace: DnsLabel, opts: Child): void {
  const metadata = { name: defaultProject, namespace };
  new AppProjectPatch(defaultProject, { metadata, spec: closedProject }, { ...opts, retainOnDelete: true });
}

function deliver(
  { name, applications, clusterKinds, annotations, leaving }: DeliveredProject,
  namespace: DnsLabel,
  opts: Child,
): void {
  const limits = new AppProject(
    name,
    { metadata: { name, namespace }, spec: appProject(name, applications, clusterKinds, leaving) },
    opts,
  );
  const created = applications.map(
    (one) =>
      new Application(
        one.name,
        {
          metadata: {
            name: one.name,
            namespace,
            ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
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
    { ...opts, dependsOn: created },
  );
}

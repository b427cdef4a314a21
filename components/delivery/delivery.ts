import * as pulumi from "@pulumi/pulumi";
import {
  appProject,
  application,
  cascade,
  closedProject,
  defaultProject,
  imageUpdater,
} from "./applications.ts";
import type { DeliveredProject, DeliveryArgs } from "./args.ts";
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

/** What runs: for each project its limits, its applications, and the images that they follow. */
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

/** Argo CD's server has made it when its release is ready. Its removal would open it again, and Argo CD goes with its namespace. */
function close(namespace: DnsLabel, opts: Child): void {
  const metadata = { name: defaultProject, namespace };
  new AppProjectPatch(defaultProject, { metadata, spec: closedProject }, { ...opts, retainOnDelete: true });
}

function deliver(
  { name, applications, clusterKinds, annotations }: DeliveredProject,
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
    { ...opts, dependsOn: made },
  );
}

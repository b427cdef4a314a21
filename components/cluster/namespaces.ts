import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PodSecurity } from "../kinds/kubernetes.ts";
import type { Child } from "../kinds/resources.ts";
import type { NamespacesArgs, Removal } from "./namespaces-args.ts";
import type { NetworkPolicyArgs } from "./network/network-policies.ts";
import { deletable } from "./namespaces-args.ts";
import { defaultDeny } from "./network/network-policies.ts";

/** The namespaces of the stack, each at the strictest pod security level that its pods allow. */
export class Namespaces extends pulumi.ComponentResource {
  constructor(
    name: string,
    { namespaces, networkPolicies }: NamespacesArgs,
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super("argo-cicd:index:Namespaces", name, {}, opts);
    for (const { name: namespace, level, removal, closed } of namespaces) {
      const metadata = {
        name: namespace,
        labels: level === undefined ? {} : podSecurityLabels(level),
        ...(level === undefined || removal === "protect" ? {} : { annotations: deletable }),
      };
      const made = new k8s.core.v1.Namespace(
        namespace,
        { metadata },
        { parent: this, ...onRemoval[removal] },
      );
      const open = networkPolicies
        .filter((one) => one.namespace === namespace)
        .map((one) => networkPolicy(one, { parent: this, dependsOn: made }));
      // Created last and removed first, so that needed connections are never cut off in between.
      if (closed) networkPolicy(defaultDeny(namespace), { parent: this, dependsOn: [made, ...open] });
    }
    this.registerOutputs({});
  }
}

function networkPolicy({ spec, ...metadata }: NetworkPolicyArgs, opts: Child): pulumi.Resource {
  const logicalName = `${metadata.namespace}/${metadata.name}`;
  return new k8s.networking.v1.NetworkPolicy(logicalName, { metadata, spec }, opts);
}

const onRemoval: Readonly<Record<Removal, pulumi.CustomResourceOptions>> = {
  protect: { protect: true },
  retain: { retainOnDelete: true },
  delete: {},
};

/** Refuses what the level forbids, and warns of what the strictest level would forbid. */
function podSecurityLabels(level: PodSecurity): Record<string, string> {
  return {
    "pod-security.kubernetes.io/enforce": level,
    "pod-security.kubernetes.io/warn": level === "privileged" ? level : "restricted",
  };
}

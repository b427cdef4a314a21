import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PodSecurity } from "../kinds/kubernetes.ts";
import type { NamespacesArgs, Removal } from "./namespaces-args.ts";

/** The namespaces of the stack, each at the pod security level that its pods need and no lower. */
export class Namespaces extends pulumi.ComponentResource {
  constructor(name: string, { namespaces }: NamespacesArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Namespaces", name, {}, opts);
    for (const { name: namespace, level, removal } of namespaces) {
      const metadata = { name: namespace, labels: level === undefined ? {} : podSecurityLabels(level) };
      new k8s.core.v1.Namespace(namespace, { metadata }, { parent: this, ...onRemoval[removal] });
    }
    this.registerOutputs({});
  }
}

const onRemoval: Readonly<Record<Removal, pulumi.CustomResourceOptions>> = {
  protect: { protect: true },
  retain: { retainOnDelete: true },
  delete: {},
};

/** Refuses what the level forbids, and warns of what the strictest one would. */
function podSecurityLabels(level: PodSecurity): Record<string, string> {
  return {
    "pod-security.kubernetes.io/enforce": level,
    "pod-security.kubernetes.io/warn": level === "privileged" ? level : "restricted",
  };
}

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PodSecurity } from "../kinds/kubernetes.ts";
import type { NamespacesArgs } from "./args.ts";

/** The namespaces of the stack, each at the pod security level that its pods need and no lower. */
export class Namespaces extends pulumi.ComponentResource {
  constructor(name: string, { levels }: NamespacesArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:Namespaces", name, {}, opts);
    for (const [namespace, level] of levels) {
      const metadata = { name: namespace, labels: level === undefined ? {} : podSecurityLabels(level) };
      new k8s.core.v1.Namespace(namespace, { metadata }, { parent: this });
    }
    this.registerOutputs({});
  }
}

/** Refuses what the level forbids, and warns of what the strictest one would. */
function podSecurityLabels(level: PodSecurity): Record<string, string> {
  return {
    "pod-security.kubernetes.io/enforce": level,
    "pod-security.kubernetes.io/warn": level === "privileged" ? level : "restricted",
  };
}

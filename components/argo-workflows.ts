import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { charts } from "./charts.ts";
import type { ArgoWorkflowsArgs as Values } from "./manifests/values/argo-workflows.ts";
import { argoWorkflowsValues } from "./manifests/values/argo-workflows.ts";
import type { DnsLabel } from "./names.ts";
import { release } from "./resources/release.ts";

export interface ArgoWorkflowsArgs extends Values {
  readonly namespace: DnsLabel;
}

/** Argo Workflows: runs the builds. */
export class ArgoWorkflows extends pulumi.ComponentResource {
  /** Brings the kind WorkflowTemplate. */
  public readonly release: k8s.helm.v3.Release;

  constructor(name: string, args: ArgoWorkflowsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("argo-cicd:index:ArgoWorkflows", name, {}, opts);
    this.release = release(charts.argoWorkflows, args.namespace, argoWorkflowsValues(args), { parent: this });
    this.registerOutputs({});
  }
}

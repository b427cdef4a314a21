/** Custom resources of Argo, Prometheus and Kyverno for Pulumi: `apiextensions.CustomResource` accepts any field, these only what we emit. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type * as delivery from "./argocd.ts";
import type * as events from "./events.ts";
import type { Metadata } from "./kubernetes.ts";
import type { ImageValidatingPolicySpec } from "./kyverno.ts";
import type * as monitoring from "./monitoring.ts";
import type * as workflows from "./workflows.ts";

/** The options of a component's resource. */
export type Child = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** A manifest of one kind, in a namespace unless the kind is cluster-wide. */
interface Manifest<Spec, Where = Metadata> {
  readonly metadata: Where;
  readonly spec: Spec;
}

function define<Spec, Where extends Pick<Metadata, "name"> = Metadata>(apiVersion: string, kind: string) {
  return class extends k8s.apiextensions.CustomResource {
    constructor(name: string, manifest: Manifest<Spec, Where>, opts: pulumi.CustomResourceOptions) {
      super(name, { apiVersion, kind, ...manifest }, opts);
    }
  };
}

/** Sets fields of an object that something else creates. Its Pulumi type has the suffix `Patch`, its kind does not. */
function definePatch<Spec>(apiVersion: string, kind: string) {
  return class extends k8s.apiextensions.CustomResourcePatch {
    constructor(name: string, manifest: Manifest<Spec>, opts: pulumi.CustomResourceOptions) {
      super(name, { apiVersion, kind, ...manifest }, opts);
    }
  };
}

const argoproj = "argoproj.io/v1alpha1";

export const EventBus = define<events.EventBusSpec>(argoproj, "EventBus");
export const EventSource = define<events.EventSourceSpec>(argoproj, "EventSource");
export const Sensor = define<events.SensorSpec>(argoproj, "Sensor");
export const WorkflowTemplate = define<workflows.WorkflowTemplateSpec>(argoproj, "WorkflowTemplate");
export const CronWorkflow = define<workflows.CronWorkflowSpec>(argoproj, "CronWorkflow");
export const AppProject = define<delivery.AppProjectSpec>(argoproj, "AppProject");
export const AppProjectPatch = definePatch<delivery.AppProjectSpec>(argoproj, "AppProject");
export const Application = define<delivery.ApplicationSpec>(argoproj, "Application");
export const ImageUpdater = define<delivery.ImageUpdaterSpec>(
  "argocd-image-updater.argoproj.io/v1alpha1",
  "ImageUpdater",
);

const coreos = "monitoring.coreos.com/v1";

export const PodMonitor = define<monitoring.PodMonitorSpec>(coreos, "PodMonitor");
export const PrometheusRule = define<monitoring.PrometheusRuleSpec>(coreos, "PrometheusRule");

export const ImageValidatingPolicy = define<ImageValidatingPolicySpec, Pick<Metadata, "name">>(
  "policies.kyverno.io/v1",
  "ImageValidatingPolicy",
);

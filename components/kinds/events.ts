/**
 * Argo Events' kinds: only the fields that we emit, under upstream's names. Its CRDs have no schema, so an API server
 * would not reject a misspelt field.
 */
import type { DnsLabel } from "../names.ts";
import type { ContainerTemplate, PodSecurityContext, PodSpread } from "./kubernetes.ts";

/** argo-events `jetstream_eventbus.go`. */
export interface EventBusSpec {
  readonly jetstream: {
    readonly version: string;
    readonly replicas: number;
    /** YAML in a string, merged over the controller's default. */
    readonly streamConfig: string;
    readonly maxPayload: string;
    readonly persistence: {
      readonly storageClassName: string;
      readonly accessMode: "ReadWriteOnce";
      readonly volumeSize: string;
    };
    readonly securityContext: PodSecurityContext;
    readonly containerTemplate: ContainerTemplate;
    readonly reloaderContainerTemplate: ContainerTemplate;
    readonly metricsContainerTemplate: ContainerTemplate;
    readonly affinity?: PodSpread;
  };
}

/** argo-events `eventsource_types.go`. */
export interface EventSourceSpec {
  readonly replicas: number;
  readonly template: EventPodTemplate;
  readonly github: Readonly<Record<string, GithubEvent>>;
}

export interface EventPodTemplate {
  readonly metadata?: { readonly annotations: Readonly<Record<string, string>> };
  readonly serviceAccountName: DnsLabel;
  readonly securityContext: PodSecurityContext;
  /** Without probes: the controller drops them. */
  readonly container: ContainerTemplate;
  readonly affinity?: PodSpread;
}

/** Events that GitHub sends to webhooks. */
export type WebhookEvent = "push" | "pull_request" | "issue_comment" | "commit_comment";

/** Events that GitHub sends only to a GitHub App. */
export type AppEvent = "check_run" | "check_suite";

export interface GithubEvent {
  readonly webhook: {
    readonly endpoint: string;
    /** A string, as upstream. */
    readonly port: string;
    readonly method: "POST";
    readonly url: string;
    /** In bytes. */
    readonly maxPayloadSize: number;
  };
  readonly repositories: readonly { readonly owner: string; readonly names: readonly string[] }[];
  readonly events: readonly (WebhookEvent | AppEvent)[];
  readonly webhookSecret: { readonly name: DnsLabel; readonly key: string };
  readonly contentType: "json";
  readonly active: true;
}

/** argo-events `sensor_types.go`. */
export interface SensorSpec {
  readonly replicas: number;
  readonly template: EventPodTemplate;
  readonly dependencies: readonly SensorDependency[];
  readonly triggers: readonly SensorTrigger[];
}

export interface SensorDependency {
  readonly name: string;
  readonly eventSourceName: DnsLabel;
  readonly eventName: string;
  readonly filters: { readonly data: readonly DataFilter[] };
}

/** Several values are alternatives; each `string` value is an unanchored regular expression. */
export interface DataFilter {
  readonly path: string;
  readonly type: "string" | "bool";
  readonly value: readonly string[];
  readonly comparator?: "!=";
}

export interface SensorTrigger extends DeliveredTrigger {
  readonly template: {
    readonly name: string;
    readonly conditions: string;
    readonly k8s: K8sTrigger<"patch", WorkflowReference>;
  };
  /** Runs when the last retry has failed. */
  readonly dlqTrigger: DeadLetterTrigger;
}

/** A trigger that acknowledges its message only when it has succeeded or given up. */
interface DeliveredTrigger {
  readonly atLeastOnce: true;
  readonly retryStrategy: {
    readonly steps: number;
    readonly duration: string;
    readonly factor: number;
    readonly jitter: number;
  };
}

export interface DeadLetterTrigger extends DeliveredTrigger {
  readonly template: { readonly name: string; readonly k8s: K8sTrigger<"create", ConfigMapOfTexts> };
}

interface K8sTrigger<Operation extends string, Resource> {
  readonly operation: Operation;
  readonly source: { readonly resource: Resource };
  readonly parameters: readonly TriggerParameter[];
}

/** In the Sensor's namespace; the trigger's parameters fill in the empty strings. */
export interface ConfigMapOfTexts {
  readonly apiVersion: "v1";
  readonly kind: "ConfigMap";
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
}

/** The Workflow that a trigger creates; the trigger's parameters fill in the empty strings. */
export interface WorkflowReference {
  readonly apiVersion: "argoproj.io/v1alpha1";
  readonly kind: "Workflow";
  readonly metadata: { readonly name: string; readonly namespace: DnsLabel };
  readonly spec: {
    readonly workflowTemplateRef: { readonly name: string };
    readonly arguments: { readonly parameters: readonly { readonly name: string; readonly value: string }[] };
  };
}

export interface TriggerParameter {
  readonly src: { readonly dependencyName: string; readonly dataTemplate: string };
  readonly dest: string;
}

/** @param dest the field of the created object that receives the template's result */
export function triggerParameter(
  dependencyName: string,
  dataTemplate: string,
  dest: string,
): TriggerParameter {
  return { src: { dependencyName, dataTemplate }, dest };
}

/** Argo Workflows' kinds: only the fields that we emit, under upstream's names. */
import type { DnsLabel, DnsSubdomain } from "../names.ts";
import type { Container, InitContainer, Toleration, Volume } from "./kubernetes.ts";

/** argo-workflows `workflow_types.go`. */
export interface WorkflowTemplateSpec {
  readonly entrypoint: string;
  readonly onExit?: string;
  readonly serviceAccountName: DnsLabel;
  readonly imagePullSecrets?: readonly { readonly name: DnsSubdomain }[];
  readonly arguments?: { readonly parameters: readonly WorkflowParameter[] };
  /** In seconds, for the whole Workflow. */
  readonly activeDeadlineSeconds?: number;
  readonly ttlStrategy: { readonly secondsAfterCompletion: number; readonly secondsAfterSuccess?: number };
  readonly podGC: { readonly strategy: "OnPodSuccess" };
  /** Changes the specification of every pod: JSON, as a strategic merge patch. */
  readonly podSpecPatch: string;
  readonly archiveLogs?: true;
  readonly artifactRepositoryRef?: { readonly configMap: DnsLabel; readonly key: string };
  readonly workflowMetadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly labelsFrom?: Readonly<Record<string, { readonly expression: string }>>;
  };
  readonly templates: readonly (DagTemplate | StepsTemplate | PodTemplate)[];
}

/** argo-workflows `cron_workflow_types.go`. */
export interface CronWorkflowSpec {
  /** In cron syntax. */
  readonly schedules: readonly string[];
  readonly timezone: "UTC";
  readonly concurrencyPolicy: "Forbid";
  /** Seconds after which a missed run is skipped. */
  readonly startingDeadlineSeconds: number;
  readonly successfulJobsHistoryLimit: number;
  readonly failedJobsHistoryLimit: number;
  readonly workflowSpec: { readonly workflowTemplateRef: { readonly name: DnsLabel } };
}

export interface WorkflowParameter {
  readonly name: string;
  readonly description: string;
  readonly value: string;
  readonly enum?: readonly string[];
}

/** A value for a parameter of a step. */
export interface Argument {
  readonly name: string;
  readonly value: string;
}

export interface DagTemplate {
  readonly name: string;
  readonly dag: { readonly failFast: false; readonly tasks: readonly DagTask[] };
}

export interface DagTask {
  readonly name: string;
  readonly template: string;
  readonly depends?: string;
  readonly when?: string;
  readonly arguments?: { readonly parameters: readonly Argument[] };
}

export interface StepsTemplate {
  readonly name: string;
  readonly steps: readonly (readonly {
    readonly name: string;
    readonly template: string;
    readonly when: string;
    /** Lets the Workflow continue after a failure. */
    readonly continueOn?: { readonly failed: true; readonly error: true };
  }[])[];
}

/** A step that is a pod, or the pod that reports a failure. */
export interface PodTemplate {
  readonly name: string;
  readonly serviceAccountName?: DnsLabel;
  readonly inputs?: { readonly parameters: readonly { readonly name: string }[] };
  readonly outputs?: { readonly parameters: readonly OutputParameter[] };
  /** In seconds. */
  readonly activeDeadlineSeconds: number;
  readonly retryStrategy?: RetryStrategy;
  readonly synchronization?: Synchronization;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly metrics?: { readonly prometheus: readonly Metric[] };
  readonly volumes: readonly Volume[];
  readonly initContainers?: readonly InitContainer[];
  readonly container: Container;
}

/** A metric of the workflow controller, which puts `argo_workflows_` before its name. */
export type Metric = {
  readonly name: string;
  readonly help: string;
  readonly when?: string;
  readonly labels?: readonly { readonly key: string; readonly value: string }[];
} & (
  | { readonly histogram: { readonly value: string; readonly buckets: readonly number[] } }
  | { readonly gauge: { readonly value: string; readonly realtime: false } }
  | { readonly counter: { readonly value: string } }
);

export interface OutputParameter {
  readonly name: string;
  readonly valueFrom: { readonly path: string };
}

export interface RetryStrategy {
  readonly limit: number;
  readonly retryPolicy: "Always";
  /** Which failures are retried: an expression of `lastRetry.status` and `lastRetry.message`. */
  readonly expression: string;
  readonly backoff: { readonly duration: string; readonly factor: number };
}

export interface Synchronization {
  readonly semaphores: readonly {
    readonly namespace: DnsLabel;
    readonly configMapKeyRef: { readonly name: DnsLabel; readonly key: string };
  }[];
}

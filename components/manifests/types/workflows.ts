/** Argo Workflows' kinds: only the fields that we emit, under upstream's names. */
import type { DnsLabel } from "../../names.ts";
import type { Container, Volume } from "./kubernetes.ts";

/** argo-workflows `workflow_types.go`. */
export interface WorkflowTemplateSpec {
  readonly entrypoint: string;
  readonly serviceAccountName: DnsLabel;
  readonly arguments: {
    readonly parameters: readonly { readonly name: string; readonly description: string }[];
  };
  readonly activeDeadlineSeconds: number;
  readonly ttlStrategy: { readonly secondsAfterCompletion: number };
  readonly podGC: { readonly strategy: "OnPodSuccess" };
  readonly workflowMetadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly labelsFrom: Readonly<Record<string, { readonly expression: string }>>;
  };
  readonly templates: readonly WorkflowStep[];
}

export interface WorkflowStep {
  readonly name: string;
  readonly metadata?: { readonly annotations: Readonly<Record<string, string>> };
  readonly volumes: readonly Volume[];
  readonly initContainers: readonly (Container & { readonly name: string })[];
  readonly container: Container;
}

import type { BuildPlaces } from "../builds/builders/namespaces.ts";
import { executorNeeds } from "../builds/builders/needs.ts";
import { confined } from "../kinds/security.ts";
import type { EnvironmentVariable, PartNamespace, Resources } from "../kinds/kubernetes.ts";
import { requests } from "../kinds/kubernetes.ts";
import { proxyEnvironment } from "../kinds/network.ts";
import type { DnsLabel } from "../names.ts";
import { workflowsRights } from "./argo-workflows-rights.ts";
import type { Page, WorkflowsServerArgs, WorkflowsServerValues } from "./argo-workflows-server.ts";
import { workflowsServer } from "./argo-workflows-server.ts";
import type { Availability, Available, PartChart, SeccompOnly } from "./chart.ts";
import { argoHelm, available, runtimeDefault } from "./chart.ts";
import type { Networked } from "./network.ts";
import type { SignOn } from "./sign-on.ts";

interface Given extends Available, Networked, BuildPlaces {
  readonly cluster: Available["cluster"] & { readonly admissionPolicies: boolean };
  readonly namespaces: BuildPlaces["namespaces"] & { readonly workflows: DnsLabel };
  readonly workflows: Page;
  readonly builds: { readonly logs?: object | undefined };
  readonly signOn?: SignOn | undefined;
}

export const namespace: PartNamespace = {
  default: "argo",
  holds: "Argo Workflows",
  podSecurity: "restricted",
};

/** Argo Workflows, which runs the builds. Installs the kinds of Argo Workflows. */
export const argoWorkflows = {
  component: "ArgoWorkflows",
  chart: "argo-workflows",
  hasCrds: true,
  // renovate: datasource=helm depName=argo-workflows registryUrl=https://argoproj.github.io/argo-helm
  version: "1.0.18",
  repository: argoHelm,
  namespace: ({ namespaces }) => namespaces.workflows,
  secrets: ["sso"],
  rights: workflowsRights,
  values: ({ cluster: { highAvailability }, workflows, builds: { logs }, network, signOn }) =>
    argoWorkflowsValues({ highAvailability, ...workflows, logs: logs !== undefined, network, signOn }),
} satisfies PartChart<Given>;

/** The values of chart argo-workflows that we set. */
export interface ArgoWorkflowsValues {
  readonly crds: { readonly full: false };
  readonly workflow: {
    readonly serviceAccount: { readonly create: false };
    readonly rbac: { readonly create: false };
  };
  readonly controller: Availability & {
    readonly extraArgs: readonly string[];
    readonly extraEnv: readonly { readonly name: string; readonly value: string }[];
    readonly workflowRestrictions: { readonly templateReferencing: "Strict" };
    readonly metricsConfig: { readonly enabled: true };
    readonly podSecurityContext: SeccompOnly;
    readonly resources: Resources;
  };
  readonly executor: {
    readonly env?: readonly EnvironmentVariable[];
    readonly resources: Resources;
    readonly securityContext: object;
  };
  readonly server: WorkflowsServerValues;
}

export function argoWorkflowsValues(args: WorkflowsServerArgs): ArgoWorkflowsValues {
  const { highAvailability, logs, network } = args;
  const proxy = logs ? proxyEnvironment(network) : [];
  return {
    // A Job would download the full CRDs from inside the cluster; the minimal ones are in the chart.
    crds: { full: false },
    // This program declares the accounts of builds, with fewer rights than the chart's.
    workflow: { serviceAccount: { create: false }, rbac: { create: false } },
    controller: {
      ...available(highAvailability),
      // The defaults, 20 and 30 requests a second, leave a backlog at several thousand pushes an hour (docs/scale.md).
      extraArgs: ["--qps=100", "--burst=200"],
      // The minimum time between two reconciliations of a Workflow, which each step of a build waits for.
      // The default of 10 seconds is for thousands of Workflows at once.
      extraEnv: [{ name: "DEFAULT_REQUEUE_TIME", value: "200ms" }],
      // An account that may create Workflows can only start declared templates, not run its own.
      workflowRestrictions: { templateReferencing: "Strict" },
      // With a Service, and without TLS: nobody would trust the controller's own certificate.
      metricsConfig: { enabled: true },
      podSecurityContext: runtimeDefault,
      resources: requests("100m", "256Mi"),
    },
    executor: {
      ...(proxy.length === 0 ? {} : { env: proxy }),
      resources: requests(executorNeeds.cpu, executorNeeds.memory),
      securityContext: {
        ...confined,
        runAsNonRoot: true,
        runAsUser: 8737,
        seccompProfile: { type: "RuntimeDefault" },
      },
    },
    server: workflowsServer(args),
  };
}

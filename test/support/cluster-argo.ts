/** Argo's controllers as pods: what the charts install, without what the tests do not need. */
import { jetStreamVersion } from "../../components/trigger/event-bus.ts";
import { confined, unprivileged } from "../../components/kinds/security.ts";
import { argoWorkflowsValues } from "../../components/charts/argo-workflows.ts";
import { recipes } from "./cluster-tools.ts";
import type { ClusterObject } from "./cluster-api.ts";

/** The names under which the controllers request images. */
export const controllerImages = {
  events: `quay.io/argoproj/argo-events:${recipes["argo-events"].version}`,
  workflows: `quay.io/argoproj/workflow-controller:${recipes["workflow-controller"].version}`,
  executor: `quay.io/argoproj/argoexec:${recipes.argoexec.version}`,
  nats: `nats:${jetStreamVersion}`,
  natsMetrics: "natsio/prometheus-nats-exporter:0.14.0",
  natsReloader: "natsio/nats-server-config-reloader:0.14.0",
} as const;

const all = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** The namespaces of Argo's controllers and of the builds, in every stack. */
export const namespaces = {
  events: "argo-events",
  workflows: "argo",
  builds: "ci",
  delivery: "argocd",
} as const;

const eventsManager = "argo-events-controller-manager";
const workflowsManager = "argo-workflows-workflow-controller";

/** The components that a push passes through: the namespace and the label of their pods. */
export const parts = {
  sensors: [namespaces.events, "controller=sensor-controller"],
  "event source": [namespaces.events, "controller=eventsource-controller"],
  bus: [namespaces.events, "controller=eventbus-controller"],
  "controller of Argo Events": [namespaces.events, `app=${eventsManager}`],
  "controller of Argo Workflows": [namespaces.workflows, `app=${workflowsManager}`],
} as const;
export type Part = keyof typeof parts;
export const partNames = Object.keys(parts) as Part[];

/** What the charts would install with the values of a small stack. */
export function controllers(): ClusterObject[] {
  const { executor, controller } = argoWorkflowsValues({
    highAvailability: false,
    nodePort: undefined,
    logs: false,
    network: {},
    signOn: undefined,
  });
  const { workflowRestrictions, metricsConfig, extraArgs, extraEnv } = controller;
  // The chart serves metrics over plain HTTP.
  const metrics = { ...metricsConfig, secure: false };
  const config = JSON.stringify({ executor, workflowRestrictions, metricsConfig: metrics });
  return [
    ...eventsController(),
    ...workflowController({
      config,
      args: [...workflowArguments, ...extraArgs],
      env: [...workflowEnvironment, ...extraEnv],
    }),
  ];
}

/** What the chart argo-events would install. */
export function eventsController(namespace: string = namespaces.events): ClusterObject[] {
  const name = eventsManager;
  const env = [
    { name: "ARGO_EVENTS_IMAGE", value: controllerImages.events },
    // The tests' own node has the images, and no registry with newer ones.
    { name: "IMAGE_PULL_POLICY", value: "IfNotPresent" },
    { name: "NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
  ];
  return [
    configMap(name, namespace, { "controller-config.yaml": JSON.stringify(busVersions()) }),
    ...account(name, namespace, [
      rule("argoproj.io", ["sensors", "eventsources", "eventbus"].flatMap(withParts), all),
      rule("", ["pods", "pods/exec", "configmaps", "services", "persistentvolumeclaims", "secrets"], all),
      rule("", ["events"], ["create", "patch"]),
      rule("apps", ["deployments", "statefulsets"], all),
      rule("coordination.k8s.io", ["leases"], all),
    ]),
    deployment(name, namespace, {
      image: controllerImages.events,
      args: ["controller", "--leader-election=false"],
      env,
      readinessProbe: { httpGet: { path: "/readyz", port: 8081 }, periodSeconds: 1 },
      volumeMounts: [{ name: "config", mountPath: "/etc/argo-events" }],
    }),
  ];
}

/** The one version of the bus that the stack names, and the defaults of the chart. */
function busVersions(): object {
  return {
    eventBus: {
      // The controller refuses a configuration without the older kind of bus.
      nats: { versions: [{ version: "none", natsStreamingImage: "none", metricsExporterImage: "none" }] },
      jetstream: {
        settings: "max_memory_store: -1\nmax_file_store: -1\n",
        streamConfig:
          "maxMsgs: 1000000\nmaxAge: 72h\nmaxBytes: 1GB\nreplicas: 3\nduplicates: 300s\nretention: 0\ndiscard: 0\n",
        versions: [
          {
            version: jetStreamVersion,
            natsImage: controllerImages.nats,
            metricsExporterImage: controllerImages.natsMetrics,
            configReloaderImage: controllerImages.natsReloader,
            startCommand: "/nats-server",
          },
        ],
      },
    },
  };
}

/** What the chart's values set for the controller. `args` and `env` may be Helm templates. */
export interface WorkflowValues {
  /** The controller's configuration, as YAML. */
  readonly config: string;
  readonly args: readonly string[] | string;
  readonly env: readonly object[] | string;
}

/** What the chart argo-workflows would install, without the server. */
export function workflowController(
  { config, args, env }: WorkflowValues,
  namespace: string = namespaces.workflows,
): ClusterObject[] {
  const name = workflowsManager;
  const tasks = ["workflowtasksets", "workflowtaskresults", "workflowartifactgctasks"];
  const kinds = ["workflows", "workflowtemplates", "clusterworkflowtemplates", "cronworkflows", ...tasks];
  return [
    configMap("workflow-controller-configmap", namespace, { config }),
    ...account(name, namespace, [
      rule("", ["pods"], all),
      rule("", ["pods/exec"], ["create"]),
      rule("", ["configmaps", "namespaces"], ["get", "list", "watch"]),
      rule("", ["serviceaccounts"], ["get", "list"]),
      rule("", ["events"], ["create", "patch"]),
      rule("argoproj.io", kinds.flatMap(withParts), all),
    ]),
    deployment(name, namespace, {
      image: controllerImages.workflows,
      args,
      env,
    }),
  ];
}

/** What the controller's own installation sets. */
export const workflowArguments = [
  "--configmap=workflow-controller-configmap",
  `--executor-image=${controllerImages.executor}`,
  "--executor-image-pull-policy=IfNotPresent",
];

export const workflowEnvironment = [
  { name: "ARGO_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
  { name: "LEADER_ELECTION_DISABLE", value: "true" },
];

function withParts(resource: string): string[] {
  return [resource, `${resource}/finalizers`, `${resource}/status`];
}

function rule(apiGroup: string, resources: readonly string[], verbs: readonly string[]): object {
  return { apiGroups: [apiGroup], resources, verbs };
}

function configMap(name: string, namespace: string, data: object): ClusterObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
}

function account(name: string, namespace: string, rules: readonly object[]): ClusterObject[] {
  const apiGroup = "rbac.authorization.k8s.io";
  const apiVersion = `${apiGroup}/v1`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    { apiVersion, kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup, kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
}

function deployment(name: string, namespace: string, container: object): ClusterObject {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        // The chart's own label, by which NetworkPolicies select the pods.
        metadata: { labels: { ...labels, "app.kubernetes.io/name": name } },
        spec: {
          serviceAccountName: name,
          securityContext: unprivileged,
          containers: [{ name: "controller", securityContext: confined, ...container }],
          // Every controller mounts it; only that of Argo Events reads it.
          volumes: [{ name: "config", configMap: { name, optional: true } }],
        },
      },
    },
  };
}

/** The charts that a stack requests, by their names and versions, made of the controllers that the tests run. */
import type { Chart } from "../../components/charts/chart.ts";
import { charts } from "../../components/charts/charts.ts";
import type { ChartContents, ChartRepository } from "./chart-archive.ts";
import { computed, startChartRepository } from "./chart-archive.ts";
import type { ClusterObject } from "./cluster-api.ts";
import {
  eventsController,
  workflowArguments,
  workflowController,
  workflowEnvironment,
} from "./cluster-argo.ts";
import { argoCd } from "./cluster-argocd.ts";
import { chartKinds, definitionsIn } from "./cluster-kinds.ts";

type ChartKey = keyof typeof charts;

/** Serves every chart, and makes the program request them there. */
export async function serveCharts(): Promise<ChartRepository> {
  const contents = Object.keys(charts).map((key) => chartContents(key as ChartKey));
  const repository = await startChartRepository(contents);
  for (const chart of Object.values<Chart>(charts)) Object.assign(chart, { repository: repository.url });
  return repository;
}

export function chartContents(key: ChartKey): ChartContents {
  const { chart: name, version } = charts[key];
  const kinds = key in chartKinds ? definitionsIn(chartKinds[key as keyof typeof chartKinds]) : [];
  return { name, version, kinds, objects: [valuesOf(name), ...(objects[key]?.() ?? [])] };
}

const objects: Readonly<Partial<Record<ChartKey, () => ClusterObject[]>>> = {
  argoEvents: () => eventsController(),
  argoWorkflows: () =>
    workflowController({
      config: computed(
        'dict "executor" .Values.executor "workflowRestrictions" .Values.controller.workflowRestrictions ' +
          // The chart serves metrics over plain HTTP.
          '"metricsConfig" (merge (dict "secure" false) .Values.controller.metricsConfig) | toJson | toJson',
      ),
      args: withOwn(workflowArguments, "extraArgs"),
      env: withOwn(workflowEnvironment, "extraEnv"),
    }),
  argoCd: () =>
    argoCd(
      computed(
        "$data := dict }}{{ range $key, $value := .Values.configs.params }}" +
          "{{ $_ := set $data $key (toString $value) }}{{ end }}{{ $data | toJson",
      ),
    ),
  rookCephCluster: () => [storageClass()],
};

/** The chart's own list, followed by one from the controller's values. */
function withOwn(own: readonly unknown[], value: "extraArgs" | "extraEnv"): string {
  return computed(`concat (fromJsonArray \`${JSON.stringify(own)}\`) .Values.controller.${value} | toJson`);
}

/** All that the stack sets, in a ConfigMap that a test and a person can read. */
function valuesOf(name: string): ClusterObject {
  const data = computed('dict "values.json" (.Values | toJson) | toJson');
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `${name}-values` }, data };
}

/** For existing volumes, in place of Ceph's. */
function storageClass(): ClusterObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: computed("(first .Values.cephBlockPools).storageClass.name | toJson") },
    provisioner: "kubernetes.io/no-provisioner",
  };
}

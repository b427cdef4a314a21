import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Chart } from "../charts.ts";
import type { DnsLabel } from "../names.ts";

/** Seconds that Helm waits until everything of a chart is ready. */
const timeout = 900;

/**
 * Installs a chart under its own name. A release that does not become ready is rolled back whole.
 *
 * `helm.v3.Release` runs real Helm: `helm.v4.Chart` leaves out hooks, and Argo CD makes the password of
 * its Redis in one.
 */
export function release(
  chart: Chart,
  namespace: DnsLabel,
  values: object,
  opts: pulumi.CustomResourceOptions,
  extra: { readonly skipCrds?: true } = {},
): k8s.helm.v3.Release {
  return new k8s.helm.v3.Release(
    chart.chart,
    {
      name: chart.chart,
      chart: chart.chart,
      version: chart.version,
      repositoryOpts: { repo: chart.repository },
      namespace,
      values: { ...values },
      atomic: true,
      timeout,
      maxHistory: 5,
      ...extra,
    },
    opts,
  );
}

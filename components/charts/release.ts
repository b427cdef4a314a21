import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Chart, ReleaseSettings } from "./chart.ts";
import { chartSource } from "./chart.ts";

/** Seconds that Helm waits for a chart to become ready. */
const timeout = 900;

/**
 * Installs a chart under its own name. A release that does not become ready is rolled back entirely.
 *
 * `helm.v3.Release` runs real Helm: `helm.v4.Chart` skips hooks, and Argo CD creates its Redis password in one.
 */
export function release<Given extends ReleaseSettings>(
  { chart, version, repository, namespace, values, skipCrds, holdsData = false }: Chart<Given>,
  settings: Given,
  opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  const protect = holdsData && !settings.cluster.deletableNamespaces.includes(namespace(settings));
  return new k8s.helm.v3.Release(
    chart,
    {
      name: chart,
      ...chartSource({ chart, repository }, settings),
      version,
      namespace: namespace(settings),
      values: { ...values(settings) },
      atomic: true,
      timeout,
      maxHistory: 5,
      ...(skipCrds === undefined ? {} : { skipCrds }),
    },
    { ...opts, ...(protect ? { protect } : {}) },
  );
}

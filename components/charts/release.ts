import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Chart, Guarded } from "./chart.ts";
import { chartSource } from "./chart.ts";

/** Seconds that Helm waits until everything of a chart is ready. */
const timeout = 900;

/**
 * Installs a chart under its own name. A release that does not become ready is rolled back whole.
 *
 * `helm.v3.Release` runs real Helm: `helm.v4.Chart` leaves out hooks, and Argo CD makes the password of
 * its Redis in one.
 */
export function release<Given extends Guarded>(
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

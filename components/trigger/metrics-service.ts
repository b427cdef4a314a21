import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { metricsPort } from "../kinds/event-pods.ts";
import type { Labels } from "../kinds/kubernetes.ts";
import type { Child } from "../kinds/resources.ts";
import type { DnsLabel } from "../names.ts";

/**
 * Serves the metrics of pods that a controller of Argo Events creates.
 *
 * With this Service, Pulumi waits until all of them are ready. The controller reports success once it has created them.
 */
export function metricsService(
  name: string,
  namespace: DnsLabel,
  selector: Labels,
  opts: Child,
): pulumi.Resource {
  const spec = { selector, ports: [{ name: "metrics", port: metricsPort }] };
  return new k8s.core.v1.Service(name, { metadata: { name, namespace }, spec }, opts);
}

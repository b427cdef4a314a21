import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { appDeliveries, webhookNodePorts } from "../derived-names.ts";
import type { Child } from "../kinds/resources.ts";
import type { DnsLabel } from "../names.ts";
import type { ListenerSettings } from "../settings/listener.ts";
import type { TriggerArgs } from "./args.ts";
import type { Listener } from "./listener.ts";
import { listenerAnnotations, listenerIngress, listenerService } from "./listener.ts";

/** How deliveries come in: through the Ingress, or through a port of every node for projects that name one. */
export function makeRoutes(
  { namespace, projects, app, ingress, limits }: TriggerArgs,
  opts: Child,
): pulumi.Resource[] {
  const listeners = [
    ...projects.map(({ name, webhook }) => listener(name, webhook)),
    ...(app === undefined ? [] : [listener(appDeliveries, app)]),
  ];
  const inside = listeners.filter(({ nodePort }) => nodePort === undefined);
  const outside = listeners.filter(({ nodePort }) => nodePort !== undefined);
  return [
    ...(inside.length > 0 ? ingressRoute(namespace, inside, { ingress, limits }, opts) : []),
    ...(outside.length > 0 ? [service(webhookNodePorts, namespace, outside, "NodePort", opts)] : []),
  ];
}

function listener(name: DnsLabel, { host, path, port, nodePort }: ListenerSettings): Listener {
  return { name, host, path, port, nodePort };
}

function ingressRoute(
  namespace: DnsLabel,
  listeners: readonly Listener[],
  { ingress, limits }: Pick<TriggerArgs, "ingress" | "limits">,
  opts: Child,
): pulumi.Resource[] {
  const name = "github-webhook";
  // Do not wait for an address: some ingress controllers never set one.
  const annotations = {
    ...listenerAnnotations(limits),
    "pulumi.com/skipAwait": "true",
    ...ingress.annotations,
  };
  return [
    service(name, namespace, listeners, "ClusterIP", opts),
    new k8s.networking.v1.Ingress(
      name,
      { metadata: { name, namespace, annotations }, spec: listenerIngress(listeners, name, ingress) },
      opts,
    ),
  ];
}

function service(
  name: string,
  namespace: DnsLabel,
  listeners: readonly Listener[],
  type: "ClusterIP" | "NodePort",
  opts: Child,
): pulumi.Resource {
  return new k8s.core.v1.Service(
    name,
    {
      metadata: { name, namespace },
      spec: listenerService(listeners, type),
    },
    opts,
  );
}

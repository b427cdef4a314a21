/** The connections of each part of a stack. */
import { chartPods } from "../../charts/pods.ts";
import {
  eventBusLabels,
  eventBusPorts,
  eventSourceLabels,
  metricsPort,
  sensorLabels,
} from "../../kinds/event-pods.ts";
import { dnsLabelOf } from "../../names.ts";
import { appListener, namespacesOfBuilds } from "../../settings/places.ts";
import type { PublicSettings } from "../../settings/places.ts";
import type { Flow, Pods } from "./flows.ts";
import {
  anyPod,
  anyTcp,
  anywhere,
  callsApiServer,
  chartPodsIn,
  reachesOutside,
  scraped,
  usesDns,
  tcp,
  throughIngress,
} from "./flows.ts";

/** Every connection that a stack needs. */
export function flowsOf(settings: PublicSettings): Flow[] {
  return [
    ...workflowsFlows(settings),
    ...eventsFlows(settings),
    ...buildsFlows(settings),
    ...argoCdFlows(settings),
    ...updaterFlows(settings),
    ...addonFlows(settings),
  ];
}

/** The server reads logs from the object store, and contacts the single sign-on provider. */
function workflowsFlows(settings: PublicSettings): Flow[] {
  const { namespaces, workflows, builds, signOn } = settings;
  const controller = chartPodsIn(namespaces.workflows, "workflowController");
  const server = chartPodsIn(namespaces.workflows, "workflowServer");
  return [
    ...[controller, server].flatMap((from) => [usesDns(from), callsApiServer(from, settings)]),
    ...scraped(controller, chartPods.workflowController.metrics, settings),
    ...(builds.logs === undefined && signOn?.workflows === undefined
      ? []
      : [reachesOutside(server, settings)]),
    ...pageFlows(server, chartPods.workflowServer.web, workflows, settings),
  ];
}

function eventsFlows(settings: PublicSettings): Flow[] {
  const namespace = settings.namespaces.events;
  const controller = chartPodsIn(namespace, "eventsController");
  const bus: Pods = { name: dnsLabelOf("eventbus"), namespace, labels: eventBusLabels };
  const source: Pods = { name: dnsLabelOf("eventsource"), namespace, labels: eventSourceLabels };
  const sensors: Pods = { name: dnsLabelOf("sensors"), namespace, labels: sensorLabels };
  return [
    ...[controller, bus, source, sensors].map(usesDns),
    ...[controller, sensors].map((from) => callsApiServer(from, settings)),
    ...[bus, source, sensors].flatMap((to) => scraped(to, metricsPort, settings)),
    { from: bus, to: bus, ports: tcp(eventBusPorts.cluster) },
    ...[source, sensors].map((from) => ({ from, to: bus, ports: tcp(eventBusPorts.client) })),
    ...webhookFlows(source, settings),
  ];
}

/** Projects and the GitHub App have a port each. NodePorts are reached from outside, the others through the Ingress. */
function webhookFlows(to: Pods, settings: PublicSettings): Flow[] {
  const ingress = throughIngress(settings.webhooks.ingress.class, settings);
  const app = appListener(settings);
  const projects = settings.projects.filter(({ repositories }) => repositories.length > 0);
  const listeners = [...projects.map(({ webhook }) => webhook), ...(app === undefined ? [] : [app])];
  return listeners.map(({ port, nodePort }) => ({
    from: nodePort === undefined ? ingress : anywhere,
    to,
    ports: tcp(port),
  }));
}

/** All pods of builds. Argo's executor in each of them calls the API server. */
function buildsFlows(settings: PublicSettings): Flow[] {
  const updater = chartPodsIn(settings.namespaces.delivery, "imageUpdater");
  return namespacesOfBuilds(settings).flatMap((namespace) => {
    const from: Pods = { name: dnsLabelOf("builds"), namespace, labels: {} };
    return [
      usesDns(from),
      callsApiServer(from, settings),
      reachesOutside(from, settings),
      { from, to: updater, ports: tcp(chartPods.imageUpdater.webhook) },
      ...callsRegistry(from, settings),
    ];
  });
}

/** The connection inside the cluster, if the registry is the stack's own. */
function callsRegistry(from: Pods, { addons, namespaces }: PublicSettings): Flow[] {
  if (addons.registry === undefined) return [];
  return [{ from, to: chartPodsIn(namespaces.registry, "zot"), ports: tcp(chartPods.zot.http) }];
}

/** The connections between its components (argo-helm `charts/argo-cd/templates`, whose own policies these replace). */
function argoCdFlows(settings: PublicSettings): Flow[] {
  const pods = (key: keyof typeof chartPods) => chartPodsIn(settings.namespaces.delivery, key);
  const [server, controller] = [pods("argoCdServer"), pods("argoCdController")];
  const [repositories, notifications] = [pods("argoCdRepositories"), pods("argoCdNotifications")];
  const toRepositories = tcp(chartPods.argoCdRepositories.grpc);
  const toRedis = tcp(chartPods.argoCdRedis.redis);
  const clients = [server, controller, notifications, pods("argoCdRedisSecret")];
  return [
    ...[...clients, repositories].map(usesDns),
    ...clients.map((from) => callsApiServer(from, settings)),
    ...[server, controller, notifications].map((from) => ({ from, to: repositories, ports: toRepositories })),
    ...[server, controller, repositories].map((from) => ({ from, to: pods("argoCdRedis"), ports: toRedis })),
    ...[repositories, notifications].map((from) => reachesOutside(from, settings)),
    ...scraped(controller, chartPods.argoCdController.metrics, settings),
    ...(settings.signOn?.argocd === undefined ? [] : [reachesOutside(server, settings)]),
    ...pageFlows(server, chartPods.argoCdServer.web, settings.argocd, settings),
  ];
}

/** From browsers, and for GitHub's deliveries of cluster repositories. */
function pageFlows(
  to: Pods,
  port: number,
  { host, nodePort, ingress }: PublicSettings["argocd" | "workflows"],
  settings: PublicSettings,
): Flow[] {
  if (host === undefined && nodePort === undefined) return [];
  const from = ingress === undefined ? anywhere : throughIngress(ingress.class, settings);
  return [{ from, to, ports: tcp(port) }];
}

/** The Image Updater queries registries and writes to Git servers. */
function updaterFlows(settings: PublicSettings): Flow[] {
  const updater = chartPodsIn(settings.namespaces.delivery, "imageUpdater");
  return [
    usesDns(updater),
    callsApiServer(updater, settings),
    reachesOutside(updater, settings),
    ...callsRegistry(updater, settings),
    ...scraped(updater, chartPods.imageUpdater.metrics, settings),
  ];
}

/** Rollouts and the ingress controller act on what applications declare, which may refer to any pod or server. */
function addonFlows(settings: PublicSettings): Flow[] {
  const { addons, namespaces } = settings;
  const traefik = chartPodsIn(namespaces.ingress, "traefik");
  const zot = chartPodsIn(namespaces.registry, "zot");
  const { http, https, metrics } = chartPods.traefik;
  return [
    ...(addons.argoRollouts ? servesAll(chartPodsIn(namespaces.rollouts, "argoRollouts"), settings) : []),
    ...(addons.ingressController === undefined
      ? []
      : [
          ...servesAll(traefik, settings),
          { from: anywhere, to: traefik, ports: tcp(http, https) },
          ...scraped(traefik, metrics, settings),
        ]),
    // Nodes pull from it.
    ...(addons.registry === undefined ? [] : [{ from: anywhere, to: zot, ports: tcp(chartPods.zot.http) }]),
  ];
}

function servesAll(from: Pods, settings: PublicSettings): Flow[] {
  const toPods: Flow = { from, to: anyPod, ports: anyTcp };
  return [usesDns(from), callsApiServer(from, settings), reachesOutside(from, settings), toPods];
}

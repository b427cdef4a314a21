/** The connections of each part of a stack. */
import { chartPods } from "../charts/pods.ts";
import {
  eventBusLabels,
  eventBusPorts,
  eventSourceLabels,
  metricsPort,
  sensorLabels,
} from "../kinds/event-pods.ts";
import { dnsLabelOf } from "../names.ts";
import { appListener, namespacesOfBuilds } from "../settings/places.ts";
import type { Plain } from "../settings/places.ts";
import type { Flow, Pods } from "./flows.ts";
import {
  anyPod,
  anyTcp,
  anywhere,
  asksApiServer,
  chartPodsIn,
  goesOut,
  measured,
  resolves,
  tcp,
  throughIngress,
} from "./flows.ts";

/** Every connection that a stack needs. */
export function flowsOf(settings: Plain): Flow[] {
  return [
    ...workflowsFlows(settings),
    ...eventsFlows(settings),
    ...buildsFlows(settings),
    ...argoCdFlows(settings),
    ...updaterFlows(settings),
    ...addonFlows(settings),
  ];
}

/** The server reads logs from the object store, and asks the provider who signs on. */
function workflowsFlows(settings: Plain): Flow[] {
  const { namespaces, workflows, builds, signOn } = settings;
  const controller = chartPodsIn(namespaces.workflows, "workflowController");
  const server = chartPodsIn(namespaces.workflows, "workflowServer");
  return [
    ...[controller, server].flatMap((from) => [resolves(from), asksApiServer(from, settings)]),
    ...measured(controller, chartPods.workflowController.metrics, settings),
    ...(builds.logs === undefined && signOn?.workflows === undefined ? [] : [goesOut(server, settings)]),
    ...pageFlows(server, chartPods.workflowServer.web, workflows, settings),
  ];
}

function eventsFlows(settings: Plain): Flow[] {
  const namespace = settings.namespaces.events;
  const controller = chartPodsIn(namespace, "eventsController");
  const bus: Pods = { name: dnsLabelOf("eventbus"), namespace, labels: eventBusLabels };
  const source: Pods = { name: dnsLabelOf("eventsource"), namespace, labels: eventSourceLabels };
  const sensors: Pods = { name: dnsLabelOf("sensors"), namespace, labels: sensorLabels };
  return [
    ...[controller, bus, source, sensors].map(resolves),
    ...[controller, sensors].map((from) => asksApiServer(from, settings)),
    ...[bus, source, sensors].flatMap((to) => measured(to, metricsPort, settings)),
    { from: bus, to: bus, ports: tcp(eventBusPorts.cluster) },
    ...[source, sensors].map((from) => ({ from, to: bus, ports: tcp(eventBusPorts.client) })),
    ...webhookFlows(source, settings),
  ];
}

/** Each project has a port, and the GitHub App; a NodePort is reached from outside, the others through the Ingress. */
function webhookFlows(to: Pods, settings: Plain): Flow[] {
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

/** All pods of builds: Argo's executor in each asks the API server. */
function buildsFlows(settings: Plain): Flow[] {
  const updater = chartPodsIn(settings.namespaces.delivery, "imageUpdater");
  return namespacesOfBuilds(settings).flatMap((namespace) => {
    const from: Pods = { name: dnsLabelOf("builds"), namespace, labels: {} };
    return [
      resolves(from),
      asksApiServer(from, settings),
      goesOut(from, settings),
      { from, to: updater, ports: tcp(chartPods.imageUpdater.webhook) },
      ...asksRegistry(from, settings),
    ];
  });
}

/** Inside the cluster, where the registry is the stack's own. */
function asksRegistry(from: Pods, { addons, namespaces }: Plain): Flow[] {
  if (addons.registry === undefined) return [];
  return [{ from, to: chartPodsIn(namespaces.registry, "zot"), ports: tcp(chartPods.zot.http) }];
}

/** As its components find each other (argo-helm `charts/argo-cd/templates`, whose own policies these replace). */
function argoCdFlows(settings: Plain): Flow[] {
  const pods = (key: keyof typeof chartPods) => chartPodsIn(settings.namespaces.delivery, key);
  const [server, controller] = [pods("argoCdServer"), pods("argoCdController")];
  const [repositories, notifications] = [pods("argoCdRepositories"), pods("argoCdNotifications")];
  const toRepositories = tcp(chartPods.argoCdRepositories.grpc);
  const toRedis = tcp(chartPods.argoCdRedis.redis);
  const asking = [server, controller, notifications, pods("argoCdRedisSecret")];
  return [
    ...[...asking, repositories].map(resolves),
    ...asking.map((from) => asksApiServer(from, settings)),
    ...[server, controller, notifications].map((from) => ({ from, to: repositories, ports: toRepositories })),
    ...[server, controller, repositories].map((from) => ({ from, to: pods("argoCdRedis"), ports: toRedis })),
    ...[repositories, notifications].map((from) => goesOut(from, settings)),
    ...measured(controller, chartPods.argoCdController.metrics, settings),
    ...(settings.signOn?.argocd === undefined ? [] : [goesOut(server, settings)]),
    ...pageFlows(server, chartPods.argoCdServer.web, settings.argocd, settings),
  ];
}

/** Browsers, and GitHub's deliveries for cluster repositories. */
function pageFlows(
  to: Pods,
  port: number,
  { host, nodePort, ingress }: Plain["argocd" | "workflows"],
  settings: Plain,
): Flow[] {
  if (host === undefined && nodePort === undefined) return [];
  const from = ingress === undefined ? anywhere : throughIngress(ingress.class, settings);
  return [{ from, to, ports: tcp(port) }];
}

/** Asks registries, and writes to Git servers. */
function updaterFlows(settings: Plain): Flow[] {
  const updater = chartPodsIn(settings.namespaces.delivery, "imageUpdater");
  return [
    resolves(updater),
    asksApiServer(updater, settings),
    goesOut(updater, settings),
    ...asksRegistry(updater, settings),
    ...measured(updater, chartPods.imageUpdater.metrics, settings),
  ];
}

/** Rollouts and the ingress controller serve what applications declare, so which pods and servers these name is not known. */
function addonFlows(settings: Plain): Flow[] {
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
          ...measured(traefik, metrics, settings),
        ]),
    // Nodes pull from it.
    ...(addons.registry === undefined ? [] : [{ from: anywhere, to: zot, ports: tcp(chartPods.zot.http) }]),
  ];
}

function servesAll(from: Pods, settings: Plain): Flow[] {
  const toPods: Flow = { from, to: anyPod, ports: anyTcp };
  return [resolves(from), asksApiServer(from, settings), goesOut(from, settings), toPods];
}

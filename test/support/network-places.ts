/** The pods of a stack, labelled as its charts and controllers label them, and the machines around them. */
import type { Place, Port } from "./network-model.ts";

export interface Listener extends Place {
  /** The ports on which it listens. */
  readonly ports: readonly Port[];
}

function tcp(...ports: readonly number[]): Port[] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}

let pods = 0;

function pod(namespace: string, labels: Readonly<Record<string, string>>, ...ports: number[]): Listener {
  pods += 1;
  return { address: `10.244.0.${pods.toString()}`, pod: { namespace, labels }, ports: tcp(...ports) };
}

/** A pod of a chart, with the labels that the chart sets. */
function ofChart(namespace: string, name: string, instance: string, ...ports: number[]): Listener {
  const labels = {
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/instance": instance,
    "app.kubernetes.io/managed-by": "Helm",
  };
  return pod(namespace, labels, ...ports);
}

function ofEvents(
  { events }: Namespaces,
  kind: string,
  labels: Readonly<Record<string, string>>,
  ...ports: number[]
): Listener {
  return pod(events, { controller: `${kind}-controller`, ...labels }, ...ports);
}

function ofBuild(namespace: string, workflow: string): Listener {
  const labels = { "workflows.argoproj.io/workflow": workflow, "workflows.argoproj.io/completed": "false" };
  return pod(namespace, labels, 5500);
}

function machine(address: string, ...ports: number[]): Listener {
  return { address, ports: tcp(...ports) };
}

export interface Namespaces {
  readonly workflows: string;
  readonly events: string;
  readonly builds: string;
  readonly buildkit: string;
  readonly delivery: string;
  readonly rollouts: string;
  readonly ingress: string;
  readonly registry: string;
}

/** The pods of a stack. Its EventSource listens for two projects. */
export function stackPods(
  at: Namespaces,
  [shop, tools]: readonly [number, number],
): Record<string, Listener> {
  const source = { "eventsource-name": "github", "owner-name": "github" };
  const bus = () => ofEvents(at, "eventbus", { "eventbus-name": "default" }, 4222, 6222, 7777, 8222);
  const ofCd = (name: string, ...ports: number[]) =>
    ofChart(at.delivery, `argocd-${name}`, "argo-cd", ...ports);
  const ofWorkflows = (name: string, ...ports: number[]) =>
    ofChart(at.workflows, `argo-workflows-${name}`, "argo-workflows", ...ports);
  return {
    "workflow controller": ofWorkflows("workflow-controller", 6060, 9090),
    "argo server": ofWorkflows("server", 2746),
    "events controller": ofChart(at.events, "argo-events-controller-manager", "argo-events", 7777, 8081),
    "bus 0": bus(),
    "bus 1": bus(),
    "event source": ofEvents(at, "eventsource", source, 7777, shop, tools),
    sensor: ofEvents(at, "sensor", { "sensor-name": "shop", "owner-name": "shop" }, 7777),
    "build a": ofBuild(at.builds, "shop-cart-1"),
    "build b": ofBuild(at.builds, "shop-cart-2"),
    "buildkit build": ofBuild(at.buildkit, "shop-web-1"),
    "cd server": ofCd("server", 8080, 8083),
    "cd controller": ofCd("application-controller", 8082),
    "repo server": ofCd("repo-server", 8081, 8084),
    redis: ofCd("redis", 6379),
    "redis hook": ofCd("redis-secret-init"),
    "cd notifications": ofCd("notifications-controller", 9001),
    "image updater": ofChart(at.delivery, "argocd-image-updater", "argocd-image-updater", 8081, 8082, 8443),
    rollouts: ofChart(at.rollouts, "argo-rollouts", "argo-rollouts", 8090),
    traefik: ofChart(at.ingress, "traefik", "traefik-ingress", 8000, 8080, 8443, 9100),
    registry: ofChart(at.registry, "zot", "zot", 5000),
  };
}

/** Pods in namespaces that the stack does not isolate. */
export const otherPods: Readonly<Record<string, Listener>> = {
  application: pod("shop", { app: "shop-web" }, 3000),
  prometheus: pod("monitoring", { "app.kubernetes.io/name": "prometheus" }, 9090),
  dns: {
    ...pod("kube-system", { "k8s-app": "kube-dns" }, 9153),
    ports: [{ protocol: "UDP", port: 53 }, ...tcp(53, 9153)],
  },
};

export const machines: Readonly<Record<string, Listener>> = {
  github: machine("140.82.112.3", 22, 443),
  "github by IPv6": machine("2606:50c0:8000::153", 443),
  "mail server": machine("198.51.100.25", 465, 587),
  "api server": machine("10.20.0.10", 2379, 6443, 10250),
  "allowed network": machine("10.30.0.9", 5000),
  "allowed machine": machine("192.168.5.7", 3128),
  "private network": machine("10.0.0.5", 22, 5432),
  "private machine": machine("192.168.5.8", 3128),
  "private machine by IPv6": machine("fd00:1::5", 443),
  node: machine("172.16.4.3", 10250, 30501),
  "metadata of AWS, Google and Azure": machine("169.254.169.254", 80),
  "metadata of AWS by IPv6": machine("fd00:ec2::254", 80),
  "host of Azure": machine("168.63.129.16", 80),
  "metadata of Alibaba": machine("100.100.100.200", 80),
  "DNS of the node": { address: "169.254.20.10", ports: [{ protocol: "UDP", port: 53 }, ...tcp(53)] },
};

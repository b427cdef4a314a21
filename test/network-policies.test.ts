/** The traffic that the NetworkPolicies of a stack allow and refuse, evaluated by a model. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Declared } from "../tools/offline/evaluate.ts";
import { objectsOf, ofKind } from "../tools/declared/objects.ts";
import { evaluateStackFile, everything } from "../tools/offline/expected.ts";
import { declare, smallConfig } from "./support/declare.ts";
import type { ModelPolicy, Place } from "./support/network-model.ts";
import { allows, readPolicy } from "./support/network-model.ts";
import type { Listener } from "./support/network-places.ts";
import { machines, otherPods, stackPods } from "./support/network-places.ts";

type World = Readonly<Record<string, Listener>>;

function policiesOf(declared: readonly Declared[]): ModelPolicy[] {
  return ofKind(objectsOf(declared), "NetworkPolicy").map(({ content }) => readPolicy(content));
}

/** All open connections with a pod of the stack at one end: `from` -> each `to`, with its open ports. */
function openConnections(policies: readonly ModelPolicy[], own: World): Record<string, string[]> {
  const places = Object.entries({ ...own, ...otherPods, ...machines });
  const connections = places.map(([name, from]) => {
    const others = places.filter(([other]) => other !== name && (name in own || other in own));
    const open = others.flatMap(([other, to]) => {
      const ports = to.ports.filter((port) => allows(policies, from, to, port));
      const openPorts = ports.map(
        ({ protocol, port }) => `${port.toString()}${protocol === "UDP" ? "/UDP" : ""}`,
      );
      return openPorts.length === 0 ? [] : [`${other}: ${openPorts.join(" ")}`];
    });
    return [name, open.toSorted()] as const;
  });
  return Object.fromEntries(connections.filter(([, open]) => open.length > 0));
}

/** The same for each of several places. */
function each(
  names: readonly string[],
  ...connections: readonly (readonly string[])[]
): Record<string, string[]> {
  return Object.fromEntries(names.map((name) => [name, connections.flat().toSorted()]));
}

const names = ["dns: 53/UDP 53", "DNS of the node: 53/UDP 53"];
const api = ["api server: 6443"];
const outside = ["github: 22 443", "github by IPv6: 443", "mail server: 465 587"];
const allowed = ["allowed network: 5000", "allowed machine: 3128"];
const bus = ["bus 0: 4222", "bus 1: 4222"];

describe("the NetworkPolicies of a stack with every option", async () => {
  const { declared } = await evaluateStackFile(everything);
  const policies = policiesOf(declared);
  const namespaces = {
    ...{ workflows: "part-workflows", events: "part-events", builds: "part-builds" },
    ...{ buildkit: "part-buildkit", delivery: "part-delivery", rollouts: "part-rollouts" },
    ...{ ingress: "part-ingress", registry: "part-registry" },
  };
  // The ports of deliveries: the first is behind the Ingress, the other a NodePort.
  const own = stackPods(namespaces, [14857, 12010]);
  const out = [...outside, ...allowed];
  const builds = ["build a", "build b", "buildkit build"];

  const metrics = [
    ...["workflow controller: 9090", "bus 0: 7777", "bus 1: 7777", "sensor: 7777"],
    ...["cd controller: 8082", "image updater: 8443"],
  ];
  const pages = ["argo server: 2746", "cd server: 8080", "registry: 5000"];
  const ofTraefik = ["traefik: 8000 8443 9100"];

  it("allow what its components need, and nothing else", () => {
    assert.deepEqual(openConnections(policies, own), {
      ...each(["workflow controller", "events controller", "redis hook"], names, api),
      ...each(["argo server"], names, api, out),
      ...each(["bus 0"], names, ["bus 1: 6222"]),
      ...each(["bus 1"], names, ["bus 0: 6222"]),
      ...each(["event source"], names, bus),
      ...each(["sensor"], names, bus, api),
      ...each(builds, names, api, out, ["image updater: 8082", "registry: 5000"]),
      ...each(["cd server"], names, api, out, ["repo server: 8081", "redis: 6379"]),
      ...each(["cd controller"], names, api, ["repo server: 8081", "redis: 6379"]),
      ...each(["repo server"], names, out, ["redis: 6379"]),
      ...each(["cd notifications"], names, api, out, ["repo server: 8081"]),
      ...each(["image updater"], names, api, out, ["registry: 5000"]),
      // These two serve applications, and reach the pods of all namespaces.
      ...each(
        ["rollouts"],
        ["dns: 53/UDP 53 9153", "DNS of the node: 53/UDP 53", "application: 3000", "prometheus: 9090"],
        [...api, ...out, ...metrics, ...pages, ...ofTraefik, "event source: 7777 12010"],
      ),
      ...each(
        ["traefik"],
        ["dns: 53/UDP 53 9153", "DNS of the node: 53/UDP 53", "application: 3000", "prometheus: 9090"],
        [...api, ...out, ...metrics, ...pages, "event source: 7777 14857 12010"],
      ),
      // Any pod may read metrics, since the namespace of Prometheus is unknown.
      ...each(Object.keys(otherPods), metrics, pages, ofTraefik, ["event source: 7777 12010"]),
      ...each(Object.keys(machines), pages, ["traefik: 8000 8443", "event source: 12010"]),
    });
  });

  const refused: readonly [from: string, to: string, port: number][] = [
    ["build a", "build b", 5500],
    ["build a", "buildkit build", 5500],
    ["build a", "cd server", 8080],
    ["build a", "repo server", 8081],
    ["build a", "argo server", 2746],
    ["build a", "bus 0", 4222],
    ["build a", "event source", 14857],
    ["build a", "application", 3000],
    ["build a", "api server", 10250],
    ["build a", "node", 10250],
    ["build a", "private network", 5432],
    ["build a", "private machine by IPv6", 443],
    ...Object.keys(machines)
      .filter((name) => /metadata|Azure/.test(name))
      .flatMap((name) => Object.keys(own).map((from): [string, string, number] => [from, name, 80])),
    ["github", "bus 0", 4222],
    ["github", "event source", 14857],
    ["github", "repo server", 8081],
    ["application", "bus 0", 4222],
    ["application", "bus 0", 8222],
    ["application", "repo server", 8081],
    ["application", "redis", 6379],
    ["application", "image updater", 8082],
    ["prometheus", "cd server", 8083],
    ["event source", "api server", 6443],
    ["sensor", "github", 443],
    ["cd controller", "github", 443],
    ["registry", "github", 443],
    ["redis", "dns", 53],
  ];

  it("refuse what a build, an application or the internet might try", () => {
    const places: World = { ...own, ...otherPods, ...machines };
    const at = (name: string): Place => {
      const place = places[name];
      assert.ok(place !== undefined, name);
      return place;
    };
    for (const [from, to, port] of refused)
      assert.ok(
        !allows(policies, at(from), at(to), { protocol: "TCP", port }),
        `${from} -> ${to}:${port.toString()}`,
      );
  });

  it("do not affect the namespaces of applications and of Rook", () => {
    const closed = new Set(policies.map(({ metadata }) => metadata.namespace));
    assert.deepEqual([...closed].toSorted(), Object.values(namespaces).toSorted());
  });
});

describe("the NetworkPolicies of a small stack", () => {
  const namespaces = {
    ...{
      workflows: "argo",
      events: "argo-events",
      builds: "ci",
      buildkit: "ci-buildkit",
      delivery: "argocd",
    },
    ...{ rollouts: "argo-rollouts", ingress: "traefik", registry: "registry" },
  };

  async function small(more: object = {}): Promise<Record<string, string[]>> {
    const networkPolicies = { enabled: true, apiServer: ["10.20.0.10/32"] };
    const cluster = { context: "test", storageClass: "standard", networkPolicies };
    const { declared } = await declare(smallConfig({ cluster, ...more }));
    const policies = policiesOf(declared);
    const closed = new Set(policies.map(({ metadata }) => metadata.namespace));
    const pods = Object.entries(stackPods(namespaces, [14857, 1])).filter(([, { pod }]) =>
      closed.has(pod?.namespace ?? ""),
    );
    return openConnections(policies, Object.fromEntries(pods));
  }

  const inside = {
    ...each(["workflow controller", "argo server", "events controller", "redis hook"], names, api),
    ...each(["bus 0"], names, ["bus 1: 6222"]),
    ...each(["bus 1"], names, ["bus 0: 6222"]),
    ...each(["event source"], names, bus),
    ...each(["sensor"], names, bus, api),
    ...each(["build a", "build b"], names, api, outside, ["image updater: 8082"]),
    ...each(["cd server", "cd controller"], names, api, ["repo server: 8081", "redis: 6379"]),
    ...each(["repo server"], names, outside, ["redis: 6379"]),
    ...each(["cd notifications"], names, api, outside, ["repo server: 8081"]),
    ...each(["image updater"], names, api, outside),
  };
  const others = [...Object.keys(otherPods), ...Object.keys(machines)];

  it("let in only deliveries, from any ingress controller of the cluster", async () => {
    assert.deepEqual(await small(), { ...inside, ...each(others, ["event source: 14857"]) });
  });

  it("let in deliveries only from the stack's own ingress controller", async () => {
    const { traefik, ...open } = await small({ addons: { ingressController: {} } });
    assert.ok(traefik?.includes("event source: 14857"));
    assert.deepEqual(open, { ...inside, ...each(others, ["traefik: 8000 8443"]) });
  });

  it("are absent if the option is off", async () => {
    const { declared } = await declare(smallConfig());
    assert.deepEqual(policiesOf(declared), []);
  });
});

describe("the model of NetworkPolicies", () => {
  const pod = (namespace: string, app: string, address: string): Place => ({
    address,
    pod: { namespace, labels: { app } },
  });
  const [a, b, c] = [pod("x", "a", "10.0.0.1"), pod("x", "b", "10.0.0.2"), pod("y", "a", "10.0.0.3")];
  const policy = (spec: Partial<ModelPolicy["spec"]>): ModelPolicy =>
    readPolicy({
      metadata: { namespace: "x" },
      spec: { podSelector: {}, policyTypes: ["Ingress"], ...spec },
    });
  const http = { protocol: "TCP", port: 80 } as const;
  const into = (...from: object[]) => [policy({ ingress: [{ from }] })];

  it("leaves open what no policy selects, in each direction", () => {
    assert.ok(allows([], a, b, http));
    assert.ok(!allows([policy({})], a, b, http));
    assert.ok(allows([policy({})], a, c, http));
    assert.ok(!allows([policy({ policyTypes: ["Egress"] })], a, c, http));
    assert.ok(allows([policy({ podSelector: { matchLabels: { app: "a" } } })], a, b, http));
  });

  it("adds up the policies of a pod", () => {
    assert.ok(allows([policy({}), policy({ ingress: [{}] })], a, b, http));
  });

  it("applies a pod selector to the policy's namespace, unless there is a namespace selector", () => {
    const [app, other] = [
      { matchLabels: { app: "a" } },
      { matchLabels: { "kubernetes.io/metadata.name": "y" } },
    ];
    const found = (from: object) => [a, c].map((one) => allows(into(from), one, b, http));
    assert.deepEqual(found({ podSelector: app }), [true, false]);
    assert.deepEqual(found({ namespaceSelector: {}, podSelector: app }), [true, true]);
    assert.deepEqual(found({ namespaceSelector: other }), [false, true]);
  });

  it("excludes the exceptions of ranges, and distinguishes the protocols of ports", () => {
    const block = into({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.3/32"] } });
    assert.deepEqual([allows(block, a, b, http), allows(block, c, b, http)], [true, false]);
    assert.ok(!allows(into({ ipBlock: { cidr: "::/0" } }), a, b, http));
    const udp = [policy({ ingress: [{ ports: [{ protocol: "UDP", port: 80 }] }] })];
    assert.deepEqual(
      [allows(udp, a, b, http), allows(udp, a, b, { ...http, protocol: "UDP" })],
      [false, true],
    );
  });

  it("refuses policies with unsupported fields", () => {
    assert.throws(() => policy({ ingress: [{ ports: [{ port: 1, endPort: 9 }] }] } as object));
    assert.throws(() => policy({ podSelector: { matchExpressions: [] } } as object));
  });
});

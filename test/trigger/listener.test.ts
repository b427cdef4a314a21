/** The entry of GitHub's deliveries: paths, Services, and limits. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listenerAnnotations, listenerIngress, listenerService } from "../../components/trigger/listener.ts";
import { label } from "../support/builders.ts";

describe("the listener of deliveries", () => {
  const listeners = [
    { name: "alog", host: "a.example", path: "/hook", port: 12000, nodePort: undefined },
    { name: "aform", host: "b.example", path: "/hook", port: 12001, nodePort: undefined },
    { name: "shop", host: "a.example", path: "/shop", port: 12002, nodePort: undefined },
  ];
  const path = (to: string, number: number) => ({
    path: to,
    pathType: "Exact",
    backend: { service: { name: "svc", port: { number } } },
  });

  it("behind the Ingress has limits of rate, size and time, and optional limits of connections and addresses", () => {
    const ofNginx = (values: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
      );
    const always = {
      ...{ "proxy-body-size": "6m", "proxy-request-buffering": "on", "proxy-connect-timeout": "5" },
      ...{ "proxy-send-timeout": "15", "proxy-read-timeout": "15" },
    };
    const limits = { perSecond: 50, burst: 2000, sources: [] };
    assert.deepEqual(
      listenerAnnotations(limits),
      ofNginx({ ...always, "limit-rps": "50", "limit-burst-multiplier": "40" }),
    );
    const chosen = {
      perSecond: 30,
      burst: 1000,
      connections: 80,
      sources: ["192.0.2.0/24", "2001:db8::/32"],
    };
    assert.deepEqual(
      listenerAnnotations(chosen),
      ofNginx({
        ...always,
        // Rounded up to at least the requested burst: 34 times 30 is 1020.
        ...{ "limit-rps": "30", "limit-burst-multiplier": "34", "limit-connections": "80" },
        "whitelist-source-range": "192.0.2.0/24,2001:db8::/32",
      }),
    );
  });

  it("behind the Ingress has the paths of the webhook addresses, by host", () => {
    const ingress = { class: label("nginx"), annotations: {} };
    const rules = [
      { host: "a.example", http: { paths: [path("/hook", 12000), path("/shop", 12002)] } },
      { host: "b.example", http: { paths: [path("/hook", 12001)] } },
    ];
    assert.deepEqual(listenerIngress(listeners, "svc", ingress), { ingressClassName: "nginx", rules });
    assert.deepEqual(listenerIngress(listeners, "svc", { ...ingress, tlsSecret: label("cert") }), {
      ingressClassName: "nginx",
      rules,
      tls: [{ hosts: ["a.example", "b.example"], secretName: "cert" }],
    });
  });

  it("on a NodePort has the project's port", () => {
    const [first] = listeners;
    assert.ok(first !== undefined);
    assert.deepEqual(listenerService([{ ...first, nodePort: 30012 }], "NodePort"), {
      type: "NodePort",
      selector: {
        controller: "eventsource-controller",
        "eventsource-name": "github",
        "owner-name": "github",
      },
      ports: [{ name: "alog", port: 12000, targetPort: 12000, nodePort: 30012 }],
    });
  });

  it("has no NodePort if the project has none, or if the Service is internal", () => {
    const [first] = listeners;
    assert.ok(first !== undefined);
    const ports = [{ name: "alog", port: 12000, targetPort: 12000 }];
    assert.deepEqual(listenerService([first], "NodePort").ports, ports);
    assert.deepEqual(listenerService([{ ...first, nodePort: 30012 }], "ClusterIP").ports, ports);
  });
});

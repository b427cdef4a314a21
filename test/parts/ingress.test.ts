/** How Traefik's own program, with a real API server, serves the Ingresses of a stack and of a cluster repository. */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { traefikValues } from "../../components/charts/traefik.ts";
import { webhookLimits } from "../../components/settings/webhook-limit-schema.ts";
import { listenerAnnotations, listenerIngress, listenerService } from "../../components/trigger/listener.ts";
import type { ApiServer } from "../support/api-server.ts";
import { startApiServer } from "../support/api-server.ts";
import { label } from "../support/builders.ts";
import type { ClusterObject } from "../support/cluster-api.ts";
import { until } from "../support/cluster-wait.ts";
import type { Answer, HttpServer } from "../support/http-server.ts";
import { startHttpServer } from "../support/http-server.ts";
import type { Question, Traefik } from "../support/traefik.ts";
import { ask, ownAddress, startTraefik } from "../support/traefik.ts";

const ingressClass = label("nginx");
const machine = ownAddress();
const path = "/github-webhook";
const mebibyte = 1024 * 1024;
const largest = 6 * mebibyte;
const values = { ingressClass, nodePorts: undefined, seesSources: false, highAvailability: false };

let server: ApiServer;
let backend: HttpServer;
let answer: Answer;
let taken: string[] = [];

before(async () => {
  server = await startApiServer();
  backend = await startHttpServer((request, response, body) => {
    taken.push(`${request.method ?? ""} ${request.url ?? ""} ${body.length.toString()}`);
    answer(request, response, body);
  }, machine);
  await server.api.apply({
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name: "nginx" },
    spec: { controller: "k8s.io/ingress-nginx" },
  });
  const at = { namespace: "default", name: "backend" };
  const { type, ports } = listenerService(
    [{ name: "shop", host: "", path, port: 14857, nodePort: undefined }],
    "ClusterIP",
  );
  await server.api.apply({ apiVersion: "v1", kind: "Service", metadata: at, spec: { type, ports } });
  await server.api.apply({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...at, labels: { "kubernetes.io/service-name": "backend" } },
    addressType: "IPv4",
    endpoints: [{ addresses: [machine], conditions: { ready: true } }],
    ports: [{ name: "shop", port: Number(new URL(backend.url).port), protocol: "TCP" }],
  });
});
after(() => {
  backend.close();
  server.stop();
});

function ingress(name: string, annotations: Readonly<Record<string, string>>, spec: object): ClusterObject {
  const metadata = { name, namespace: "default", annotations };
  return { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata, spec };
}

const ofPath = (text: string) => ({
  ingressClassName: "nginx",
  rules: [
    {
      http: {
        paths: [
          {
            path: text,
            pathType: "Prefix",
            backend: { service: { name: "backend", port: { number: 14857 } } },
          },
        ],
      },
    },
  ],
});

describe("the Ingress of the webhooks", () => {
  let traefik: Traefik;
  before(async () => {
    traefik = await startTraefik(traefikValues({ ...values, snippets: false }), server.kubeconfig);
    answer = (_, response) => response.end();
  });
  after(() => traefik.stop());
  afterEach(() => (taken = []));

  /** Serves a host with limits. Resolves once Traefik routes to it. */
  async function serve(
    host: string,
    limits: object,
  ): Promise<(question?: Partial<Question>) => Promise<number>> {
    const listener = { name: "shop", host, path, port: 14857, nodePort: undefined };
    const annotations = listenerAnnotations(webhookLimits.parse(limits));
    const spec = listenerIngress([listener], "backend", { class: ingressClass, annotations: {} });
    await server.api.apply(ingress(host.replaceAll(".", "-"), annotations, spec));
    const post = async (question: Partial<Question> = {}) =>
      (await ask({ port: traefik.port, host, path, ...question })).status;
    await until(`${host} is served`, async () => (await post({ address: machine })) === 200);
    taken = [];
    return post;
  }

  it("forwards deliveries unchanged, and only at their path and host", async () => {
    const post = await serve("any.example", {});
    assert.equal(await post({ body: "x".repeat(5 * mebibyte) }), 200);
    assert.deepEqual(taken, [`POST ${path} ${(5 * mebibyte).toString()}`]);
    assert.equal(await post({ path: `${path}/x` }), 404);
    assert.equal(await post({ path: "/" }), 404);
    assert.equal(await post({ host: "other.example" }), 404);
    assert.equal(taken.length, 1);
  });

  it("accepts none larger than 6 MiB", async () => {
    const post = await serve("large.example", {});
    assert.equal(await post({ body: "x".repeat(largest) }), 200);
    // It does not wait for the body.
    assert.equal(await post({ headers: { "content-length": (largest + 1).toString() } }), 413);
    assert.deepEqual(taken, [`POST ${path} ${largest.toString()}`]);
  });

  it("accepts bursts as large as the stack sets, for each address", async () => {
    const post = await serve("rate.example", { perSecond: 1, burst: 5 });
    const statuses = await Promise.all(Array.from({ length: 20 }, () => post()));
    const accepted = statuses.filter((status) => status === 200).length;
    assert.ok(accepted >= 5 && accepted < 10, statuses.join(" "));
    assert.deepEqual([...new Set(statuses)].toSorted(), [200, 429]);
    assert.equal(taken.length, accepted);
    assert.equal(await post({ address: machine }), 200);
  });

  it("accepts as many concurrent deliveries as the stack sets", async () => {
    const post = await serve("connections.example", { connections: 3 });
    answer = (_, response) => setTimeout(() => response.end(), 1000);
    const statuses = await Promise.all(Array.from({ length: 5 }, () => post()));
    answer = (_, response) => response.end();
    assert.deepEqual(statuses.toSorted(), [200, 200, 200, 429, 429]);
  });

  it("accepts only those from the listed addresses", async () => {
    const post = await serve("sources.example", { sources: [`${machine}/32`] });
    assert.equal(await post(), 403);
    assert.equal(await post({ headers: { "x-forwarded-for": machine } }), 403);
    assert.deepEqual(taken, []);
    assert.equal(await post({ address: machine }), 200);
  });

  it("forwards nothing of fifty unfinished deliveries, and still answers others", async () => {
    const post = await serve("slow.example", {});
    const before = backend.begun();
    const slow = await Promise.all(
      Array.from({ length: 50 }, () => unfinished(traefik.port, "slow.example")),
    );
    await sleep(1000);
    const began = performance.now();
    assert.equal(await post({ body: "{}" }), 200);
    assert.ok(performance.now() - began < 10_000);
    assert.deepEqual([taken, backend.begun() - before], [[`POST ${path} 2`], 1]);
    assert.ok(traefik.memory() < 512, `${traefik.memory().toFixed(0)} MiB`);
    for (const one of slow) one.destroy();
  });
});

/** A delivery of 5 MiB whose last byte is never sent. */
async function unfinished(port: number, host: string): Promise<Socket> {
  const size = 5 * mebibyte;
  const socket = connect(port, "127.0.0.1");
  await new Promise((done) => socket.once("connect", done));
  socket.on("error", () => undefined);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${size.toString()}\r\n\r\n`);
  socket.write("x".repeat(size - 1));
  return socket;
}

describe("an Ingress with a snippet, like A-Log's", () => {
  const running: Traefik[] = [];
  after(() => running.forEach((one) => one.stop()));
  before(async () => {
    answer = ({ url = "", headers }, response) => {
      response.statusCode = url.startsWith("/auth/") && headers.authorization !== "Bearer good" ? 401 : 200;
      response.end(url);
    };
    const annotations = {
      "nginx.ingress.kubernetes.io/auth-url": `${backend.url}/auth/validate`,
      "nginx.ingress.kubernetes.io/auth-snippet": "if ($request_method = OPTIONS ) {\n  return 200;\n}\n",
    };
    await server.api.apply(ingress("with-snippet", annotations, ofPath("/api/users")));
    await server.api.apply(ingress("without", {}, ofPath("/")));
  });

  const start = async (snippets: boolean) => {
    const one = await startTraefik(traefikValues({ ...values, snippets }), server.kubeconfig);
    running.push(one);
    const get = (method: string, headers = {}) =>
      ask({ port: one.port, path: "/api/users/1", method, headers });
    await until("the Ingresses are served", async () => (await ask({ port: one.port })).status === 200);
    return get;
  };

  it("answers preflight requests itself, and forwards authorized requests", async () => {
    const get = await start(true);
    taken = [];
    assert.equal((await get("OPTIONS")).status, 200);
    assert.deepEqual(taken, []);
    assert.equal((await get("GET")).status, 401);
    assert.deepEqual(await get("GET", { authorization: "Bearer good" }), {
      status: 200,
      body: "/api/users/1",
    });
  });

  it("is not served without the option, so that its paths go to the Ingress that serves the rest", async () => {
    const get = await start(false);
    assert.deepEqual(await get("GET"), { status: 200, body: "/api/users/1" });
  });
});

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { rootCertificates, setDefaultCACertificates } from "node:tls";
import type { Examined } from "../../tools/doctor/finding.ts";
import { endpoints } from "../../tools/doctor/endpoints.ts";
import type { TlsFront } from "../support/authority.ts";
import { makeAuthority, startTlsFront } from "../support/authority.ts";
import type { Config } from "../support/declare.ts";
import { smallProject } from "../support/declare.ts";
import { examinedOf, linesOf } from "../support/doctor.ts";
import type { HttpServer } from "../support/http-server.ts";
import { startHangingServer, startHttpServer } from "../support/http-server.ts";
import { temporaryFolder } from "../support/script.ts";

const day = 86_400_000;

describe("the doctor's check of addresses", () => {
  let server: HttpServer;
  let front: TlsFront;
  let end: Date;
  let code = 400;
  const asked: string[] = [];
  before(async () => {
    const answer = (
      { method = "", url = "", headers }: IncomingMessage,
      response: ServerResponse,
      body: string,
    ) => {
      const event = String(headers["x-github-event"] ?? "");
      asked.push(`${method} ${url} ${event} ${body}`.trim());
      response.writeHead(code, { location: "http://127.0.0.1:1/" }).end("<html>");
    };
    server = await startHttpServer(answer);
    const files = makeAuthority(join(temporaryFolder("endpoints"), "own")).certificate("127.0.0.1");
    const text = readFileSync(files.certificate, "utf8");
    end = new Date(new X509Certificate(text).validTo);
    front = await startTlsFront(files, server.url);
    authority = readFileSync(join(files.certificate, "../own/ca.crt"), "utf8");
  });
  let authority = "";
  after(() => {
    setDefaultCACertificates([...rootCertificates]);
    front.close();
    server.close();
  });

  // A node port, since an Ingress needs a DNS name and this server has none.
  const webhook = (url: string): Config => ({
    projects: { shop: { ...smallProject(), webhook: { url, nodePort: 30500 } } },
  });

  async function found(config: Config, daysBefore = 40): Promise<string[]> {
    asked.length = 0;
    const before = daysBefore * day;
    const given: Partial<Examined> = { now: () => new Date(end.getTime() - before) };
    return linesOf(await endpoints(examinedOf(config, given)));
  }

  const secure = () => `https://127.0.0.1:${front.port.toString()}`;

  it("accepts a trusted certificate, and an endpoint that rejects unsigned deliveries", async () => {
    setDefaultCACertificates([...rootCertificates, authority]);
    code = 400;
    const url = `${secure()}/hook`;
    const host = new URL(url).host;
    assert.deepEqual(await found(webhook(url)), [
      `good projects.shop.webhook.url: the certificate of ${host} is valid for 40 days.`,
      `good projects.shop.webhook.url: ${url} answers an unsigned delivery with 400, as it should.`,
    ]);
    assert.deepEqual(asked, ["POST /hook push {}"]);
    assert.deepEqual(
      (await found(webhook(url), 13))[0],
      `warn projects.shop.webhook.url: the certificate of ${host} is valid for 13 days. Fix: renew it.`,
    );
  });

  it("reports an untrusted certificate", async () => {
    setDefaultCACertificates([...rootCertificates]);
    code = 400;
    const url = `${secure()}/hook`;
    const host = new URL(url).host;
    const line = `the certificate of ${host} is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE), and`;
    const fix = "Fix: set webhooks.ingress.tlsSecret to one that GitHub trusts.";
    assert.deepEqual(
      (await found(webhook(url)))[0],
      `bad projects.shop.webhook.url: ${line} is valid for 40 days. ${fix}`,
    );
    assert.deepEqual(
      (await found(webhook(url), -2))[0],
      `bad projects.shop.webhook.url: ${line} expired 2 days ago. ${fix}`,
    );
  });

  it("reports a server that is not the endpoint", async () => {
    const url = `${server.url}/hook`;
    const leads = "Fix: point the name to the cluster's ingress controller.";
    const answered = (status: number) =>
      `projects.shop.webhook.url: ${url} answers an unsigned delivery with ${status.toString()}`;
    for (const [status, line] of [
      [401, `good ${answered(401)}, as it should.`],
      [200, `bad ${answered(200)}: this server does not check signatures. ${leads}`],
      [
        308,
        `bad ${answered(308)}, and GitHub does not follow redirects. Fix: set the address that it redirects to.`,
      ],
      [404, `bad ${answered(404)}: nothing serves this path. ${leads}`],
      [405, `bad ${answered(405)}. ${leads}`],
      [503, `bad ${answered(503)}. Fix: see the EventSource's pods, which serve it.`],
    ] as const) {
      code = status;
      assert.deepEqual(await found(webhook(url)), [line]);
      assert.equal(asked.length, 1, "no redirect is followed");
    }
  });

  it("reports names that do not resolve, and servers that do not answer", async (context) => {
    assert.deepEqual(await found(webhook("https://ci.invalid/hook")), [
      "bad projects.shop.webhook.url: the name ci.invalid does not resolve. Fix: add it to the DNS.",
    ]);
    const hanging = await startHangingServer();
    context.after(() => hanging.close());
    const { host } = new URL(hanging.url);
    const fix =
      "Fix: run the doctor from the Internet, as GitHub connects: some networks cannot reach their own public address.";
    const late = await found(webhook(`${hanging.url}/hook`));
    hanging.close();
    assert.deepEqual(late, [
      `unchecked projects.shop.webhook.url: ${host} does not answer from here (no answer within 4 s). ${fix}`,
    ]);
    assert.deepEqual(await found(webhook(`${hanging.url}/hook`)), [
      `unchecked projects.shop.webhook.url: ${host} does not answer from here (connection refused). ${fix}`,
    ]);
  });

  it("checks the pages that have an address", async () => {
    setDefaultCACertificates([...rootCertificates]);
    const nothing = { projects: { shop: { ...smallProject(), repositories: [], applications: [] } } };
    const pages = {
      ...nothing,
      argocd: { host: "127.0.0.1", nodePort: 30443 },
      workflows: { host: "workflows.invalid", nodePort: 32746 },
    };
    assert.deepEqual(await found(nothing), []);
    assert.deepEqual(
      (await found(pages)).map((line) => line.replace(/\(.*\)/, "(…)")),
      [
        "unchecked argocd.host: 127.0.0.1:30443 does not answer from here (…). Fix: run the doctor from its users' network.",
        "bad workflows.host: the name workflows.invalid does not resolve. Fix: add it to the DNS.",
      ],
    );
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { asking } from "../../tools/doctor/exchange.ts";
import type { Examined } from "../../tools/doctor/finding.ts";
import { registry } from "../../tools/doctor/registry.ts";
import type { Config } from "../support/declare.ts";
import { smallProject } from "../support/declare.ts";
import { examinedOf, leading, linesOf } from "../support/doctor.ts";
import type { HttpServer } from "../support/http-server.ts";
import { startHangingServer, startHttpServer } from "../support/http-server.ts";

interface Reply {
  readonly code: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
}

const password = "password-of-team";
const basic = `Basic ${Buffer.from(`team:${password}`).toString("base64")}`;
const given = { registryPassword: password };
const notKnown =
  "unchecked secrets.registryPassword: its value is not available here. Fix: set REGISTRY_PASSWORD, or PULUMI_CONFIG_PASSPHRASE to read it from the stack file.";

/** A token as a registry signs it, with the granted actions in the middle. */
function jwt(...actions: string[]): string {
  const claims = { access: [{ type: "repository", name: "team/web", actions }] };
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
}

const tokenOf = (token: string): Reply => ({ code: 200, text: JSON.stringify({ token }) });

describe("the doctor's check of the registry", () => {
  let server: HttpServer;
  let answers: Readonly<Record<string, Reply>> = {};
  const asked: string[] = [];
  before(async () => {
    server = await startHttpServer(({ method = "", url = "", headers }, response) => {
      asked.push(`${headers.authorization ?? "nobody"}: ${method} ${decodeURIComponent(url)}`);
      const {
        code,
        headers: more = {},
        text = "",
      } = answers[`${method} ${url.split("?")[0] ?? ""}`] ?? { code: 404 };
      response.writeHead(code, more).end(text);
    });
  });
  after(() => server.close());

  const host = () => new URL(server.url).host;

  /** The lines about a registry on this machine, without the one that it answers. */
  async function found(
    replies: Readonly<Record<string, Reply>>,
    config: Config = {},
    more: Partial<Examined> = {},
  ): Promise<string[]> {
    answers = replies;
    asked.length = 0;
    const own = { host: host(), namespace: "team", username: "team", insecure: true };
    const lines = linesOf(await registry(examinedOf({ registry: own, ...config }, { given, ...more })));
    const [first, ...others] = lines;
    return first === `good registry.host: ${host()} answers.` ? others : lines;
  }

  const wantsLogin: Reply = { code: 401, headers: { "www-authenticate": 'Basic realm="registry"' } };
  const uploads = "POST /v2/team/web/blobs/uploads/";
  const begun: Reply = { code: 202, headers: { location: "/v2/team/web/blobs/uploads/1?state=x" } };

  it("starts an upload and cancels it, if the registry issues no tokens", async () => {
    assert.deepEqual(await found({ "GET /v2/": wantsLogin, [uploads]: begun }), [
      "good secrets.registryPassword: the login may pull and push team/web.",
    ]);
    assert.deepEqual(asked, [
      "nobody: GET /v2/",
      `${basic}: POST /v2/team/web/blobs/uploads/`,
      `${basic}: DELETE /v2/team/web/blobs/uploads/1?state=x`,
    ]);
  });

  it("sends the login to no other server, whatever the location of an upload", async () => {
    const elsewhere = { code: 202, headers: { location: "http://127.0.0.1:1/v2/team/web/blobs/uploads/1" } };
    await found({ "GET /v2/": wantsLogin, [uploads]: elsewhere });
    assert.equal(asked.length, 2);
    const moved = { code: 307, headers: { location: "http://127.0.0.1:1/" } };
    assert.deepEqual(await found({ "GET /v2/": wantsLogin, [uploads]: moved }), [
      "unchecked secrets.registryPassword: cannot tell whether the login may push team/web (307).",
    ]);
  });

  it("reports a login that is refused, missing, or not available", async () => {
    const refused = { code: 401, text: '{"errors":[{"message":"authentication required"}]}' };
    assert.deepEqual(await found({ "GET /v2/": wantsLogin, [uploads]: refused }), [
      "bad secrets.registryPassword: the login may not pull and push team/web (401 authentication required). Fix: grant it both.",
    ]);
    assert.deepEqual(await found({ "GET /v2/": wantsLogin }, {}, { given: {} }), [notKnown]);
    const anonymous = { registry: { host: host(), namespace: "team", insecure: true } };
    assert.deepEqual(await found({ "GET /v2/": { code: 200 } }, anonymous), [
      `good registry.username: ${host()} requires no login.`,
    ]);
    assert.deepEqual(await found({ "GET /v2/": wantsLogin }, anonymous), [
      `bad registry.username: ${host()} requires a login to push, and the stack has none. Fix: set registry.username and secrets.registryPassword.`,
    ]);
  });

  it("reads the actions of a token, and tests a token that does not list them", async () => {
    const realm = `Bearer realm="${server.url}/token",service="registry"`;
    const hello = { code: 401, headers: { "www-authenticate": realm } };
    const reported = (token: Reply, more: Readonly<Record<string, Reply>> = {}) =>
      found({ "GET /v2/": hello, "GET /token": token, ...more });
    assert.deepEqual(await reported(tokenOf(jwt("pull", "push"))), [
      "good secrets.registryPassword: the login may pull and push team/web.",
    ]);
    assert.deepEqual(asked, [
      "nobody: GET /v2/",
      `${basic}: GET /token?service=registry&scope=repository:team/web:pull,push`,
    ]);
    assert.deepEqual(await reported(tokenOf(jwt("pull"))), [
      "bad secrets.registryPassword: the login may not pull and push team/web (it was granted pull). Fix: grant it both.",
    ]);
    assert.deepEqual(await reported({ code: 401, text: '{"message":"incorrect username or password"}' }), [
      `bad secrets.registryPassword: ${host()} does not accept the login of team (401 incorrect username or password). Fix: set another password.`,
    ]);
    assert.deepEqual(await reported({ code: 200, text: "<html>" }), [
      "unchecked secrets.registryPassword: the login cannot be tested (200).",
    ]);
    assert.deepEqual(await reported(tokenOf("opaque"), { [uploads]: begun }), [
      "good secrets.registryPassword: the login may pull and push team/web.",
    ]);
    assert.ok(asked.includes("Bearer opaque: POST /v2/team/web/blobs/uploads/"));
  });

  it("tests one image of each namespace", async () => {
    const projects = {
      shop: { ...smallProject(), repositories: ["web", "api"] },
      tools: {
        ...smallProject(),
        imageNamespace: "tools",
        webhook: { url: "https://ci.example/t" },
        repositories: ["cli"],
        applications: [],
      },
    };
    const forbidden = { code: 403 };
    const lines = await found(
      { "GET /v2/": wantsLogin, [uploads]: begun, "POST /v2/tools/cli/blobs/uploads/": forbidden },
      { projects },
    );
    assert.deepEqual(lines.toSorted(), [
      "bad secrets.registryPassword: the login may not pull and push tools/cli (403). Fix: grant it both.",
      "good secrets.registryPassword: the login may pull and push team/web.",
    ]);
  });

  it("reports a host that is not a registry, or does not answer", async () => {
    assert.deepEqual(await found({ "GET /v2/": { code: 404, text: "<html>" } }), [
      `bad registry.host: ${host()} does not answer like a registry (404). Fix: correct the host, or its TLS.`,
    ]);
    const hanging = await startHangingServer();
    const { host: silent } = new URL(hanging.url);
    try {
      const ask = asking(Date.now() + 500);
      const own = { host: silent, namespace: "team", username: "team", insecure: true };
      assert.deepEqual(linesOf(await registry(examinedOf({ registry: own }, { given, ask }))), [
        `unchecked registry.host: ${silent} does not answer from here (no answer within 1 s).`,
      ]);
    } finally {
      hanging.close();
    }
  });

  it("sends no login to a token server without TLS", async () => {
    const realm = 'Bearer realm="http://127.0.0.1:1/token",service="x"';
    const ask = leading(asking(Date.now() + 9000), { "https://registry.example": server.url });
    answers = { "GET /v2/": { code: 401, headers: { "www-authenticate": realm } } };
    const own = { host: "registry.example", namespace: "team", username: "team" };
    assert.deepEqual(linesOf(await registry(examinedOf({ registry: own }, { given, ask }))).slice(1), [
      "unchecked secrets.registryPassword: the login cannot be tested (its token server 127.0.0.1:1 has no TLS).",
    ]);
  });

  describe("on Docker Hub", () => {
    const limited = (limit: string, left: string) => ({
      "ratelimit-limit": limit,
      "ratelimit-remaining": left,
    });
    const preview = "HEAD /v2/ratelimitpreview/test/manifests/latest";

    async function allowance(headers: Readonly<Record<string, string>>, config: Config = {}, code = 200) {
      const realm = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"';
      answers = {
        "GET /v2/": { code: 401, headers: { "www-authenticate": realm } },
        "GET /token": tokenOf(jwt("pull", "push")),
        [preview]: { code, headers },
      };
      const ask = leading(asking(Date.now() + 9000), {
        "https://registry-1.docker.io": server.url,
        "https://auth.docker.io": server.url,
      });
      const own = { registry: { namespace: "team", username: "team" } };
      const lines = linesOf(await registry(examinedOf({ ...own, ...config }, { given, ask })));
      return lines.filter((line) => line.includes(" delivery.interval: "));
    }

    const reported = (left: number, taken: number) =>
      `delivery.interval: Docker Hub allows 100 pulls in 6 h, of which ${left.toString()} are left; the Image Updater's polling takes ${taken.toString()}.`;
    const fix = " Fix: set a longer interval, or use an account with a higher limit.";
    const every = (interval: string) => ({ delivery: { interval } });

    it("compares the allowed pulls with those that the stack needs", async () => {
      const limit = "100;w=21600";
      assert.deepEqual(await allowance(limited(limit, "76;w=21600")), [`good ${reported(76, 3)}`]);
      assert.deepEqual(await allowance(limited(limit, "9;w=21600")), [`warn ${reported(9, 3)}${fix}`]);
      assert.deepEqual(await allowance(limited(limit, "0;w=21600"), {}, 429), [
        `bad ${reported(0, 3)}${fix}`,
      ]);
      assert.deepEqual(await allowance(limited(limit, "76"), every("6m")), [
        `warn ${reported(76, 60)}${fix}`,
      ]);
      assert.deepEqual(await allowance(limited(limit, "76"), every("3m")), [
        `bad ${reported(76, 120)}${fix}`,
      ]);
    });

    it("reports that there is no limit, or that it is unknown", async () => {
      assert.deepEqual(await allowance({}), [
        "good delivery.interval: Docker Hub does not limit the pulls of this account.",
      ]);
      assert.deepEqual(await allowance(limited("many", "76")), [
        "unchecked delivery.interval: Docker Hub's limit is unknown (unexpected header).",
      ]);
      assert.deepEqual(await allowance({}, {}, 503), [
        "unchecked delivery.interval: Docker Hub's limit is unknown (503).",
      ]);
    });
  });
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { githubHeaders } from "../../components/builds/programs/github.ts";
import type { Examined } from "../../tools/doctor/finding.ts";
import { github } from "../../tools/doctor/github.ts";
import type { Config } from "../support/declare.ts";
import { smallProject } from "../support/declare.ts";
import { examinedOf, linesOf, now } from "../support/doctor.ts";
import type { HttpServer } from "../support/http-server.ts";
import { startHangingServer, startHttpServer } from "../support/http-server.ts";

const hook = (differences: object = {}) => ({
  active: true,
  events: ["push"],
  config: { url: "https://ci.example/shop" },
  last_response: { code: 200, status: "active", message: "OK" },
  ...differences,
});
const other = hook({ config: { url: "https://other.example" } });
const rate = (remaining: number, limit = 5000) => ({
  resources: { core: { limit, remaining, reset: Date.parse("2026-03-01T10:42:00Z") / 1000 } },
});

type Reply = object | { readonly code: number; readonly headers?: object; readonly text?: string };

/** GitHub's answers for the small stack if nothing is wrong. */
const healthy: Readonly<Record<string, Reply>> = {
  "GET /rate_limit": rate(4990),
  "POST /repos/acme/web/hooks": { code: 422 },
  "GET /repos/acme/web/hooks?per_page=100": [hook(), other],
  [`POST /repos/acme/web/statuses/${"0".repeat(40)}`]: { code: 422 },
  "POST /repos/acme/web/deployments": { code: 422 },
};

const given = { githubToken: "token-of-webhooks", statusToken: "token-of-statuses" };

describe("the doctor's check of GitHub", () => {
  let server: HttpServer;
  let answers: Readonly<Record<string, Reply>> = healthy;
  const asked: string[] = [];
  before(async () => {
    server = await startHttpServer(({ method = "", url = "", headers }, response, body) => {
      const question = `${method} ${url.replace(/^\/api\/v3/, "")}`;
      asked.push(`${headers.authorization ?? "nobody"}: ${question} ${body}`.trim());
      assert.equal(headers["x-github-api-version"], githubHeaders["x-github-api-version"]);
      const reply = answers[question] ?? { code: 404, text: '{"message":"Not Found"}' };
      const usual = { date: now.toUTCString() };
      if (!("code" in reply)) return void response.writeHead(200, usual).end(JSON.stringify(reply));
      const {
        code,
        headers: more = {},
        text = "",
      } = reply as { code: number; headers?: object; text?: string };
      response.writeHead(code, { ...usual, ...more }).end(text);
    });
  });
  after(() => server.close());

  async function found(
    differences: Readonly<Record<string, Reply>> = {},
    config: Config = {},
    more: Partial<Examined> = {},
  ): Promise<string[]> {
    answers = { ...healthy, ...differences };
    asked.length = 0;
    return linesOf(await github(examinedOf({ github: { url: server.url }, ...config }, { given, ...more })));
  }

  async function problems(...wanted: Parameters<typeof found>): Promise<string[]> {
    return (await found(...wanted)).filter((line) => !line.startsWith("good"));
  }

  it("reports what the tokens may do, and the state of the webhooks", async () => {
    assert.deepEqual(await found(), [
      "good clock: this machine and GitHub agree on the time.",
      "good secrets.githubToken: 4990 of 5000 requests of this hour are left.",
      "good secrets.githubToken: it may write Webhooks of acme/web.",
      "good projects.shop.repositories[0]: the webhook of acme/web got 200 for its last delivery; 2 of 20 webhooks are used.",
      "good secrets.statusToken: 4990 of 5000 requests of this hour are left.",
      "good secrets.statusToken: it may write Commit statuses of acme/web.",
      "good secrets.statusToken: it may write Deployments of acme/web.",
    ]);
    const zeros = "0".repeat(40);
    assert.deepEqual(asked.filter((line) => line.includes("POST")).toSorted(), [
      `Bearer token-of-statuses: POST /repos/acme/web/deployments {"ref":"${zeros}"}`,
      `Bearer token-of-statuses: POST /repos/acme/web/statuses/${zeros} {"state":"pending"}`,
      'Bearer token-of-webhooks: POST /repos/acme/web/hooks {"name":"web","config":{}}',
    ]);
  });

  it("reports missing tokens, and checks what needs none", async () => {
    assert.deepEqual(await problems({}, {}, { given: {} }), [
      "unchecked secrets.githubToken: its value is not available here. Fix: set GITHUB_TOKEN, or PULUMI_CONFIG_PASSPHRASE to read it from the stack file.",
      "unchecked secrets.statusToken: its value is not available here. Fix: set STATUS_TOKEN, or PULUMI_CONFIG_PASSPHRASE to read it from the stack file.",
    ]);
    assert.deepEqual(asked, ["nobody: GET /rate_limit"]);
    const silent = { github: { url: server.url, statuses: false, deployments: false } };
    assert.equal((await problems({}, silent, { given: {} })).length, 1, "no token for statuses is needed");
  });

  it("reports tokens that GitHub does not accept, that expire soon, or that are used up", async () => {
    const ending = { "github-authentication-token-expiration": "2026-03-11 10:00:00 UTC" };
    const ends = { code: 200, headers: ending, text: JSON.stringify(rate(499)) };
    const both = await problems({ "GET /rate_limit": ends });
    assert.deepEqual(both.slice(0, 2), [
      "warn secrets.githubToken: this token expires in 10 days. Fix: create a new one in time.",
      "warn secrets.githubToken: 499 of 5000 requests of this hour are left. Fix: wait until 10:42 UTC.",
    ]);
    assert.deepEqual(
      (await problems({ "GET /rate_limit": rate(0) }))[0],
      "bad secrets.githubToken: 0 of 5000 requests of this hour are left. Fix: wait until 10:42 UTC.",
    );
    assert.deepEqual(
      await problems({ "GET /rate_limit": { code: 401, text: '{"message":"Bad credentials"}' } }),
      [
        "bad secrets.githubToken: GitHub does not accept this token. Fix: create a new one.",
        "bad secrets.statusToken: GitHub does not accept this token. Fix: create a new one.",
      ],
    );
    assert.deepEqual(await problems({ "GET /rate_limit": { code: 404 } }), [], "a server without limits");
  });

  it("reports permissions that a token lacks", async () => {
    const refused = { code: 403, text: '{"message":"Resource not accessible by personal access token"}' };
    const because = "403 Resource not accessible by personal access token";
    const lines = await problems({
      "POST /repos/acme/web/hooks": refused,
      "POST /repos/acme/web/deployments": { code: 404 },
      [`POST /repos/acme/web/statuses/${"0".repeat(40)}`]: { code: 500, text: "<html>\u001b[2J" },
    });
    assert.deepEqual(lines, [
      `bad secrets.githubToken: it may not write Webhooks of acme/web (${because}). Fix: grant it 'Webhooks: read and write' on the repositories.`,
      "unchecked secrets.statusToken: cannot tell whether it may write Commit statuses of acme/web (500).",
      "bad secrets.statusToken: it may not write Deployments of acme/web (404). Fix: grant it 'Deployments: read and write' on the repositories.",
    ]);
  });

  it("reports a webhook without pull requests and comments, if these start builds", async () => {
    const builds = { pullRequests: true };
    const path = "GET /repos/acme/web/hooks?per_page=100";
    const lines = async (events: string[]) =>
      (await found({ [path]: [hook({ events })] }, { builds })).filter((line) =>
        line.includes("repositories[0]"),
      );
    assert.deepEqual(await lines(["push", "issue_comment"]), [
      "bad projects.shop.repositories[0]: the webhook of acme/web does not send pull_request, commit_comment. Fix: `pulumi up --refresh`.",
    ]);
    for (const events of [["push", "pull_request", "issue_comment", "commit_comment"], ["*"]])
      assert.match((await lines(events)).join(), /^good /);
  });

  it("reports webhooks that are missing, inactive, failing, or too many", async () => {
    const path = "GET /repos/acme/web/hooks?per_page=100";
    const many = (count: number) => Array.from({ length: count }, () => other);
    const pull = hook({ events: ["pull_request"] });
    const recent = "Fix: see the webhook's Recent Deliveries, where it can be redelivered.";
    const prefix = "projects.shop.repositories[0]:";
    for (const [reply, line] of [
      [
        [pull],
        `warn ${prefix} acme/web has no webhook for pushes to https://ci.example/shop yet; 0 of 20 webhooks are used. Fix: \`pulumi up\` creates it, or \`pulumi up --refresh\` if it was deleted.`,
      ],
      [
        many(20),
        `bad ${prefix} acme/web has 20 webhooks for pushes, and GitHub allows no more. Fix: delete one that is not needed.`,
      ],
      [
        [...many(17), hook({ events: ["*"] })],
        `warn ${prefix} the webhook of acme/web got 200 for its last delivery; 18 of 20 webhooks are used. Fix: delete webhooks that are not needed.`,
      ],
      [
        [hook({ active: false })],
        `bad ${prefix} the webhook of acme/web is not active. Fix: \`pulumi up --refresh\`.`,
      ],
      [
        [hook({ last_response: { code: 502, message: "Invalid HTTP Response: 502" } })],
        `bad ${prefix} the webhook of acme/web got 502 for its last delivery (Invalid HTTP Response: 502). ${recent}`,
      ],
      [
        [hook({ last_response: { code: null, status: "failed", message: "failed to connect to host" } })],
        `bad ${prefix} the webhook of acme/web has delivered nothing (failed to connect to host). ${recent}`,
      ],
      [
        { code: 404, text: '{"message":"Not Found"}' },
        `bad ${prefix} the token cannot read the webhooks of acme/web (404 Not Found). Fix: give secrets.githubToken access to it, or correct the name.`,
      ],
      [
        { code: 200, text: "<html>Sign in</html>" },
        `unchecked ${prefix} the webhooks of acme/web cannot be read (200).`,
      ],
    ] as const) {
      assert.deepEqual(await problems({ [path]: reply }), [line]);
    }
    const unused = hook({ last_response: { code: null, status: "unused", message: null } });
    assert.deepEqual(
      (await found({ [path]: [unused] }))[3],
      `good ${prefix} the webhook of acme/web has delivered nothing yet; 1 of 20 webhooks are used.`,
    );
  });

  it("reads each repository once, and cluster repositories if Argo CD has a webhook", async () => {
    const service = (name: string) => ({ name: "web", service: name, context: name });
    const config = {
      projects: { shop: { ...smallProject(), repositories: [service("api"), service("jobs")] } },
      argocd: { host: "argocd.example", ingress: {} },
    };
    const argocd = hook({ config: { url: "https://argocd.example/api/webhook" } });
    const lines = await found({ "GET /repos/acme/shop-cluster/hooks?per_page=100": [argocd] }, config);
    assert.deepEqual(
      lines.filter((line) => line.includes("projects.")),
      [
        "good projects.shop.repositories[0]: the webhook of acme/web got 200 for its last delivery; 2 of 20 webhooks are used.",
        "good projects.shop.applications[0]: the webhook of acme/shop-cluster got 200 for its last delivery; 1 of 20 webhooks are used.",
      ],
    );
  });

  it("reads the organization's webhooks once for each project that uses them", async () => {
    const webhook = { url: "https://ci.example/shop", organization: true };
    const config = { projects: { shop: { ...smallProject(), webhook, repositories: ["web", "api"] } } };
    const at = "GET /orgs/acme/hooks?per_page=100";
    const may = { [at]: [hook()], "POST /orgs/acme/hooks": { code: 422 } };
    assert.deepEqual(
      (await found(may, config)).filter((line) => /acme has|of acme( |\.)/.test(line)),
      [
        "good secrets.githubToken: it may write Webhooks of acme.",
        "good projects.shop.webhook.organization: the webhook of acme got 200 for its last delivery; 1 of 20 webhooks are used.",
      ],
    );
    assert.ok(!asked.some((line) => line.includes("/repos/acme/web/hooks")));
    const refused = {
      [at]: { code: 404, text: '{"message":"Not Found"}' },
      "POST /orgs/acme/hooks": { code: 404, text: '{"message":"Not Found"}' },
    };
    const right =
      "bad secrets.githubToken: it may not write Webhooks of acme (404 Not Found). Fix: grant it 'Webhooks: read and write' on the organization.";
    const path = "bad projects.shop.webhook.organization:";
    assert.deepEqual(await problems({ ...refused, "GET /users/acme": { type: "Organization" } }, config), [
      right,
      `${path} the token cannot read the webhooks of acme (404 Not Found). Fix: give secrets.githubToken access to it, or correct the name.`,
    ]);
    assert.deepEqual(await problems({ ...refused, "GET /users/acme": { type: "User" } }, config), [
      right,
      `${path} acme is a user, and only organizations have such webhooks (404 Not Found). Fix: remove the key.`,
    ]);
  });

  it("follows no redirect, and accepts no HTML page as an answer", async () => {
    const elsewhere: string[] = [];
    const thief = await startHttpServer(({ headers }, response) => {
      elsewhere.push(headers.authorization ?? "");
      response.end("{}");
    });
    try {
      const moved = { code: 302, headers: { location: thief.url } };
      assert.deepEqual(await problems({ "GET /rate_limit": moved }), [
        "unchecked secrets.githubToken: cannot tell whether GitHub accepts this token (302).",
        "unchecked secrets.statusToken: cannot tell whether GitHub accepts this token (302).",
      ]);
      assert.deepEqual(elsewhere, []);
    } finally {
      thief.close();
    }
    const page = await found({ "GET /rate_limit": { code: 200, text: "<html>".repeat(9) } });
    assert.ok(!page.some((line) => line.includes("requests of this hour")));
  });

  it("limits the time and the size of an answer", async () => {
    const hanging = await startHangingServer();
    const endless = await startHttpServer((_, response) => {
      const chunk = Buffer.alloc(2 ** 22, " ");
      for (let index = 0; index < 5; index += 1) response.write(chunk);
    });
    try {
      const reported = async ({ url }: HttpServer) =>
        linesOf(await github(examinedOf({ github: { url } }, { given })));
      const [late, long] = await Promise.all([reported(hanging), reported(endless)]);
      assert.deepEqual(late, ["unchecked github.url: GitHub does not answer (no answer within 4 s)."]);
      assert.deepEqual(long, [
        "unchecked github.url: GitHub does not answer (the answer has more than 16777216 bytes).",
      ]);
    } finally {
      hanging.close();
      endless.close();
    }
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { github } from "../../tools/doctor/github.ts";
import type { Question } from "../../tools/doctor/exchange.ts";
import type { Given } from "../../tools/doctor/finding.ts";
import { appKey } from "../support/app-key.ts";
import type { Config } from "../support/declare.ts";
import { smallProject } from "../support/declare.ts";
import { examinedOf, linesOf, now } from "../support/doctor.ts";

const app = { id: 271828, installations: { acme: 31415926 } };
const permissions = {
  ...{ metadata: "read", contents: "read", statuses: "write" },
  ...{ deployments: "write", repository_hooks: "write" },
};
const installation = { id: 31415926, account: { login: "Acme" }, suspended_at: null, permissions };
const hook = {
  active: true,
  events: ["push"],
  config: { url: "https://ci.example/shop" },
  last_response: { code: 200 },
};

type Reply = object | { readonly code: number; readonly text?: string };

/** GitHub's answers for the small stack if nothing is wrong. */
const healthy: Readonly<Record<string, Reply>> = {
  "GET /rate_limit": {},
  "GET /app": { slug: "acme-ci" },
  "GET /app/installations/31415926": installation,
  "GET /repos/acme/web/installation": installation,
  "POST /app/installations/31415926/access_tokens": { code: 201, text: '{"token":"ghs_1"}' },
  "GET /repos/acme/web/hooks?per_page=100": [hook],
};

const asked: Question[] = [];

async function found(
  differences: Readonly<Record<string, Reply>> = {},
  given: Given = { githubAppKey: appKey },
  config: Config = {},
): Promise<string[]> {
  const answers = { ...healthy, ...differences };
  asked.length = 0;
  const ask = (question: Question) => {
    asked.push(question);
    const reply =
      answers[`${question.method ?? "GET"} ${question.url.replace("https://api.github.com", "")}`];
    const { code, text } =
      reply === undefined
        ? { code: 404, text: "" }
        : "code" in reply
          ? { text: "", ...reply }
          : { code: 200, text: JSON.stringify(reply) };
    return Promise.resolve({ code, text, headers: { date: now.toUTCString() }, reason: code.toString() });
  };
  const projects = { shop: { ...smallProject(), private: true } };
  const secrets = { githubAppKey: appKey };
  const examined = examinedOf({ github: { app }, projects, secrets, ...config }, { given, ask });
  return linesOf(await github(examined));
}

async function problems(...wanted: Parameters<typeof found>): Promise<string[]> {
  return (await found(...wanted)).filter((line) => !line.startsWith("good"));
}

describe("the doctor's check of the GitHub App", () => {
  describe("with check runs", () => {
    const checks = { url: "https://ci.example/github-app" };
    const withChecks = { github: { app: { ...app, checks } } };
    const config = { url: checks.url, content_type: "json", insecure_ssl: "0", secret: "********" };
    const reported = (
      reply: Reply,
      own: object = { slug: "acme-ci", events: ["check_run", "check_suite"] },
    ) =>
      problems(
        {
          "GET /app": own,
          "GET /app/hook/config": reply,
          "GET /app/installations/31415926": {
            ...installation,
            permissions: { ...permissions, statuses: "read", checks: "write" },
          },
        },
        undefined,
        withChecks,
      );

    it("accepts the App's webhook, and needs no permission for statuses", async () => {
      assert.deepEqual(await reported(config), []);
    });

    for (const [what, reply, line] of [
      [
        "has another URL",
        { ...config, url: "https://other.example/" },
        "the URL of the App's webhook is https://other.example/",
      ],
      ["has no URL", { ...config, url: "" }, "the URL of the App's webhook is empty"],
      ["sends forms", { ...config, content_type: "form" }, "the App's webhook does not send JSON"],
      ["has no secret", { ...config, secret: undefined }, "the App's webhook has no secret"],
    ] as const)
      it(`reports a webhook that ${what}`, async () => {
        const [problem = "", ...others] = await reported(reply);
        assert.ok(problem.startsWith(`bad github.app.checks.url: ${line}`), problem);
        assert.deepEqual(others, []);
      });

    it("reports a missing webhook, and events that nothing reads", async () => {
      const [missing = ""] = await reported({ code: 404 });
      assert.match(missing, /^bad github\.app\.checks\.url: the App has no webhook/);
      const [more = ""] = await reported(config, { slug: "acme-ci", events: ["check_run", "push"] });
      assert.match(more, /^warn github\.app\.checks\.url: the App's webhook also sends push, /);
    });

    it("reports a missing permission for checks", async () => {
      const [problem = ""] = await problems({ "GET /app/hook/config": config }, undefined, withChecks);
      assert.match(problem, /^bad github\.app\.installations\.acme: the App may not write Checks /);
    });
  });

  it("reports where the App is installed, what it may do, and the state of the webhooks", async () => {
    assert.deepEqual(await found(), [
      "good clock: this machine and GitHub agree on the time.",
      "good secrets.githubAppKey: GitHub accepts it as a key of the App acme-ci.",
      "good github.app.installations.acme: the App may write Webhooks.",
      "good github.app.installations.acme: the App may read Contents.",
      "good github.app.installations.acme: the App may write Commit statuses.",
      "good github.app.installations.acme: the App may write Deployments.",
      "good projects.shop.repositories[0]: the App is installed on acme/web.",
      "good projects.shop.repositories[0]: the webhook of acme/web got 200 for its last delivery; 1 of 20 webhooks are used.",
    ]);
    const [token] = asked.filter(({ method }) => method === "POST");
    assert.equal(token?.body, '{"permissions":{"repository_hooks":"read"}}');
    const hooks = asked.find(({ url }) => url.includes("/hooks"));
    assert.equal(hooks?.headers?.["authorization"], "Bearer ghs_1");
  });

  it("reports a key that is not available, or wrong", async () => {
    assert.deepEqual(await problems({}, {}), [
      "unchecked secrets.githubAppKey: its value is not available here. Fix: set GITHUB_APP_KEY_FILE, or PULUMI_CONFIG_PASSPHRASE to read it from the stack file.",
    ]);
    assert.equal(asked.length, 1);
    assert.deepEqual(await problems({}, { githubAppKey: "hunter2" }), [
      "bad secrets.githubAppKey: the GitHub App's private key is not an RSA key in PEM format: set secrets.githubAppKey to the .pem file.",
    ]);
    assert.deepEqual(await problems({ "GET /app": { code: 401 } }), [
      "bad secrets.githubAppKey: GitHub does not accept this key for the App (401). Fix: correct github.app.id, or generate a new private key on the App's page.",
    ]);
    assert.deepEqual(await problems({ "GET /app": { code: 502 } }), [
      "unchecked secrets.githubAppKey: cannot tell whether GitHub accepts this key (502).",
    ]);
  });

  it("reports installations that do not exist, belong to another owner, or are suspended", async () => {
    const at = "GET /app/installations/31415926";
    const path = "github.app.installations.acme:";
    assert.deepEqual(await problems({ [at]: { code: 404 } }), [
      `bad ${path} the App has no such installation. Fix: install it for acme, or correct the ID.`,
    ]);
    assert.deepEqual(await problems({ [at]: { code: 500 } }), [
      `unchecked ${path} the installation cannot be read (500).`,
    ]);
    assert.deepEqual(await problems({ [at]: { ...installation, account: { login: "other\u001b[2J" } } }), [
      `bad ${path} this installation belongs to other[2J. Fix: set the ID of acme's installation.`,
    ]);
    assert.deepEqual(await problems({ [at]: { ...installation, suspended_at: "2026-01-01T00:00:00Z" } }), [
      `bad ${path} the installation is suspended. Fix: unsuspend it on the installation's page.`,
    ]);
  });

  it("reports permissions that the stack needs and the App lacks", async () => {
    const at = "GET /app/installations/31415926";
    const few = { ...installation, permissions: { metadata: "read", statuses: "read" } };
    const line = (verb: string, name: string, access: string) =>
      `bad github.app.installations.acme: the App may not ${verb} ${name} of acme's repositories. Fix: give the App '${name}: ${access}' on its page, and accept the change on the installation's page.`;
    const writes = "read and write";
    assert.deepEqual(await problems({ [at]: few }), [
      line("write", "Webhooks", writes),
      line("read", "Contents", "read-only"),
      line("write", "Commit statuses", writes),
      line("write", "Deployments", writes),
    ]);
    const silent = {
      github: { app, statuses: false, deployments: false },
      projects: { shop: smallProject() },
    };
    assert.deepEqual(await problems({ [at]: few }, { githubAppKey: appKey }, silent), [
      line("write", "Webhooks", writes),
    ]);
  });

  it("requires the organization's permission instead of the repositories' for its webhook", async () => {
    const webhook = { url: "https://ci.example/shop", organization: true };
    const config = { projects: { shop: { ...smallProject(), webhook } } };
    const [at, hooks] = ["GET /app/installations/31415926", "GET /orgs/acme/hooks?per_page=100"];
    const others = { contents: "read", statuses: "write", deployments: "write" };
    const path = "bad github.app.installations.acme:";
    const lines = await problems(
      { [at]: { ...installation, permissions: others }, [hooks]: [hook] },
      { githubAppKey: appKey },
      config,
    );
    assert.deepEqual(lines, [
      `${path} the App may not write Webhooks (organization permission) of the organization acme. Fix: give the App 'Webhooks (organization permission): read and write' on its page, and accept the change on the installation's page.`,
    ]);
    const [token] = asked.filter(({ method }) => method === "POST");
    assert.equal(token?.body, '{"permissions":{"organization_hooks":"read"}}');
  });

  it("reports repositories that the installation does not include", async () => {
    const at = "GET /repos/acme/web/installation";
    const path = "projects.shop.repositories[0]:";
    for (const reply of [{ code: 404 }, { ...installation, id: 1 }]) {
      assert.deepEqual(await problems({ [at]: reply }), [
        `bad ${path} the App is not installed on acme/web. Fix: add it to the installation, or correct the name.`,
      ]);
    }
    assert.deepEqual(await problems({ [at]: { code: 500 } }), [
      `unchecked ${path} cannot tell whether the App is installed on acme/web (500).`,
    ]);
  });

  it("reports webhooks that cannot be read", async () => {
    assert.deepEqual(await problems({ "GET /repos/acme/web/hooks?per_page=100": { code: 404 } }), [
      "bad projects.shop.repositories[0]: the token cannot read the webhooks of acme/web (404). Fix: add it to the App's installation, or correct the name.",
    ]);
    assert.deepEqual(await problems({ "POST /app/installations/31415926/access_tokens": { code: 422 } }), [
      "unchecked github.app.installations.acme: GitHub issued no token to the App: 422.",
    ]);
  });

  it("uses the own token of each owner that has one", async () => {
    const labs = { ...smallProject(), owner: "acme-labs", applications: [], repositories: ["cli"] };
    const projects = { shop: smallProject(), labs: { ...labs, webhook: { url: "https://ci.example/labs" } } };
    const owners = { "acme-labs": { githubToken: "token-of-labs" } };
    const given = { githubToken: "token-of-all", statusToken: "token-of-statuses", owners };
    const config = { github: {}, projects, secrets: given };
    await found({}, given, config);
    const lines = asked.flatMap(({ method = "GET", url, headers = {} }) =>
      url.endsWith("/hooks") && method === "POST"
        ? [`${headers["authorization"] ?? ""} ${url.split("/repos/")[1] ?? ""}`]
        : [],
    );
    assert.deepEqual(lines, [
      "Bearer token-of-all acme/web/hooks",
      "Bearer token-of-labs acme-labs/cli/hooks",
    ]);
    const unknown = await problems({}, { githubToken: "a", statusToken: "b" }, config);
    assert.ok(
      unknown.includes(
        "unchecked secrets.owners.acme-labs.githubToken: its value is not available here. Fix: set PULUMI_CONFIG_PASSPHRASE to read it from the stack file.",
      ),
    );
  });
});

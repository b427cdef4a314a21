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

type Said = object | { readonly code: number; readonly text?: string };

/** What GitHub says of the small stack where all is well. */
const healthy: Readonly<Record<string, Said>> = {
  "GET /rate_limit": {},
  "GET /app": { slug: "acme-ci" },
  "GET /app/installations/31415926": installation,
  "GET /repos/acme/web/installation": installation,
  "POST /app/installations/31415926/access_tokens": { code: 201, text: '{"token":"ghs_1"}' },
  "GET /repos/acme/web/hooks?per_page=100": [hook],
};

const asked: Question[] = [];

async function found(
  differences: Readonly<Record<string, Said>> = {},
  given: Given = { githubAppKey: appKey },
  config: Config = {},
): Promise<string[]> {
  const answers = { ...healthy, ...differences };
  asked.length = 0;
  const ask = (question: Question) => {
    asked.push(question);
    const said = answers[`${question.method ?? "GET"} ${question.url.replace("https://api.github.com", "")}`];
    const { code, text } =
      said === undefined
        ? { code: 404, text: "" }
        : "code" in said
          ? { text: "", ...said }
          : { code: 200, text: JSON.stringify(said) };
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

describe("the doctor and the GitHub App", () => {
  describe("whose check runs can be run again", () => {
    const checks = { url: "https://ci.example/github-app" };
    const withChecks = { github: { app: { ...app, checks } } };
    const config = { url: checks.url, content_type: "json", insecure_ssl: "0", secret: "********" };
    const reported = (said: Said, own: object = { slug: "acme-ci", events: ["check_run", "check_suite"] }) =>
      problems(
        {
          "GET /app": own,
          "GET /app/hook/config": said,
          "GET /app/installations/31415926": {
            ...installation,
            permissions: { ...permissions, statuses: "read", checks: "write" },
          },
        },
        undefined,
        withChecks,
      );

    it("hears of that by a webhook of its own, and needs no statuses", async () => {
      assert.deepEqual(await reported(config), []);
    });

    for (const [what, said, line] of [
      ["leads elsewhere", { ...config, url: "https://other.example/" }, "leads to https://other.example/"],
      ["leads nowhere", { ...config, url: "" }, "leads to nowhere"],
      ["sends forms", { ...config, content_type: "form" }, "does not send JSON"],
      ["has no secret", { ...config, secret: undefined }, "has no secret"],
    ] as const)
      it(`says that it ${what}`, async () => {
        const [problem = "", ...others] = await reported(said);
        assert.ok(problem.startsWith(`bad github.app.checks.url: the App's webhook ${line}`), problem);
        assert.deepEqual(others, []);
      });

    it("says that there is none, and what it sends beside", async () => {
      const [missing = ""] = await reported({ code: 404 });
      assert.match(missing, /^bad github\.app\.checks\.url: the App has no webhook/);
      const [more = ""] = await reported(config, { slug: "acme-ci", events: ["check_run", "push"] });
      assert.match(more, /^warn github\.app\.checks\.url: the App's webhook also sends push, /);
    });

    it("needs the permission of checks", async () => {
      const [problem = ""] = await problems({ "GET /app/hook/config": config }, undefined, withChecks);
      assert.match(problem, /^bad github\.app\.installations\.acme: the App may not write Checks /);
    });
  });

  it("says where it is installed, what it may do, and how the webhooks are", async () => {
    assert.deepEqual(await found(), [
      "good clock: this machine and GitHub agree on the time.",
      "good secrets.githubAppKey: GitHub knows it as a key of the App acme-ci.",
      "good github.app.installations.acme: the App may write Webhooks.",
      "good github.app.installations.acme: the App may read Contents.",
      "good github.app.installations.acme: the App may write Commit statuses.",
      "good github.app.installations.acme: the App may write Deployments.",
      "good projects.shop.repositories[0]: the App is installed on acme/web.",
      "good projects.shop.repositories[0]: the webhook of acme/web had its last delivery answered with 200; 1 of 20 webhooks are taken.",
    ]);
    const [token] = asked.filter(({ method }) => method === "POST");
    assert.equal(token?.body, '{"permissions":{"repository_hooks":"read"}}');
    const hooks = asked.find(({ url }) => url.includes("/hooks"));
    assert.equal(hooks?.headers?.["authorization"], "Bearer ghs_1");
  });

  it("does not know the key, or finds one that is wrong", async () => {
    assert.deepEqual(await problems({}, {}), [
      "unchecked secrets.githubAppKey: its value is not known here. Fix: set GITHUB_APP_KEY_FILE, or PULUMI_CONFIG_PASSPHRASE for that of the stack file.",
    ]);
    assert.equal(asked.length, 1);
    assert.deepEqual(await problems({}, { githubAppKey: "hunter2" }), [
      "bad secrets.githubAppKey: the GitHub App's private key is no RSA key in PEM: set secrets.githubAppKey to the .pem file.",
    ]);
    assert.deepEqual(await problems({ "GET /app": { code: 401 } }), [
      "bad secrets.githubAppKey: GitHub does not accept this key of the App (401). Fix: correct github.app.id, or make a new private key on the App's page.",
    ]);
    assert.deepEqual(await problems({ "GET /app": { code: 502 } }), [
      "unchecked secrets.githubAppKey: GitHub does not say whether it accepts this key (502).",
    ]);
  });

  it("finds installations that do not exist, another's, or suspended", async () => {
    const at = "GET /app/installations/31415926";
    const path = "github.app.installations.acme:";
    assert.deepEqual(await problems({ [at]: { code: 404 } }), [
      `bad ${path} the App has no such installation. Fix: install it for acme, or correct the ID.`,
    ]);
    assert.deepEqual(await problems({ [at]: { code: 500 } }), [
      `unchecked ${path} the installation cannot be read (500).`,
    ]);
    assert.deepEqual(await problems({ [at]: { ...installation, account: { login: "other\u001b[2J" } } }), [
      `bad ${path} this installation is that of other[2J. Fix: set the ID of acme's.`,
    ]);
    assert.deepEqual(await problems({ [at]: { ...installation, suspended_at: "2026-01-01T00:00:00Z" } }), [
      `bad ${path} the installation is suspended. Fix: lift the suspension on the installation's page.`,
    ]);
  });

  it("finds permissions that the App does not have, of those that the stack needs", async () => {
    const at = "GET /app/installations/31415926";
    const few = { ...installation, permissions: { metadata: "read", statuses: "read" } };
    const line = (verb: string, name: string, access: string) =>
      `bad github.app.installations.acme: the App may not ${verb} ${name} of acme's repositories. Fix: give the App '${name}: ${access}' on its page, and accept that on the installation's.`;
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

  it("wants a permission of the organization where that has the webhook, and none of repositories", async () => {
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
      `${path} the App may not write Webhooks (organization permission) of the organization acme. Fix: give the App 'Webhooks (organization permission): read and write' on its page, and accept that on the installation's.`,
    ]);
    const [token] = asked.filter(({ method }) => method === "POST");
    assert.equal(token?.body, '{"permissions":{"organization_hooks":"read"}}');
  });

  it("finds repositories that the installation does not reach", async () => {
    const at = "GET /repos/acme/web/installation";
    const path = "projects.shop.repositories[0]:";
    for (const said of [{ code: 404 }, { ...installation, id: 1 }]) {
      assert.deepEqual(await problems({ [at]: said }), [
        `bad ${path} the App is not installed on acme/web. Fix: add it to the installation, or correct the name.`,
      ]);
    }
    assert.deepEqual(await problems({ [at]: { code: 500 } }), [
      `unchecked ${path} whether the App is installed on acme/web is unknown (500).`,
    ]);
  });

  it("finds webhooks that it cannot read", async () => {
    assert.deepEqual(await problems({ "GET /repos/acme/web/hooks?per_page=100": { code: 404 } }), [
      "bad projects.shop.repositories[0]: the webhooks of acme/web cannot be read by the token (404). Fix: add it to the App's installation, or correct the name.",
    ]);
    assert.deepEqual(await problems({ "POST /app/installations/31415926/access_tokens": { code: 422 } }), [
      "unchecked github.app.installations.acme: GitHub gives the App no token: 422.",
    ]);
  });

  it("asks with the token of each owner that has one of its own", async () => {
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
        "unchecked secrets.owners.acme-labs.githubToken: its value is not known here. Fix: set PULUMI_CONFIG_PASSPHRASE for that of the stack file.",
      ),
    );
  });
});

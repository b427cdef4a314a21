/** The GitHub App and tokens: conflicts, and missing secrets. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { parseConfig } from "../../components/settings/parse.ts";
import { appKey, appPublicKey } from "../support/app-key.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig, smallProject } from "../support/declare.ts";

const github = { app: { id: 271828, installations: { acme: 31415926 } } };

/** `path | value | rule | fix` of each error. */
function errors(config: Config): string[] {
  return parseConfig(smallConfig(config)).errors.map(({ path, value, rule, fix }) =>
    [path, ...(value === undefined ? [] : [JSON.stringify(value)]), rule, fix].join(" | "),
  );
}

const missing = (path: string) =>
  `${path} | a secret without a value | pulumi config set --secret --path '${path}'`;

describe("the GitHub App", () => {
  const privately = { projects: { shop: { ...smallProject(), private: true } } };

  it("needs its key and no token", () => {
    assert.deepEqual(errors({ ...privately, github, secrets: { githubAppKey: appKey } }), []);
    assert.deepEqual(errors({ ...privately, github, secrets: {} }), [missing("secrets.githubAppKey")]);
  });

  it("is used for owners with an installation; others need tokens", () => {
    const projects = { shop: smallProject(), labs: { ...smallProject(), owner: "acme-labs" } };
    projects.labs = { ...projects.labs, webhook: { url: "https://ci.example/labs" }, repositories: ["cli"] };
    projects.labs = { ...projects.labs, applications: [] };
    assert.deepEqual(errors({ projects, github, secrets: { githubAppKey: appKey } }), [
      missing("secrets.githubToken"),
      missing("secrets.statusToken"),
    ]);
    const owners = { "acme-labs": { githubToken: "a" } };
    assert.deepEqual(errors({ projects, github, secrets: { githubAppKey: appKey, owners } }), [
      missing("secrets.statusToken"),
    ]);
    const own = { "acme-labs": { githubToken: "a", statusToken: "b" } };
    assert.deepEqual(errors({ projects, github, secrets: { githubAppKey: appKey, owners: own } }), []);
  });

  it("replaces tokens, which are then unused", () => {
    const secrets = {
      githubAppKey: appKey,
      githubToken: "hunter2",
      statusToken: "hunter2",
      cloneTokens: { shop: "hunter2" },
      owners: { acme: { githubToken: "hunter2" } },
    };
    const place = "github.app has an installation for acme, which is used instead of tokens";
    const all = "each owner has the App, or a token of its own";
    assert.deepEqual(errors({ ...privately, github, secrets }), [
      `secrets.owners.acme | nothing reads this secret: ${place} | remove it`,
      `secrets.githubToken | nothing reads this secret: ${all} | remove it`,
      `secrets.statusToken | nothing reads this secret: ${all} | remove it`,
      `secrets.cloneTokens.shop | nothing reads this secret: ${place} | remove it`,
    ]);
    assert.deepEqual(errors({ secrets: { githubAppKey: appKey, githubToken: "a", statusToken: "b" } }), [
      "secrets.githubAppKey | nothing reads this secret: the stack has no `github.app` | remove it",
    ]);
  });

  it("must be installed for owners of the stack", () => {
    const app = { id: 1, installations: { acne: 2 } };
    const secrets = { githubAppKey: appKey, githubToken: "a", statusToken: "b" };
    assert.deepEqual(errors({ github: { app }, secrets }), [
      "github.app.installations.acne | 2 | no project has this owner | did you mean acme?",
    ]);
    const none = { app: { id: 1, installations: {} } };
    assert.deepEqual(errors({ github: none, secrets }), [
      "github.app.installations | {} | at least one owner | add an owner's installation, or remove `app`",
    ]);
  });

  it("may have check runs if builds report to GitHub, with its own webhook address", () => {
    const checks = { url: "https://ci.example/github-app" };
    const secrets = { githubAppKey: appKey };
    const withApp = (own: object, others: object = {}) => ({
      github: { app: { ...github.app, checks: { ...checks, ...own } }, ...others },
      secrets,
    });
    assert.deepEqual(errors(withApp({})), []);
    assert.deepEqual(errors(withApp({}, { statuses: false })), [
      "github.app.checks | builds report no check runs while github.statuses is false | remove it, or set github.statuses to true",
    ]);
    assert.deepEqual(errors(withApp({ url: "https://ci.example/shop" })), [
      'github.app.checks.url | "https://ci.example/shop" | each project needs its own webhook address; the first is projects.shop.webhook.url | change the path of one, e.g. append the project\'s name',
    ]);
    assert.deepEqual(errors(withApp({ url: "https://192.0.2.1/github-app" })), [
      'github.app.checks.url | "https://192.0.2.1/github-app" | the host of an Ingress is a name, not an IP address | write a DNS name, or add checks.nodePort',
    ]);
    assert.deepEqual(errors(withApp({ url: "https://192.0.2.1/github-app", nodePort: 30501 })), []);
    // A browser reads this as 0.0.0.0.
    assert.deepEqual(errors({ projects: { shop: { ...smallProject(), webhook: { url: "https://0." } } } }), [
      'projects.shop.webhook.url | "https://0." | the host of an Ingress is a name, not an IP address | write a DNS name, or add webhook.nodePort',
    ]);
    const projects = { "github-app": smallProject() };
    assert.deepEqual(errors({ ...withApp({ port: 11999 }), projects }), [
      "projects.github-app | deliveries of the GitHub App have this name | rename the project",
    ]);
  });

  it("must have a numeric App ID, and numeric installation IDs", () => {
    const app = { id: "Iv23liAbCd", installations: { acme: 0 } };
    assert.deepEqual(errors({ github: { app }, secrets: { githubToken: "a", statusToken: "b" } }), [
      'github.app.id | "Iv23liAbCd" | a whole number: the App ID | see the App\'s page, under About',
      "github.app.installations.acme | 0 | a whole number: the ID of an installation | see the address of the installation's page, which ends with it",
    ]);
  });

  it("must have an RSA private key; anything else is refused without being shown", () => {
    const { privateKey: other } = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const rule =
      "secrets.githubAppKey | the private key of the GitHub App: the whole content of the .pem file that GitHub generated" +
      " | set the file's content, as in `pulumi config set --secret --path secrets.githubAppKey <app.pem`";
    for (const key of [
      ...[appPublicKey, other, appKey.slice(0, -100), appKey.replaceAll("\n", String.raw`\n`)],
      ...[
        "keys/acme-ci.2026-11-29.private-key.pem",
        "SHA256:abcdef",
        "0123456789abcdef0123456789abcdef01234567",
      ],
    ]) {
      assert.deepEqual(errors({ github, secrets: { githubAppKey: key } }), [rule], key);
    }
  });
});

describe("tokens of single owners", () => {
  it("replace the stack's", () => {
    const owners = { acme: { githubToken: "a", statusToken: "b" } };
    assert.deepEqual(errors({ secrets: { owners } }), []);
    assert.deepEqual(errors({ secrets: { owners, githubToken: "c" } }), [
      "secrets.githubToken | nothing reads this secret: each owner has the App, or a token of its own | remove it",
    ]);
    assert.deepEqual(errors({ secrets: { owners: { acme: { statusToken: "b" } } } }), [
      missing("secrets.githubToken"),
    ]);
  });

  it("must belong to an owner of the stack", () => {
    const secrets = { githubToken: "a", statusToken: "b", owners: { acmee: { githubToken: "hunter2" } } };
    assert.deepEqual(errors({ secrets }), [
      "secrets.owners.acmee | nothing reads this secret: no project has this owner | did you mean acme?",
    ]);
  });
});

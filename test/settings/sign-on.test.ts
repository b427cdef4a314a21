/** The errors of single sign-on that cannot work: path, value, rule and fix. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { visible } from "../../components/settings/errors.ts";
import { parseConfig } from "../../components/settings/parse.ts";
import type { Config } from "../support/declare.ts";
import { smallConfig } from "../support/declare.ts";
import { inShop } from "../support/rules.ts";

const provider = { issuer: "https://id.example", clientId: "argo" };

function errors(change: (config: Config) => void): string[] {
  const config = smallConfig();
  change(config);
  return parseConfig(config).errors.map(({ path, value, rule, fix }) =>
    [path, ...(value === undefined ? [] : [visible(value)]), rule, fix].join(" | "),
  );
}

describe("an error of single sign-on", () => {
  const cases: [string, (config: Config) => void, string[]][] = [
    [
      "single sign-on to dashboards without a name",
      (config) => {
        config["argocd"] = { nodePort: 30443 };
        config["signOn"] = { ...provider, argocd: { admins: ["a"] }, workflows: { viewers: ["a"] } };
      },
      [
        "argocd.host | signOn.argocd needs an HTTPS address, to which the provider redirects browsers | add the name that browsers use, and argocd.ingress with a certificate for it",
        "workflows.host | signOn.workflows needs an HTTPS address, to which the provider redirects browsers | add the name that browsers use, and workflows.ingress with a certificate for it",
        "secrets.signOn | a secret without a value | pulumi config set --secret --path 'secrets.signOn'",
      ],
    ],
    [
      "single sign-on to no dashboard",
      (config) => {
        config["signOn"] = provider;
      },
      [
        "signOn | single sign-on needs a dashboard: argocd, workflows or both | add one with its groups, or remove the key",
        "secrets.signOn | a secret without a value | pulumi config set --secret --path 'secrets.signOn'",
      ],
    ],
    [
      "a group with two roles",
      (config) => {
        config["argocd"] = { host: "cd.example" };
        config["signOn"] = {
          ...provider,
          argocd: { admins: ["platform"], viewers: ["developers", "platform"] },
        };
      },
      [
        'signOn.argocd.viewers[1] | "platform" | a group of a dashboard may occur only once; the first is signOn.argocd.admins[0] | remove one of the two',
        "secrets.signOn | a secret without a value | pulumi config set --secret --path 'secrets.signOn'",
      ],
    ],
    [
      "a provider without TLS, reported once",
      (config) => {
        config["argocd"] = { host: "cd.example" };
        config["signOn"] = { ...provider, issuer: "http://id.example", argocd: { admins: ["a"] } };
      },
      [
        'signOn.issuer | "http://id.example" | an HTTPS address | write https://, with a certificate that Argo trusts',
      ],
    ],
    [
      "values that no provider or dashboard accepts",
      (config) => {
        config["argocd"] = { host: "cd.example" };
        config["signOn"] = {
          ...{ issuer: "http://127.0.0.1", clientId: "two words", groupsClaim: "", scopes: ["email groups"] },
          argocd: { admins: ["role:admin", "a, b", 7] },
          workflows: {},
        };
      },
      [
        'signOn.issuer | "http://127.0.0.1" | an HTTPS address | write https://, with a certificate that Argo trusts',
        'signOn.clientId | "two words" | a client ID without spaces | copy it from the provider',
        'signOn.groupsClaim | "" | the name of a claim | write it as in the ID token, like groups',
        'signOn.scopes[0] | "email groups" | an OAuth 2 scope, without spaces and quotes | write each as an entry of its own',
        'signOn.argocd.admins[0] | "role:admin" | not a name that Argo CD takes for one of its own roles | give the group another name at the issuer',
        "signOn.argocd.admins[1] | \"a, b\" | a group's name: letters, digits, spaces and . _ : / @ + = & ( ) - | write it as in the issuer's tokens, like platform or acme:platform",
        'signOn.argocd.admins[2] | 7 | a group\'s name, in quotes if it is a number | write it like "1234"',
        "signOn.workflows | {} | at least one group, since otherwise nobody can sign on | add admins or viewers, or remove the key",
      ],
    ],
  ];
  for (const [name, change, expected] of cases) it(name, () => assert.deepEqual(errors(change), expected));
});

describe("a dashboard with an Ingress", () => {
  it("reserves the paths of its host that programs use", () => {
    const ingress = { class: "nginx" };
    const [argocd, workflows] = [
      { host: "cd.example", ingress },
      { host: "wf.example", ingress },
    ];
    const at = (url: string, more: Config = {}) =>
      inShop({ webhook: { url, ...more } }, { argocd, workflows });
    const taken = ["cd.example", "cd.example/", "cd.example/api/webhook", "cd.example/auth/callback"];
    for (const url of [...taken, "wf.example/api/v1/events/ci", "wf.example/oauth2/callback"])
      assert.deepEqual(at(`https://${url}`), ["projects.shop.webhook.url"], url);
    for (const url of [
      "cd.example/apis",
      "cd.example/shop",
      "wf.example/auth/callback",
      "ci.example/api/webhook",
    ])
      assert.deepEqual(at(`https://${url}`), [], url);
    // A NodePort does not conflict with an Ingress.
    assert.deepEqual(at("https://cd.example:30081/api/webhook", { nodePort: 30081 }), []);
    const url = "https://cd.example/api/webhook";
    assert.deepEqual(inShop({ webhook: { url } }, { argocd: { host: "cd.example" } }), []);
  });
});

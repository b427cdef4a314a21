import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { duplicateSecrets } from "../components/cluster/secrets/secret-names.ts";
import type { SettingError } from "../components/settings/errors.ts";
import { parseConfig } from "../components/settings/parse.ts";
import { settingsOf } from "../components/settings/settings.ts";
import type { Config } from "./support/declare.ts";
import { declare, secretsFor, smallConfig, smallProject } from "./support/declare.ts";

const login = { host: "registry.example:5000", namespace: "team", username: "builder" };

/** A stack with one project, with changes of both. */
function stackOf(project: Config, stack: Config = {}): Config {
  const config = { ...smallConfig(stack), projects: { shop: { ...smallProject(), ...project } } };
  return { ...config, secrets: secretsFor(config) };
}

function errorsOf(config: Config): SettingError[] {
  const { settings, errors } = parseConfig(config);
  assert.deepEqual(errors, []);
  assert.ok(settings !== undefined);
  return duplicateSecrets(settingsOf(settings, "test"));
}

describe("two Secrets with the same name and namespace", () => {
  it("are refused with both keys of the stack file", () => {
    const config = stackOf(
      { buildSecret: "regcred", repositories: [{ name: "web", secrets: ["TOKEN"] }] },
      { registry: login },
    );
    assert.deepEqual(errorsOf(config), [
      {
        path: "projects.shop.buildSecret",
        value: "regcred",
        rule: "two Secrets in one namespace (ci) cannot have the same name; the first is registry.pullSecret",
        fix: "rename one of the two",
      },
    ]);
  });

  it("are found for every declared Secret, and only for those", () => {
    const secret = (name: string) => ({ secret: { name, keys: ["KEY"] } });
    const built = { repositories: [{ name: "web", secrets: ["TOKEN"] }] };
    const logs = { builds: { logs: { endpoint: "logs.example:9000", bucket: "logs" } } };
    const cases: [Config, string[]][] = [
      [stackOf({ ...secret("keys"), ...built, buildSecret: "keys" }), []],
      [stackOf({ buildSecret: "github-status" }), []],
      [stackOf({ ...built, buildSecret: "github-status" }), ['github.statuses = "github-status"']],
      [stackOf({ ...built, buildSecret: "build-logs" }), []],
      [stackOf({ ...built, buildSecret: "build-logs" }, logs), ['builds.logs = "build-logs"']],
      [stackOf({ ...built, buildSecret: "shop-clone" }), []],
      [
        stackOf({ ...built, buildSecret: "shop-clone", private: true }),
        ['projects.shop.private = "shop-clone"'],
      ],
      // The Image Updater's, which has no key in the stack file.
      [
        stackOf({ ...built, buildSecret: "image-updater-webhook" }),
        ['projects.shop.buildSecret = "image-updater-webhook"'],
      ],
      [stackOf(secret("regcred"), { registry: login }), ['projects.shop.secret.name = "regcred"']],
      [stackOf(secret("regcred")), []],
      // An external one.
      [
        stackOf(secret("regcred"), { registry: { namespace: "team", login: "external" } }),
        ['projects.shop.secret.name = "regcred"'],
      ],
      [stackOf(secret("regcred"), { registries: { "ghcr.io": { mirror: "mirror.example.com" } } }), []],
      // A Secret of Argo CD's chart.
      [
        stackOf({}, { registry: { ...login, pullSecret: "argocd-redis" } }),
        ['registry.pullSecret = "argocd-redis"'],
      ],
    ];
    for (const [config, errors] of cases) {
      const found = errorsOf(config).map(({ path, value }) => `${path} = ${JSON.stringify(value)}`);
      assert.deepEqual(found, errors);
    }
  });

  it("are a single one if two projects read the same cluster repository", async () => {
    const applications = (name: string) => [
      { name, repository: "shared-cluster", access: "token", path: `k8s/${name}`, images: [] },
    ];
    const of = (name: string): Config => ({
      ...smallProject(),
      webhook: { url: `https://ci.example/${name}` },
      repositories: [name],
      applications: applications(name),
    });
    const config = smallConfig({ projects: { api: of("api"), web: of("web") } });
    const { declared } = await declare(config);
    const names = declared.filter(({ type }) => type === "kubernetes:core/v1:Secret").map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => name.endsWith("-repository")),
      ["argocd/shared-cluster-repository"],
    );
  });
});

/** The logins of registries in each namespace, and other objects that depend on registries and mirrors. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { Config } from "./support/declare.ts";
import { declare, declaredFiles, secretsFor, smallConfig, smallProject } from "./support/declare.ts";

const [application] = smallProject().applications;
const projects = {
  shop: {
    ...smallProject(),
    repositories: ["web", { name: "api", builder: "buildkit" }],
    applications: [application, { ...application, name: "shop-next", namespace: "next" }],
  },
};

function config(differences: Config, passwords: readonly string[] = []): Config {
  const registries = Object.fromEntries(passwords.map((host) => [host, `password of ${host}`]));
  const whole = smallConfig({ projects, ...differences });
  return { ...whole, secrets: { ...secretsFor(whole), registries } };
}

/** The hosts in the login Secret of each namespace. */
async function logins(of: Config): Promise<Record<string, string[]>> {
  const { declared } = await declare(of);
  const found = declared.filter(({ name }) => name.endsWith("/regcred"));
  return Object.fromEntries(
    found.map(({ name, inputs }) => [name.split("/")[0] ?? "", hostsOf(inputs["stringData"])]),
  );
}

function hostsOf(data: unknown): string[] {
  assert.ok(pulumi.runtime.isRpcSecret(data), "is a secret");
  const { ".dockerconfigjson": text } = pulumi.runtime.unwrapRpcSecret(data) as Record<string, string>;
  const { auths } = JSON.parse(text ?? "") as { auths: Record<string, { auth: string; password: string }> };
  for (const { auth, password } of Object.values(auths)) {
    assert.match(password, /^(password of |secret password of the registry$)/);
    assert.ok(Buffer.from(auth, "base64").toString().endsWith(`:${password}`));
  }
  return Object.keys(auths);
}

const robot = { host: "registry.example:5000", namespace: "team", username: "robot" };
const others = {
  "ghcr.io": { username: "puller" },
  "docker.io": { username: "puller", applications: true },
  "quay.io": { mirror: "mirror.example.com" },
};
const hub = ["https://index.docker.io/v1/", "https://registry-1.docker.io"];

describe("the logins of registries", () => {
  it("are where they are needed: all for builds, the registry's elsewhere, others if configured", async () => {
    const all = ["registry.example:5000", ...hub, "ghcr.io"];
    assert.deepEqual(
      await logins(config({ registry: robot, registries: others }, ["docker.io", "ghcr.io"])),
      {
        argocd: ["registry.example:5000"],
        ci: all,
        "ci-buildkit": all,
        default: ["registry.example:5000", ...hub],
        next: ["registry.example:5000", ...hub],
      },
    );
  });

  it("are only those of other registries if the stack's registry has none", async () => {
    const registries = { "ghcr.io": { username: "puller" } };
    const of = config({ registries }, ["ghcr.io"]);
    assert.deepEqual(await logins(of), { ci: ["ghcr.io"], "ci-buildkit": ["ghcr.io"] });
    const files = await declaredFiles(of);
    assert.match(files.get("ci/WorkflowTemplate-web.yaml") ?? "", /imagePullSecrets:\n +- name: regcred\n/);
    assert.doesNotMatch(files.get("_releases/argocd-image-updater.yaml") ?? "", /pullsecret/);
  });

  it("are referenced but not created if they are external", async () => {
    const files = await declaredFiles(config({ registry: { namespace: "team", login: "external" } }));
    assert.deepEqual(
      [...files.keys()].filter((path) => path.includes("regcred")),
      [],
    );
    for (const name of ["ci/WorkflowTemplate-web.yaml", "ci-buildkit/WorkflowTemplate-api.yaml"])
      assert.match(files.get(name) ?? "", /secretName: regcred/);
    const { values } = parse(files.get("_releases/argocd-image-updater.yaml") ?? "") as {
      values: { config: { registries: object[] } };
    };
    assert.deepEqual(values.config.registries, [
      {
        name: "Docker Hub",
        prefix: "docker.io",
        api_url: "https://registry-1.docker.io",
        default: true,
        defaultns: "library",
        credentials: "pullsecret:argocd/regcred",
        credsexpire: "10m",
      },
    ]);
  });

  it("have the same order, independent of the engine's", async () => {
    const reversed = Object.fromEntries(Object.entries(others).reverse());
    const [one, other] = [others, reversed].map((registries) =>
      config({ registry: robot, registries }, ["docker.io", "ghcr.io"]),
    );
    assert.deepEqual(await declaredFiles(one ?? {}), await declaredFiles(other ?? {}));
  });
});

describe("the settings of BuildKit's daemon", () => {
  const registries = { "docker.io": { mirror: "mirror.example.com" } };

  it("are in the namespace of its builds, if there are any", async () => {
    const files = await declaredFiles(config({ registries }));
    const { data } = parse(files.get("ci-buildkit/ConfigMap-buildkitd.yaml") ?? "") as { data: object };
    assert.deepEqual(data, {
      "buildkitd.toml": [
        '[registry."registry.example:5000"]',
        'mirrors = ["127.0.0.1:5500"]',
        '[registry."127.0.0.1:5500"]',
        "http = true",
        "",
        '[registry."docker.io"]',
        'mirrors = ["127.0.0.1:5502","127.0.0.1:5501"]',
        '[registry."127.0.0.1:5501"]',
        "http = true",
        "",
        '[registry."mirror.example.com"]',
        'mirrors = ["127.0.0.1:5502"]',
        '[registry."127.0.0.1:5502"]',
        "http = true",
        "",
      ].join("\n"),
    });
    const kaniko = await declaredFiles(smallConfig({ registries }));
    const paths = [...files.keys(), ...kaniko.keys()].filter((path) => path.includes("buildkitd"));
    assert.deepEqual(paths, ["ci-buildkit/ConfigMap-buildkitd.yaml"]);
  });
});

describe("the images of a private project on Docker Hub", () => {
  const registry = { namespace: "team", username: "robot" };
  const closed = { shop: { ...projects.shop, private: true } };
  const open = {
    open: {
      ...smallProject(),
      webhook: { url: "https://ci.example/open" },
      repositories: ["site"],
      applications: [],
    },
  };
  const about = async (differences: Config) => {
    const { warnings } = await declare(
      config({ registry, projects: { ...closed, ...open }, ...differences }),
    );
    return warnings.filter((text) => text.includes("Docker Hub"));
  };

  it("cause a warning that names the caches", async () => {
    assert.deepEqual(await about({}), [
      "The first build creates the repositories that Docker Hub does not have yet, with the account's default privacy, which is public " +
        "unless you changed it. These will contain layers of private repositories: team/web-cache, team/api-cache. " +
        "Create them as private on Docker Hub beforehand, or turn the cache off (docs/registries.md).",
    ]);
  });

  it("cause no warning if projects are public, the cache is off or elsewhere, or the registry is another", async () => {
    for (const differences of [
      { projects },
      { builds: { cache: { enabled: false } } },
      { builds: { cache: { repository: "ghcr.io/team/cache" } } },
      { registry: { ...registry, host: "ghcr.io" } },
    ]) {
      assert.deepEqual(await about(differences), []);
    }
  });
});

/** How the containers of a step reach registries, git and GitHub: mirrors, private certificate authorities, a proxy. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildkitdSettings } from "../../components/builds/builders/buildkitd.ts";
import { logRepository } from "../../components/builds/log-repository.ts";
import type { Container } from "../../components/kinds/kubernetes.ts";
import { variableName } from "../../components/names.ts";
import { label, named } from "../support/builders.ts";
import { deliveredToOne } from "../support/steps.ts";
import { command, step, template } from "../support/build-template.ts";

const registries = [
  { host: "docker.io", mirror: "mirror.example.com/hub", insecure: false },
  { host: "ghcr.io", mirror: "mirror.example.com/ghcr", insecure: false },
  { host: "mirror.example.com", insecure: true },
  { host: "quay.io", insecure: false },
] as const;
const network = {
  ca: "certificates",
  proxy: {
    http: "http://a.example.com",
    https: "http://b.example.com",
    noProxy: ["c.example.com", "10.0.0.0/8"],
  },
};
const direct = "localhost,127.0.0.1,.svc,.cluster.local,$(KUBERNETES_SERVICE_HOST),c.example.com,10.0.0.0/8";
const proxy = {
  HTTP_PROXY: "http://a.example.com",
  http_proxy: "http://a.example.com",
  HTTPS_PROXY: "http://b.example.com",
  https_proxy: "http://b.example.com",
  NO_PROXY: direct,
  no_proxy: direct,
};
const folder = "/kaniko/argo-cicd/authorities";
const volume = {
  name: "certificate-authorities",
  configMap: { name: "certificate-authorities", defaultMode: 0o444 },
};
const mount = { name: "certificate-authorities", mountPath: folder, readOnly: true };

/** The variables and mounts that the setting `network` adds to a container. */
function added(container: Container, plain: Container) {
  const before = new Set(plain.env.map((one) => JSON.stringify(one)));
  const mounts = new Set(plain.volumeMounts.map(({ name }) => name));
  return {
    env: Object.fromEntries(
      container.env.flatMap((one) =>
        before.has(JSON.stringify(one)) || !("value" in one) ? [] : [[one.name, one.value]],
      ),
    ),
    mounts: container.volumeMounts.filter(({ name }) => !mounts.has(name)),
  };
}

describe("the registries of a builder", () => {
  it("are reached by Kaniko through the proxy: mirrors first, and Docker Hub by its own flag", () => {
    const { args = [] } = step("build", {}, { registries }).container;
    assert.deepEqual(
      args.filter((one) => /registry|destination|cache-repo/.test(one)),
      [
        "--destination=127.0.0.1:5500/team/web:release-1.x-{sha7}",
        "--registry-mirror=127.0.0.1:5502/hub",
        "--registry-mirror=127.0.0.1:5500",
        "--registry-map=ghcr.io=127.0.0.1:5502/ghcr",
        "--registry-map=ghcr.io=127.0.0.1:5501",
        "--registry-map=mirror.example.com=127.0.0.1:5502",
        "--registry-map=quay.io=127.0.0.1:5503",
        "--skip-default-registry-fallback",
        "--cache-repo=127.0.0.1:5500/team/web-cache",
      ],
    );
  });

  it("are reached by BuildKit through the settings of its daemon", () => {
    assert.equal(
      buildkitdSettings([registries[0], registries[2]]),
      [
        '[registry."docker.io"]',
        'mirrors = ["127.0.0.1:5501/hub","127.0.0.1:5500"]',
        '[registry."127.0.0.1:5500"]',
        "http = true",
        "",
        '[registry."mirror.example.com"]',
        'mirrors = ["127.0.0.1:5501"]',
        '[registry."127.0.0.1:5501"]',
        "http = true",
        "",
      ].join("\n"),
    );
  });

  it("of the image and of a cache elsewhere are reached through the proxy, which has the logins", () => {
    const own = [{ host: "registry:5000", insecure: true }, ...registries] as const;
    const cache = { repository: "quay.io/team/cache", lifetime: 86400 };
    const { container, initContainers = [] } = step(
      "build",
      { image: "registry:5000/team/web", cache },
      { registries: own },
    );
    const beside = initContainers.at(-1);
    assert.ok(beside?.name === "registry");
    assert.deepEqual(command(beside).env, {
      HOME: "/tmp",
      RESULTS: "/kaniko/argo-cicd/results",
      COMMIT_TAG: "release-1.x-{sha7}",
      DOCKER_CONFIG: "/registry-login",
      REGISTRIES: "registry:5000 docker.io ghcr.io mirror.example.com quay.io",
      INSECURE_REGISTRIES: "registry:5000 mirror.example.com",
      FIRST_PORT: "5500",
      IMAGE_REGISTRY: "registry:5000",
      IMAGE_PATH: "team/web",
      CACHE_REGISTRY: "quay.io",
      CACHE_PATH: "team/cache",
    });
    assert.ok(container.args?.includes("--destination=127.0.0.1:5500/team/web:release-1.x-{sha7}"));
    assert.ok(container.args?.includes("--cache-repo=127.0.0.1:5504/team/cache"));
  });

  it("get no login from the builder's container, whichever the builder", () => {
    for (const builder of ["kaniko", "buildkit"] as const) {
      const { container, volumes } = step("build", { builder });
      const logins = volumes.filter((one) => "secret" in one && one.secret.secretName === "regcred");
      assert.deepEqual(
        logins.map(({ name }) => name),
        ["registry-login"],
      );
      const mounted = container.volumeMounts.map(({ name }) => name);
      assert.ok(!mounted.includes("registry-login"));
      assert.ok(!container.env.some(({ name }) => name === "DOCKER_CONFIG"));
    }
  });
});

describe("the proxy and the authorities", () => {
  it("are in every container, in the variables that its program reads", () => {
    const environment = { delivered: deliveredToOne, scan: { mode: "warn", severity: "HIGH" } } as const;
    const plain = template({}, environment).templates;
    const found = template({}, { ...environment, network }).templates.flatMap((one, index) => {
      const before = plain[index];
      if (!("container" in one) || before === undefined || !("container" in before)) return [];
      assert.deepEqual(
        one.volumes.filter(({ name }) => name === volume.name),
        [volume],
        one.name,
      );
      const all = (of: typeof one) => [...(of.initContainers ?? []), of.container];
      return all(one).map((container, position) => ({
        at: `${one.name} ${position.toString()}`,
        isNode: container.image.includes("node:"),
        isKaniko: container.image.includes("kaniko"),
        ...added(container, all(before)[position] ?? container),
      }));
    });
    assert.equal(found.length, 12);
    for (const { at, isNode, isKaniko, env, mounts } of found) {
      const ofProgram = isNode
        ? { NODE_USE_ENV_PROXY: "1", NODE_EXTRA_CA_CERTS: `${folder}/ca.crt` }
        : isKaniko
          ? { SSL_CERT_DIR: `/kaniko/ssl/certs:${folder}` }
          : { CA_FILE: `${folder}/ca.crt`, SSL_CERT_DIR: folder };
      assert.deepEqual({ env, mounts }, { env: { ...proxy, ...ofProgram }, mounts: [mount] }, at);
    }
  });

  it("are in BuildKit's container, and RUN gets the proxy with both builders", () => {
    const buildArgs = [named(variableName, "API_URL")];
    const differences = { builder: "buildkit" as const, buildArgs };
    const buildkit = step("build", differences, { network }).container;
    assert.deepEqual(added(buildkit, step("build", differences).container), {
      env: { ...proxy, SSL_CERT_DIR: folder },
      mounts: [mount],
    });
    const names = Object.keys(proxy);
    assert.deepEqual(
      buildkit.args?.filter((one) => one.startsWith("--opt=build-arg:")),
      ["API_URL", ...names].map((name) => `--opt=build-arg:${name}={env:${name}}`),
    );
    const kaniko = step("build", {}, { network }).container;
    assert.deepEqual(
      kaniko.args?.filter((one) => one.startsWith("--build-arg")),
      names.map((name) => `--build-arg=${name}`),
    );
  });

  it("may be set without the other, and a proxy for one scheme only", () => {
    const { env } = command(
      step("begin", {}, { network: { proxy: { https: "http://b.example.com", noProxy: [] } } }).container,
    );
    const inside = direct.replace(",c.example.com,10.0.0.0/8", "");
    assert.deepEqual(
      Object.entries(env).filter(([name]) => /proxy|CA/i.test(name)),
      [
        ["HTTPS_PROXY", "http://b.example.com"],
        ["https_proxy", "http://b.example.com"],
        ["NO_PROXY", inside],
        ["no_proxy", inside],
        ["NODE_USE_ENV_PROXY", "1"],
      ],
    );
    const { env: ofCa } = command(step("begin", {}, { network: { ca: "certificates" } }).container);
    assert.deepEqual(
      Object.keys(ofCa).filter((name) => /proxy|CA/i.test(name)),
      ["NODE_EXTRA_CA_CERTS"],
    );
  });

  it("apply to an object store whose certificate is from a private authority", () => {
    const { s3 } = logRepository({
      ...{ endpoint: "s3.example", bucket: "logs", region: undefined, insecure: false },
      ...{ privateCa: true, secret: label("build-logs") },
    });
    const { caSecret } = (JSON.parse(s3) as { s3: { caSecret: object } }).s3;
    assert.deepEqual(caSecret, { name: "build-logs", key: "ca.crt" });
  });
});

describe("the images of the steps", () => {
  it("are pulled with the logins of builds, if there are any", () => {
    assert.deepEqual(template().imagePullSecrets, [{ name: "regcred" }]);
    assert.equal("imagePullSecrets" in template({}, { pullSecret: undefined }), false);
  });
});

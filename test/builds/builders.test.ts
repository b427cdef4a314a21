import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { images } from "../../components/builds/images.ts";
import { logRepository } from "../../components/builds/log-repository.ts";
import { parameter } from "../../components/builds/steps/step.ts";
import { variableName } from "../../components/names.ts";
import { stageName } from "../../components/names.ts";
import { label, named } from "../support/builders.ts";
import type { Given } from "../support/build-template.ts";
import { command, confined, retryStrategy, step } from "../support/build-template.ts";

const short = "{sha7}";
const url = "https://github.com/acme/web.git";

/** What every builder mounts. */
const shared = [
  { name: "workspace", mountPath: "/kaniko/argo-cicd/workspace" },
  { name: "scripts", mountPath: "/kaniko/argo-cicd/scripts", readOnly: true },
  { name: "results", mountPath: "/kaniko/argo-cicd/results", readOnly: true },
  { name: "no-account", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true },
];
const withoutToken = shared.at(-1);

const asDocker = [
  "FF_KANIKO_COPY_AS_ROOT",
  "FF_KANIKO_COPY_CHMOD_ON_IMPLICIT_DIRS",
  "FF_KANIKO_CHOWN_ON_IMPLICIT_DIRS",
  "FF_KANIKO_EXPAND_HEREDOC",
  "FF_KANIKO_RUN_HONOR_GROUP",
  "FF_KANIKO_UNTAR_SKIP_ROOT",
  "FF_KANIKO_RESOLVE_CACHE_KEY",
  "FF_KANIKO_ROLLING_CACHE_KEY",
  "FF_KANIKO_HASH_DIR_FRAMING",
  "FF_KANIKO_SCOPED_DOCKERIGNORE",
  "FF_KANIKO_SKIP_WRITE_WHITEOUTS",
].map((name) => ({ name, value: "true" }));

/** The mounts, resources and security of the containers with the registry's login. */
const asksRegistry = {
  volumeMounts: [
    { name: "scripts", mountPath: "/kaniko/argo-cicd/scripts", readOnly: true },
    { name: "results", mountPath: "/kaniko/argo-cicd/results" },
    { name: "temporary", mountPath: "/tmp" },
    { name: "registry-login", mountPath: "/registry-login", readOnly: true },
    withoutToken,
  ],
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
  securityContext: confined,
  terminationMessagePolicy: "FallbackToLogsOnError",
};

describe("the build step", () => {
  it("checks out the commit and builds it with Kaniko, in one pod", () => {
    assert.deepEqual(step("build"), {
      name: "build",
      outputs: {
        parameters: ["commit", "digest"].map((name) => ({
          name,
          valueFrom: { path: `/kaniko/argo-cicd/results/${name}` },
        })),
      },
      activeDeadlineSeconds: 3600,
      retryStrategy,
      synchronization: {
        semaphores: [{ namespace: "ci", configMapKeyRef: { name: "build-limits", key: "builds" } }],
      },
      volumes: [
        { name: "workspace", emptyDir: {} },
        { name: "scripts", configMap: { name: "build-scripts", defaultMode: 0o555 } },
        { name: "results", emptyDir: { sizeLimit: "16Mi" } },
        { name: "temporary", emptyDir: { sizeLimit: "1Gi" } },
        { name: "no-account", emptyDir: {} },
        {
          name: "registry-login",
          secret: { secretName: "regcred", items: [{ key: ".dockerconfigjson", path: "config.json" }] },
        },
      ],
      initContainers: [
        {
          name: "checkout",
          image: images.git,
          command: [
            "/bin/sh",
            "-c",
            "exec 2>&1; sh /kaniko/argo-cicd/scripts/tip.sh && sh /kaniko/argo-cicd/scripts/checkout.sh" +
              " && sh /kaniko/argo-cicd/scripts/kaniko-check.sh",
          ],
          workingDir: "/kaniko/argo-cicd/workspace",
          env: [
            { name: "HOME", value: "/tmp" },
            { name: "RESULTS", value: "/kaniko/argo-cicd/results" },
            { name: "REPOSITORY_URL", value: url },
            { name: "TOKEN_FILE", value: "" },
            { name: "BRANCH", value: "release/1.x" },
            { name: "GIT_TAG", value: parameter.tag },
            { name: "COMMIT", value: parameter.commit },
            { name: "DOCKERFILE", value: "Dockerfile" },
            { name: "CONTEXT", value: "." },
            { name: "SUBMODULES", value: "false" },
            { name: "LFS", value: "" },
          ],
          volumeMounts: [
            { name: "scripts", mountPath: "/kaniko/argo-cicd/scripts", readOnly: true },
            { name: "results", mountPath: "/kaniko/argo-cicd/results" },
            { name: "temporary", mountPath: "/tmp" },
            { name: "workspace", mountPath: "/kaniko/argo-cicd/workspace" },
            withoutToken,
          ],
          resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "1Gi" } },
          securityContext: confined,
          terminationMessagePolicy: "FallbackToLogsOnError",
        },
        {
          name: "find",
          image: images.crane,
          command: ["/busybox/sh", "-c", "exec 2>&1; sh /kaniko/argo-cicd/scripts/find.sh"],
          env: [
            { name: "HOME", value: "/tmp" },
            { name: "RESULTS", value: "/kaniko/argo-cicd/results" },
            { name: "PATH", value: "/ko-app:/busybox" },
            { name: "IMAGE", value: "team/web" },
            { name: "COMMIT_TAG", value: "release-1.x-{sha7}" },
            { name: "INSECURE", value: "false" },
            { name: "DOCKER_CONFIG", value: "/registry-login" },
            {
              name: "REBUILD",
              value:
                "{{=workflow.parameters.rebuild matches '^(true|false)$' ? workflow.parameters.rebuild : 'false'}}",
            },
          ],
          ...asksRegistry,
        },
        {
          name: "registry",
          image: images.node,
          command: ["/bin/sh", "-c", "exec 2>&1; exec node /kaniko/argo-cicd/scripts/registry-proxy.ts"],
          env: [
            { name: "HOME", value: "/tmp" },
            { name: "RESULTS", value: "/kaniko/argo-cicd/results" },
            { name: "COMMIT_TAG", value: "release-1.x-{sha7}" },
            { name: "DOCKER_CONFIG", value: "/registry-login" },
            { name: "REGISTRIES", value: "docker.io" },
            { name: "INSECURE_REGISTRIES", value: "" },
            { name: "FIRST_PORT", value: "5500" },
            { name: "IMAGE_REGISTRY", value: "docker.io" },
            { name: "IMAGE_PATH", value: "team/web" },
            { name: "CACHE_REGISTRY", value: "docker.io" },
            { name: "CACHE_PATH", value: "team/web-cache" },
          ],
          ...asksRegistry,
          restartPolicy: "Always",
        },
      ],
      container: {
        image: images.kaniko,
        command: [
          ...["/busybox/sh", "/kaniko/argo-cicd/scripts/build.sh"],
          ...["/busybox/sh", "/kaniko/argo-cicd/scripts/kaniko.sh", "/kaniko/executor"],
        ],
        args: [
          "--context=dir:///kaniko/argo-cicd/workspace",
          "--dockerfile=/kaniko/argo-cicd/workspace/Dockerfile",
          "--label=org.opencontainers.image.created={{workflow.creationTimestamp}}",
          "--label=org.opencontainers.image.revision={commit}",
          "--label=org.opencontainers.image.source=https://github.com/acme/web",
          `--destination=127.0.0.1:5500/team/web:release-1.x-${short}`,
          "--registry-mirror=127.0.0.1:5500",
          "--skip-default-registry-fallback",
          "--cache=true",
          "--cache-repo=127.0.0.1:5500/team/web-cache",
          "--cache-ttl=1209600s",
          "--image-download-retry=5",
          "--image-fs-extract-retry=5",
          "--push-retry=5",
        ],
        env: [{ name: "RESULTS", value: "/kaniko/argo-cicd/results" }, ...asDocker],
        volumeMounts: shared,
        resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "2Gi" } },
        securityContext: {
          runAsUser: 0,
          allowPrivilegeEscalation: true,
          capabilities: {
            drop: ["ALL"],
            add: [
              ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"],
              ...["NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
            ],
          },
          seccompProfile: { type: "RuntimeDefault" },
        },
        terminationMessagePolicy: "FallbackToLogsOnError",
      },
    });
  });

  it("gives Kaniko build arguments by name, and their values from the Secret", () => {
    const buildArgs = [named(variableName, "API_URL")];
    const { args, env } = step("build", { buildArgs }).container;
    assert.ok(args?.includes("--build-arg=API_URL"));
    assert.deepEqual(env, [
      { name: "RESULTS", value: "/kaniko/argo-cicd/results" },
      ...asDocker,
      { name: "API_URL", valueFrom: { secretKeyRef: { name: "shop-build", key: "API_URL" } } },
    ]);
  });

  for (const builder of ["kaniko", "buildkit"] as const) {
    it(`gives ${builder} secrets as files that only a RUN of the Dockerfile sees`, () => {
      const { container, volumes } = step("build", { builder, secrets: [named(variableName, "NPM_TOKEN")] });
      assert.ok(container.args?.includes("--secret=id=NPM_TOKEN,src=/kaniko/argo-cicd/secrets/NPM_TOKEN"));
      assert.ok(!JSON.stringify(container.env).includes("NPM_TOKEN"));
      assert.deepEqual(
        volumes.find(({ name }) => name === "build-secrets"),
        {
          name: "build-secrets",
          secret: { secretName: "shop-build", items: [{ key: "NPM_TOKEN", path: "NPM_TOKEN" }] },
        },
      );
      assert.deepEqual(
        container.volumeMounts.find(({ name }) => name === "build-secrets"),
        { name: "build-secrets", mountPath: "/kaniko/argo-cicd/secrets", readOnly: true },
      );
    });
  }

  it("gives the token of a private repository to git only", () => {
    const { container, initContainers, volumes } = step("build", {}, { cloneToken: label("shop-clone") });
    const mount = { name: "clone-token", mountPath: "/clone-token", readOnly: true };
    assert.deepEqual(initContainers?.[0]?.volumeMounts.at(-2), mount);
    assert.equal(command(initContainers[0]).env["TOKEN_FILE"], "/clone-token/token");
    assert.ok(!container.volumeMounts.some(({ name }) => name === mount.name));
    assert.ok(volumes.some(({ name }) => name === mount.name));
  });

  it("passes the context, and the options of Git LFS and submodules, to the checkout", () => {
    const checkoutOptions = (...given: Given) => {
      const [checkout] = step("build", ...given).initContainers ?? [];
      assert.ok(checkout !== undefined);
      const { CONTEXT, LFS, SUBMODULES } = command(checkout).env;
      return [CONTEXT, LFS, SUBMODULES];
    };
    assert.deepEqual(checkoutOptions({ context: "web", lfs: true, submodules: true }), [
      "web",
      "true",
      "true",
    ]);
    assert.deepEqual(checkoutOptions({ lfs: false }), [".", "false", "false"]);
  });

  it("uses no layer cache if the repository has none", () => {
    assert.ok(!step("build", { cache: undefined }).container.args?.some((one) => one.startsWith("--cache")));
  });

  it("builds the folder, Dockerfile and stage that the repository sets", () => {
    const { args } = step("build", {
      context: "services/web",
      dockerfile: "docker/prod",
      target: named(stageName, "runtime"),
    }).container;
    assert.deepEqual(args?.slice(0, 3), [
      "--context=dir:///kaniko/argo-cicd/workspace/services/web",
      "--dockerfile=/kaniko/argo-cicd/workspace/services/web/docker/prod",
      "--target=runtime",
    ]);
  });

  it("uses plain HTTP for a registry that is listed as insecure, and needs no login there", () => {
    const registries = [{ host: "registry:5000", insecure: true }] as const;
    const repository = { image: "registry:5000/web", cache: undefined };
    const environment = { pullSecret: undefined, registries };
    const { container, initContainers = [], volumes } = step("build", repository, environment);
    assert.ok(container.args?.includes("--registry-map=registry:5000=127.0.0.1:5500"));
    assert.deepEqual(
      volumes.map(({ name }) => name),
      ["workspace", "scripts", "results", "temporary", "no-account"],
    );
    assert.equal(command(initContainers[2] ?? container).env["INSECURE_REGISTRIES"], "registry:5000");
    assert.equal(
      command(step("publish", repository, environment).initContainers?.[1] ?? container).env["INSECURE"],
      "true",
    );
  });

  it("builds with rootless BuildKit if the repository chooses it", () => {
    const buildArgs = [named(variableName, "API_URL")];
    const cache = "type=registry,ref=127.0.0.1:5500/team/web-cache:buildkit";
    assert.deepEqual(
      step("build", { builder: "buildkit", buildArgs, target: named(stageName, "runtime") }).container,
      {
        image: images.buildkit,
        command: ["/bin/sh", "/kaniko/argo-cicd/scripts/build.sh", "buildctl-daemonless.sh"],
        args: [
          "build",
          "--frontend=dockerfile.v0",
          "--local=context=/kaniko/argo-cicd/workspace",
          "--local=dockerfile=/kaniko/argo-cicd/workspace",
          "--opt=filename=Dockerfile",
          "--opt=target=runtime",
          "--opt=build-arg:API_URL={env:API_URL}",
          "--opt=label:org.opencontainers.image.created={{workflow.creationTimestamp}}",
          "--opt=label:org.opencontainers.image.revision={commit}",
          "--opt=label:org.opencontainers.image.source=https://github.com/acme/web",
          `--output=type=image,name=127.0.0.1:5500/team/web:release-1.x-${short},push=true`,
          `--import-cache=${cache}`,
          `--export-cache=${cache},mode=max,ignore-error=true`,
        ],
        env: [
          { name: "RESULTS", value: "/kaniko/argo-cicd/results" },
          {
            name: "BUILDKITD_FLAGS",
            value: "--oci-worker-no-process-sandbox --config=/kaniko/argo-cicd/buildkitd/buildkitd.toml",
          },
          { name: "API_URL", valueFrom: { secretKeyRef: { name: "shop-build", key: "API_URL" } } },
        ],
        volumeMounts: [
          ...shared,
          { name: "buildkit", mountPath: "/home/user/.local/share/buildkit" },
          { name: "buildkitd", mountPath: "/kaniko/argo-cicd/buildkitd", readOnly: true },
        ],
        resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "2Gi" } },
        securityContext: {
          runAsUser: 1000,
          runAsGroup: 1000,
          seccompProfile: { type: "Unconfined" },
          appArmorProfile: { type: "Unconfined" },
        },
        terminationMessagePolicy: "FallbackToLogsOnError",
      },
    );
  });
});

describe("the object store of logs", () => {
  it("is an artifact repository with its keys in a Secret", () => {
    const { s3 } = logRepository({
      endpoint: "ceph.example:8080",
      bucket: "build-logs",
      region: undefined,
      insecure: true,
      privateCa: false,
      secret: label("build-logs"),
    });
    assert.deepEqual(JSON.parse(s3), {
      archiveLogs: true,
      s3: {
        endpoint: "ceph.example:8080",
        bucket: "build-logs",
        insecure: true,
        keyFormat: "{{workflow.namespace}}/{{workflow.name}}/{{pod.name}}",
        accessKeySecret: { name: "build-logs", key: "accessKey" },
        secretKeySecret: { name: "build-logs", key: "secretKey" },
      },
    });
  });

  it("has a region if the stack sets one", () => {
    const { s3 } = logRepository({
      endpoint: "s3.example",
      bucket: "build-logs",
      region: "ap-northeast-2",
      insecure: false,
      privateCa: false,
      secret: label("build-logs"),
    });
    const { region, insecure } = (JSON.parse(s3) as { s3: { region?: string; insecure: boolean } }).s3;
    assert.deepEqual([region, insecure], ["ap-northeast-2", false]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BuiltRepository } from "../../components/manifests/types/build.ts";
import { workflowTemplate } from "../../components/manifests/workflow-template.ts";
import { variableName } from "../../components/names.ts";
import { branch, label, named, repository } from "../support/builders.ts";

function template(differences: Partial<BuiltRepository> = {}, login = true, insecureRegistry?: string) {
  return workflowTemplate({
    project: label("shop"),
    branch: branch("release/1.x"),
    repository: repository(differences),
    serviceAccount: label("build"),
    scripts: label("build-scripts"),
    buildSecret: label("shop-build"),
    pullSecret: login ? label("regcred") : undefined,
    insecureRegistry,
    images: { git: "git:1", kaniko: "kaniko:1", buildkit: "buildkit:1" },
    keep: 345600,
  });
}

function container(differences: Partial<BuiltRepository> = {}, login = true, insecureRegistry?: string) {
  const [step] = template(differences, login, insecureRegistry).templates;
  assert.ok(step !== undefined);
  return step.container;
}

const short = "{{=workflow.parameters.commit[0:7]}}";

describe("a WorkflowTemplate", () => {
  it("checks out the commit and builds it with Kaniko, in one pod", () => {
    assert.deepEqual(template(), {
      entrypoint: "build",
      serviceAccountName: "build",
      arguments: { parameters: [{ name: "commit", description: "The full commit to build." }] },
      activeDeadlineSeconds: 3600,
      ttlStrategy: { secondsAfterCompletion: 345600 },
      podGC: { strategy: "OnPodSuccess" },
      workflowMetadata: {
        labels: {
          "argo-cicd/project": "shop",
          "argo-cicd/repository": "web",
          "argo-cicd/branch": "release-1.x",
        },
        labelsFrom: { "argo-cicd/commit": { expression: "workflow.parameters.commit" } },
      },
      templates: [
        {
          name: "build",
          volumes: [
            { name: "workspace", emptyDir: {} },
            { name: "scripts", configMap: { name: "build-scripts" } },
            {
              name: "registry-login",
              secret: { secretName: "regcred", items: [{ key: ".dockerconfigjson", path: "config.json" }] },
            },
          ],
          initContainers: [
            {
              name: "checkout",
              image: "git:1",
              command: ["/bin/sh", "/scripts/checkout.sh"],
              workingDir: "/workspace",
              env: [
                { name: "REPOSITORY_URL", value: "https://github.com/acme/web.git" },
                { name: "COMMIT", value: "{{workflow.parameters.commit}}" },
                { name: "HOME", value: "/tmp" },
              ],
              volumeMounts: [
                { name: "workspace", mountPath: "/workspace" },
                { name: "scripts", mountPath: "/scripts", readOnly: true },
              ],
              resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "1Gi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                runAsNonRoot: true,
                runAsUser: 1000,
                seccompProfile: { type: "RuntimeDefault" },
              },
            },
          ],
          container: {
            image: "kaniko:1",
            command: ["/kaniko/executor"],
            args: [
              "--context=dir:///workspace",
              "--dockerfile=Dockerfile",
              "--label=org.opencontainers.image.revision={{workflow.parameters.commit}}",
              "--label=org.opencontainers.image.source=https://github.com/acme/web",
              `--destination=team/web:release-1.x-${short}`,
              "--destination=team/web:release-1.x",
              "--destination=team/web:latest",
              "--image-download-retry=3",
              "--push-retry=3",
            ],
            env: [{ name: "DOCKER_CONFIG", value: "/kaniko/.docker" }],
            volumeMounts: [
              { name: "workspace", mountPath: "/workspace" },
              { name: "registry-login", mountPath: "/kaniko/.docker", readOnly: true },
            ],
            resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "2Gi" } },
            securityContext: {
              runAsUser: 0,
              allowPrivilegeEscalation: false,
              capabilities: {
                drop: ["ALL"],
                add: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETFCAP", "SETGID", "SETUID"],
              },
              seccompProfile: { type: "RuntimeDefault" },
            },
          },
        },
      ],
    });
  });

  it("gives Kaniko build arguments by name, and their values from the Secret", () => {
    const buildArgs = [named(variableName, "API_URL")];
    const { args, env } = container({ buildArgs });
    assert.ok(args?.includes("--build-arg=API_URL"));
    assert.deepEqual(env, [
      { name: "DOCKER_CONFIG", value: "/kaniko/.docker" },
      { name: "API_URL", valueFrom: { secretKeyRef: { name: "shop-build", key: "API_URL" } } },
    ]);
  });

  it("builds another folder, Dockerfile and stage where the repository says so", () => {
    const { args } = container({ context: "services/web", dockerfile: "docker/prod", target: "runtime" });
    assert.deepEqual(args?.slice(0, 3), [
      "--context=dir:///workspace/services/web",
      "--dockerfile=docker/prod",
      "--target=runtime",
    ]);
  });

  it("talks plain HTTP to a registry that is named so, and needs no login there", () => {
    const { args, volumeMounts } = container({}, false, "registry:5000");
    assert.ok(args?.includes("--insecure-registry=registry:5000"));
    assert.deepEqual(volumeMounts, [{ name: "workspace", mountPath: "/workspace" }]);
    assert.deepEqual(
      template({}, false).templates[0]?.volumes.map(({ name }) => name),
      ["workspace", "scripts"],
    );
  });

  it("builds with rootless BuildKit where the repository says so", () => {
    const buildArgs = [named(variableName, "API_URL")];
    assert.deepEqual(
      container({ builder: "buildkit", buildArgs, target: "runtime" }, true, "registry:5000"),
      {
        image: "buildkit:1",
        command: ["buildctl-daemonless.sh"],
        args: [
          "build",
          "--frontend=dockerfile.v0",
          "--local=context=/workspace",
          "--local=dockerfile=/workspace",
          "--opt=filename=Dockerfile",
          "--opt=target=runtime",
          "--opt=build-arg:API_URL=$(API_URL)",
          "--opt=label:org.opencontainers.image.revision={{workflow.parameters.commit}}",
          "--opt=label:org.opencontainers.image.source=https://github.com/acme/web",
          `--output=type=image,"name=team/web:release-1.x-${short},team/web:release-1.x,team/web:latest",push=true,registry.insecure=true`,
        ],
        env: [
          { name: "BUILDKITD_FLAGS", value: "--oci-worker-no-process-sandbox" },
          { name: "DOCKER_CONFIG", value: "/home/user/.docker" },
          { name: "API_URL", valueFrom: { secretKeyRef: { name: "shop-build", key: "API_URL" } } },
        ],
        volumeMounts: [
          { name: "workspace", mountPath: "/workspace" },
          { name: "buildkit", mountPath: "/home/user/.local/share/buildkit" },
          { name: "registry-login", mountPath: "/home/user/.docker", readOnly: true },
        ],
        resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { memory: "2Gi" } },
        securityContext: {
          runAsUser: 1000,
          runAsGroup: 1000,
          seccompProfile: { type: "Unconfined" },
          appArmorProfile: { type: "Unconfined" },
        },
      },
    );
  });
});

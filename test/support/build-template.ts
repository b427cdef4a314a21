/** A repository's WorkflowTemplate, and a look into its steps. */
import assert from "node:assert/strict";
import type { Build, BuiltRepository } from "../../components/manifests/types/build.ts";
import type { Container } from "../../components/manifests/types/kubernetes.ts";
import type { PodTemplate } from "../../components/manifests/types/workflows.ts";
import { workflowTemplate } from "../../components/manifests/workflow-template.ts";
import { branch, label, repository } from "./builders.ts";

const github = {
  secret: label("github-status"),
  api: "https://api.github.com",
  page: "https://workflows.example",
};
const statuses = { ...github, context: "argo-cicd/develop" };

export function template(differences: Partial<BuiltRepository> = {}, environment: Partial<Build> = {}) {
  return workflowTemplate({
    project: label("shop"),
    branch: branch("release/1.x"),
    repository: repository(differences),
    accounts: { report: label("build"), control: label("build-control"), live: label("build-live") },
    scripts: label("build-scripts"),
    buildSecret: label("shop-build"),
    cloneSecret: undefined,
    pullSecret: label("regcred"),
    insecureRegistry: undefined,
    limit: { namespace: label("ci"), name: label("build-limits"), key: "builds" },
    scan: { mode: "off", severity: "HIGH" },
    statuses,
    updater: { url: "http://updater:8080/webhook", secret: label("image-updater-webhook") },
    live: { timeLimit: 600, environment: "develop", deployments: github },
    logs: undefined,
    images: {
      git: "git:1",
      crane: "crane:1",
      curl: "curl:1",
      trivy: "trivy:1",
      yq: "yq:1",
      kaniko: "kaniko:1",
      buildkit: "buildkit:1",
    },
    keep: 345600,
    ...environment,
  });
}

export type Given = Parameters<typeof template>;

export function step(name: string, ...given: Given): PodTemplate {
  const found = template(...given).templates.find((one) => one.name === name);
  assert.ok(found !== undefined && "container" in found, name);
  return found;
}

export function names(...given: Given): string[] {
  return template(...given).templates.map(({ name }) => name);
}

/** What a container runs, and the variables that tell it what to do. */
export function command({ image, command: whole, env }: Container) {
  const told = env.flatMap((one) => ("value" in one ? [[one.name, one.value] as const] : []));
  const [, , script = ""] = whole;
  assert.match(script, /^exec 2>&1; /);
  return { image, script: script.replace("exec 2>&1; ", ""), env: Object.fromEntries(told) };
}

export const retryStrategy = { limit: 2, retryPolicy: "OnError", backoff: { duration: "5s", factor: 2 } };
export const confined = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: "RuntimeDefault" },
};

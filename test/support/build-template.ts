/** A repository's WorkflowTemplate, and access to its steps. */
import assert from "node:assert/strict";
import type { Build } from "../../components/builds/build.ts";
import type { AppTokens } from "../../components/settings/secret-values.ts";
import type { RepositorySettings } from "../../components/settings/resolve.ts";
import type { Container } from "../../components/kinds/kubernetes.ts";
import { lostPod } from "../../components/builds/programs/lost.ts";
import type { PodTemplate } from "../../components/kinds/workflows.ts";
import { workflowTemplate } from "../../components/builds/workflow-template.ts";
import { branch, label, repository } from "./builders.ts";

const github = {
  token: label("github-status"),
  api: "https://api.github.com",
  workflowsUrl: "https://workflows.example",
};
/** The GitHub App that issues the tokens for a repository's owner. */
export const app: AppTokens = { app: 271828, installation: 31415926, api: "https://api.github.com" };

const statuses = { ...github, context: "argo-cicd/develop" };

export function template(differences: Partial<RepositorySettings> = {}, environment: Partial<Build> = {}) {
  return workflowTemplate({
    project: label("shop"),
    branch: branch("release/1.x"),
    repository: repository(differences),
    namespace: label("ci"),
    buildSecret: label("shop-build"),
    cloneToken: undefined,
    pullSecret: label("regcred"),
    registries: [{ host: "docker.io", insecure: false }],
    network: {},
    limitNamespace: label("ci"),
    scan: { mode: "off", severity: "HIGH" },
    signing: { platform: "https://workflows.example", publicKeys: 1 },
    statuses,
    updaterUrl: "http://updater:8080/webhook",
    live: { timeLimit: 600, environment: "develop", deployments: github },
    keepLogs: false,
    delivered: undefined,
    notifications: undefined,
    keep: 345600,
    keepSucceeded: 86400,
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

/** What a container runs, and the variables that configure it. */
export function command({ image, command: whole, env }: Container) {
  const reported = env.flatMap((one) => ("value" in one ? [[one.name, one.value] as const] : []));
  const [, , script = ""] = whole;
  assert.match(script, /^exec 2>&1; /);
  return { image, script: script.replace("exec 2>&1; ", ""), env: Object.fromEntries(reported) };
}

export const retryStrategy = {
  limit: 2,
  retryPolicy: "Always",
  expression: `lastRetry.status == "Error" || lastRetry.message matches "${lostPod}"`,
  backoff: { duration: "5s", factor: 2 },
};
export const confined = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: "RuntimeDefault" },
};

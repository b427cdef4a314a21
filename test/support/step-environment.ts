/** The variables of the steps around a build, in the tests of their templates. */
import { checked, imageOutput } from "../../components/builds/steps/step.ts";
import { label } from "./builders.ts";

export const output = {
  ...imageOutput("tasks.build"),
  findings: checked("tasks.scan.outputs.parameters.findings", "[A-Za-z ]*"),
};

export const registryEnv = {
  IMAGE: "team/web",
  COMMIT_TAG: "release-1.x-{sha7}",
  INSECURE: "false",
  DOCKER_CONFIG: "/registry-login",
};

export const githubEnv = {
  HOME: "/tmp",
  RESULTS: "/kaniko/argo-cicd/results",
  TOKEN_FILE: "/github-token/token",
  GITHUB_API: "https://api.github.com",
  REPOSITORY: "acme/web",
  TARGET_URL: "https://workflows.example/workflows/{{workflow.namespace}}/{{workflow.name}}",
};

export const updaterEnv = {
  UPDATER_TOKEN_FILE: "/updater-token/token",
  REGISTRY: "",
  IMAGE_PATH: "",
  TAG: "",
};

export const delivered = {
  tag: "release-1.x",
  registry: "docker.io",
  path: "team/web",
  applications: [label("shop"), label("other")],
  byCommit: [label("other")],
  withWindows: [label("shop")],
  namespace: label("argocd"),
  environmentUrl: "https://shop.example",
};

/** A container that runs one of the programs in a tool's image, and what its pod needs for that. */
import { updaterSecret } from "../../derived-names.ts";
import { serviceReportName } from "../../report-names.ts";
import { confinedUser } from "../../kinds/security.ts";
import type { RepositorySettings } from "../../settings/resolve.ts";
import type { Build, GitHubAccess } from "../build.ts";
import { authorityFolder, scriptsFolder } from "../builders/builder.ts";
import { toolNeeds } from "../builders/needs.ts";
import { images } from "../images.ts";
import { lostPod } from "../programs/lost.ts";
import type { Container, VolumeMount } from "../../kinds/kubernetes.ts";
import type { Network } from "../../kinds/network.ts";
import { authorityMounts, environmentOf } from "../../kinds/network.ts";
import type { RetryStrategy } from "../../kinds/workflows.ts";
import { noAccountMount, results, resultsMount, scriptsMount, temporaryMount } from "./mounts.ts";
import { nodeNetwork, shellNetwork } from "./network.ts";
import { branchName, refEnvironment, statusSuffix } from "./ref.ts";
import { parameter } from "./step.ts";
import type { TokenPermission } from "./tokens.ts";
import { secretFile, tokenFile } from "./tokens.ts";

export interface Tool {
  readonly image: string;
  readonly network: Network;
  readonly shell?: string;
  /** Files of `components/builds/programs`, run one after the other until one fails. */
  readonly scripts: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly mounts?: readonly VolumeMount[];
  readonly workingDir?: string;
  /** Memory limit. */
  readonly memory?: string;
  /** Set if it uses the API server with the pod's service account. Other tools do not get the account's token. */
  readonly asAccount?: true;
}

const cloneFolder = "/clone-token";
const githubFolder = "/github-token";
const updaterFolder = "/updater-token";

export function tool(args: Tool): Container {
  const {
    image,
    network,
    shell = "/bin/sh",
    scripts,
    env,
    mounts = [],
    workingDir,
    memory = toolNeeds.limit,
  } = args;
  const forNetwork = scripts[0].endsWith(".ts") ? nodeNetwork(network) : shellNetwork(network);
  // The user has no home folder in the image, but tools look there for their configuration.
  const variables = { HOME: "/tmp", RESULTS: results, ...forNetwork, ...env };
  return {
    image,
    command: [shell, "-c", `${oneStream}; ${scripts.map(call).join(" && ")}`],
    ...(workingDir === undefined ? {} : { workingDir }),
    env: environmentOf(variables),
    volumeMounts: [
      scriptsMount,
      resultsMount,
      temporaryMount,
      ...authorityMounts(network, authorityFolder),
      ...mounts,
      ...(args.asAccount === undefined ? [noAccountMount] : []),
    ],
    resources: { requests: { cpu: toolNeeds.cpu, memory: toolNeeds.memory }, limits: { memory } },
    terminationMessagePolicy: failureMessagePolicy,
    securityContext: { ...confinedUser, readOnlyRootFilesystem: true },
  };
}

/** Argo reports the last lines of a failed container as the step's message. */
export const failureMessagePolicy = "FallbackToLogsOnError";

/** Lines of two streams could get out of order, and the last one is reported. */
const oneStream = "exec 2>&1";

/** Node replaces the shell, so that it receives signals. */
function call(file: string): string {
  const interpreter = file.endsWith(".ts") ? "exec node" : "sh";
  return `${interpreter} ${scriptsFolder}/${file}`;
}

/** In seconds: the time limit of the steps before and after the build. */
export const stepLimit = 600;

/** Retries after errors of the cluster, such as a lost node, but not after those of a program, which would recur. */
export const retryStrategy: RetryStrategy = {
  limit: 2,
  retryPolicy: "Always",
  expression: `lastRetry.status == "Error" || lastRetry.message matches "${lostPod}"`,
  backoff: { duration: "5s", factor: 2 },
};

/** Asks the git server for the branch's newest commit, and so decides which commit to build. */
export function tip(build: Build, env: { readonly COMMIT: string; readonly LATER?: "true" }): Container {
  const git = gitAccess(build);
  return tool({
    image: images.git,
    network: build.network,
    scripts: ["tip.sh"],
    env: { ...git.env, ...tipEnvironment(build), ...refEnvironment(build), ...env },
    mounts: git.mounts,
  });
}

export function tipEnvironment(build: Build) {
  return { BRANCH: branchName(build), GIT_TAG: parameter.tag };
}

/** @param submodules whether git reads submodules too: other repositories, which are known only after the checkout */
export function gitAccess(
  { repository: { cloneUrl, name }, cloneToken }: Build,
  { submodules }: { readonly submodules: boolean } = { submodules: false },
) {
  const repositories = submodules ? [] : [name];
  return {
    env: { REPOSITORY_URL: cloneUrl, TOKEN_FILE: cloneToken === undefined ? "" : `${cloneFolder}/token` },
    ...tokenFile("clone-token", cloneFolder, cloneToken, {
      permission: "contents:read",
      repositories,
      isNeeded: true,
    }),
  };
}

/** What the report of a commit status needs, except its state and description. */
export function statusAccess(build: Build) {
  const { statuses, repository } = build;
  const permission = statuses?.app === undefined ? "statuses:write" : "checks:write";
  const { env, ...access } = githubAccess(statuses, repository, permission);
  const context = statuses === undefined ? "" : `${statusContext(build)}${statusSuffix(build)}`;
  return { env: { ...env, CONTEXT: context, ...checkEnvironment(build) }, ...access };
}

/** The environment that has the status reported as a check run. */
function checkEnvironment({ statuses }: Build): Record<string, string> {
  const app = statuses?.app;
  return app === undefined ? {} : { CHECKS_APP: app.toString(), CHECK_ID: "{{workflow.name}}" };
}

/** The name of the branch's commit statuses; empty if there are none. */
export function statusContext({ statuses, repository }: Build): string {
  return statuses === undefined ? "" : serviceReportName(statuses.context, repository);
}

/** What every report to GitHub needs. */
export function githubAccess(
  access: GitHubAccess | undefined,
  { slug, name }: RepositorySettings,
  permission: TokenPermission["permission"],
) {
  const { token, api = "", workflowsUrl } = access ?? {};
  return {
    env: {
      TOKEN_FILE: `${githubFolder}/token`,
      GITHUB_API: api,
      REPOSITORY: slug,
      TARGET_URL: workflowUrl(workflowsUrl),
    },
    ...tokenFile("github-token", githubFolder, token, { permission, repositories: [name] }),
  };
}

/** The URL of the Workflow in Argo Workflows' UI; empty if it is not known. */
export function workflowUrl(workflowsUrl: string | undefined): string {
  return workflowsUrl === undefined
    ? ""
    : `${workflowsUrl}/workflows/{{workflow.namespace}}/{{workflow.name}}`;
}

/** What the notification of the Image Updater needs, without an address if no Application follows the image. */
export function updaterAccess({ updaterUrl, delivered }: Build) {
  const { registry = "", path = "", tag = "" } = delivered ?? {};
  return {
    env: {
      UPDATER: delivered === undefined ? "" : updaterUrl,
      UPDATER_TOKEN_FILE: `${updaterFolder}/token`,
      REGISTRY: registry,
      IMAGE_PATH: path,
      TAG: tag,
    },
    ...secretFile("updater-token", updaterFolder, delivered === undefined ? undefined : updaterSecret),
  };
}

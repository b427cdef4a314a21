/** Derives from the settings what builds report to GitHub. */
import { reportPrefix } from "../report-names.ts";
import type { Owner } from "../names.ts";
import { checkingApp, githubApi, pageUrl } from "../settings/places.ts";
import type { Settings } from "../settings/settings.ts";
import type { GitHubAccess, Live, Statuses } from "./build.ts";
import { isAwaiting } from "./delivered-args.ts";

export function live(settings: Settings, owner: Owner): Live | undefined {
  const { stack, github, delivery } = settings;
  if (!isAwaiting(settings)) return undefined;
  return {
    timeLimit: delivery.timeLimit,
    environment: stack,
    deployments: github.deployments ? githubAccess(settings, owner) : undefined,
  };
}

export function statuses(settings: Settings, owner: Owner): Statuses | undefined {
  if (!settings.github.statuses) return undefined;
  const app = checkingApp(settings, owner);
  return { ...githubAccess(settings, owner), context: reportPrefix(settings.stack), app };
}

export function githubAccess(settings: Settings, owner: Owner): GitHubAccess {
  const token = settings.secrets.reportTokens.get(owner);
  return { token, api: githubApi(settings), workflowsUrl: workflowsUrl(settings) };
}

/** The URL of Argo Workflows' UI; undefined if it depends on the node. */
export function workflowsUrl({ workflows: { host, nodePort } }: Settings): string | undefined {
  return host === undefined ? undefined : pageUrl(host, nodePort);
}

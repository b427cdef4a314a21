/**
 * Reports the status of a commit, and its Deployment, to GitHub. A failed report is logged and throws no error, since a
 * build does not depend on it.
 *
 * GITHUB_API  URL of GitHub's API, such as https://api.github.com
 * TOKEN_FILE  file with a token that may write commit statuses, or Deployments
 * REPOSITORY  owner/name
 * TARGET_URL  the link of the report; may be empty
 */
import type { Variables } from "./environment.ts";
import type { Answer, Request } from "./http.ts";
import { ask, askTwice, readSecret } from "./http.ts";
import { at, parseJson, textAt } from "./json.ts";
import { cut, withoutEmojis } from "./text.ts";

export const githubVariables = ["GITHUB_API", "TOKEN_FILE", "REPOSITORY", "TARGET_URL"] as const;
export type GitHub = Variables<(typeof githubVariables)[number]>;

/** The headers that select the version of GitHub's API. */
export const githubHeaders = {
  accept: "application/vnd.github+json",
  "x-github-api-version": "2022-11-28",
} as const;

/** The longest texts that GitHub accepts, in characters. */
export const maxLength = { context: 255, description: 140, url: 2000 };

export interface Status {
  readonly commit: string;
  /** A commit has one status per context. */
  readonly context: string;
  readonly state: "pending" | "success" | "failure" | "error";
  readonly description: string;
}

/** Sets the status of a commit. Texts that are too long are cut off. */
export async function setStatus(github: GitHub, status: Status, seconds = 4): Promise<Answer> {
  const answer = await post(github, `statuses/${status.commit}`, statusBody(status, github), seconds);
  return logged("status", status, answer, [201]);
}

/** @param accepted the codes of success */
export function logged(
  kind: "status" | "check run",
  { commit, context, state, description }: Status,
  answer: Answer,
  accepted: readonly number[],
): Answer {
  const what = `${kind} ${context} of ${commit}`;
  console.log(
    accepted.includes(answer.code)
      ? `set the ${what}: ${state}, ${description}`
      : `could not set the ${what}: ${answer.reason}`,
  );
  return answer;
}

export function statusBody({ state, context, description }: Status, { TARGET_URL: url }: GitHub): object {
  return {
    state,
    context: cut(withoutEmojis(context), maxLength.context),
    ...(url === "" ? {} : { target_url: cut(url, maxLength.url) }),
    description: cut(withoutEmojis(description), maxLength.description),
  };
}

export interface Deployment {
  readonly commit: string;
  /** The name of the environment on GitHub. */
  readonly environment: string;
  /** URL of the running application; may be empty. */
  readonly environmentUrl: string;
}

/** A Deployment on GitHub, and the answer that it was read from. */
export interface KnownDeployment {
  readonly answer: Answer;
  /** GitHub's ID of it; empty if there is none. */
  readonly id: string;
  readonly commit: string;
  /** When it was created. */
  readonly opened: string;
}

/**
 * Creates a Deployment without waiting for required checks of the commit, since it is already being delivered. If
 * GitHub does not answer in time, it may have created one, which is then used.
 */
export async function openDeployment(github: GitHub, deployment: Deployment): Promise<KnownDeployment> {
  const { commit, environment } = deployment;
  const body = { ref: commit, environment, task: "deploy", auto_merge: false, required_contexts: [] };
  const request = requestTo(github, { method: "POST", path: "deployments", body, seconds: reportSeconds });
  const answer = await askTwice(request, async () => {
    const found = await ask(deploymentsRequest(github, deployment));
    return parseDeployment(found).id === "" ? ask(request) : found;
  });
  return parseDeployment(logFailure(answer));
}

/** The newest Deployment of an environment or, with `commit`, of a commit in it. */
export async function findDeployment(github: GitHub, query: DeploymentQuery): Promise<KnownDeployment> {
  return parseDeployment(await askTwice(deploymentsRequest(github, query)));
}

type DeploymentQuery = Pick<Deployment, "environment"> & Partial<Pick<Deployment, "commit">>;

function deploymentsRequest(github: GitHub, { commit, environment }: DeploymentQuery): Request {
  const ofCommit = commit === undefined ? {} : { sha: commit };
  const query = new URLSearchParams({ ...ofCommit, environment, per_page: "1" });
  const path = `deployments?${query.toString()}`;
  return requestTo(github, { method: "GET", path, seconds: reportSeconds });
}

/** The last status of a Deployment, as a list of at most one. */
export function findDeploymentStatus(github: GitHub, id: string): Promise<Answer> {
  const path = `deployments/${id}/statuses?per_page=1`;
  return askTwice(requestTo(github, { method: "GET", path, seconds: reportSeconds }));
}

/** Parses GitHub's answer to the creation of a Deployment, or to a list of them. */
function parseDeployment(answer: Answer): KnownDeployment {
  const isList = answer.code === 200;
  const json = isList || answer.code === 201 ? parseJson(answer.text) : undefined;
  const deployment = isList ? at(json, "0") : json;
  const id = at(deployment, "id");
  return {
    answer,
    id: typeof id === "number" ? id.toString() : "",
    commit: textAt(deployment, "sha"),
    opened: textAt(deployment, "created_at"),
  };
}

export interface DeploymentReport extends Deployment {
  readonly id: string;
  readonly state: string;
  readonly description: string;
  /** Whether earlier Deployments stay active after a success. */
  readonly leavesOthers?: boolean;
}

/** Adds a status to a Deployment. */
export async function setDeployment(github: GitHub, report: DeploymentReport): Promise<Answer> {
  const { environment, environmentUrl, id, state, description, leavesOthers = false } = report;
  const texts = {
    state,
    environment,
    environment_url: environmentUrl,
    log_url: github.TARGET_URL,
    description: cut(withoutEmojis(description), maxLength.description, "…"),
  };
  const present = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
  const body = { ...present, ...(leavesOthers ? { auto_inactive: false } : {}) };
  return logFailure(await post(github, `deployments/${id}/statuses`, body, reportSeconds));
}

/** The timeout of each attempt of a request about a Deployment, in seconds. */
const reportSeconds = 5;

function logFailure(answer: Answer): Answer {
  if (![200, 201].includes(answer.code)) console.log(`could not report to GitHub: ${answer.reason}`);
  return answer;
}

function post(github: GitHub, path: string, body: object, seconds: number): Promise<Answer> {
  return askTwice(requestTo(github, { method: "POST", path, body, seconds }));
}

export interface Question {
  readonly method: "GET" | "POST" | "PATCH";
  /** Relative to the repository's path. */
  readonly path: string;
  readonly body?: object;
  /** The timeout of each attempt. */
  readonly seconds: number;
}

export function requestTo(
  { GITHUB_API: api, TOKEN_FILE: file, REPOSITORY: repository }: GitHub,
  { method, path, body, seconds }: Question,
): Request {
  return {
    method,
    url: `${api}/repos/${repository}/${path}`,
    headers: {
      authorization: `Bearer ${readSecret(file)}`,
      ...githubHeaders,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    seconds,
  };
}

/**
 * Reports to GitHub: the status of a commit, and a Deployment of it. A report never fails: it says what came of it, and a build
 * does not depend on it.
 *
 * GITHUB_API  address of GitHub's API, such as https://api.github.com
 * TOKEN_FILE  file with a token that may write commit statuses, or Deployments
 * REPOSITORY  owner/name
 * TARGET_URL  where the report leads; may be empty
 */
import type { Variables } from "./environment.ts";
import type { Answer, Request } from "./http.ts";
import { ask, askTwice, readSecret } from "./http.ts";
import { at, parseJson, textAt } from "./json.ts";
import { cut, withoutEmojis } from "./text.ts";

export const githubVariables = ["GITHUB_API", "TOKEN_FILE", "REPOSITORY", "TARGET_URL"] as const;
export type GitHub = Variables<(typeof githubVariables)[number]>;

/** The version of GitHub's API that programs speak. */
export const githubHeaders = {
  accept: "application/vnd.github+json",
  "x-github-api-version": "2022-11-28",
} as const;

/** The longest texts that GitHub takes, in characters. */
export const longest = { context: 255, description: 140, url: 2000 };

export interface Status {
  readonly commit: string;
  /** What the status is of: a commit has one for each. */
  readonly context: string;
  readonly state: "pending" | "success" | "failure" | "error";
  readonly description: string;
}

/** Sets the status of a commit: what does not fit is cut off. */
export async function setStatus(github: GitHub, status: Status, seconds = 4): Promise<Answer> {
  const answer = await post(github, `statuses/${status.commit}`, statusBody(status, github), seconds);
  return logged("status", status, answer, [201]);
}

/** @param done codes of an answer that says that GitHub has it */
export function logged(
  kind: "status" | "check run",
  { commit, context, state, description }: Status,
  answer: Answer,
  done: readonly number[],
): Answer {
  const what = `${kind} ${context} of ${commit}`;
  console.log(
    done.includes(answer.code)
      ? `set the ${what}: ${state}, ${description}`
      : `could not set the ${what}: ${answer.reason}`,
  );
  return answer;
}

export function statusBody({ state, context, description }: Status, { TARGET_URL: page }: GitHub): object {
  return {
    state,
    context: cut(withoutEmojis(context), longest.context),
    ...(page === "" ? {} : { target_url: cut(page, longest.url) }),
    description: cut(withoutEmojis(description), longest.description),
  };
}

/** What is to be delivered, and where it is to run. */
export interface Deployment {
  readonly commit: string;
  /** GitHub's name of where it runs. */
  readonly environment: string;
  /** Address of what runs; may be empty. */
  readonly page: string;
}

/** A Deployment as GitHub knows it, and the answer in which it says so. */
export interface KnownDeployment {
  readonly answer: Answer;
  /** What GitHub calls it; empty where there is none. */
  readonly number: string;
  readonly commit: string;
  /** When it was opened. */
  readonly opened: string;
}

/**
 * Opens a Deployment, at once, whatever checks the commit still has to pass: it is being delivered. Where GitHub has not answered
 * in time it may have opened one, which is then taken.
 */
export async function openDeployment(github: GitHub, deployment: Deployment): Promise<KnownDeployment> {
  const { commit, environment } = deployment;
  const body = { ref: commit, environment, task: "deploy", auto_merge: false, required_contexts: [] };
  const request = requestTo(github, { method: "POST", path: "deployments", body, seconds: reportSeconds });
  const answer = await askTwice(request, async () => {
    const found = await ask(deploymentsRequest(github, deployment));
    return known(found).number === "" ? ask(request) : found;
  });
  return known(noted(answer));
}

/** @param of whose newest it is: an environment's, or a commit's in it */
export async function findDeployment(github: GitHub, of: DeploymentQuery): Promise<KnownDeployment> {
  return known(await askTwice(deploymentsRequest(github, of)));
}

type DeploymentQuery = Pick<Deployment, "environment"> & Partial<Pick<Deployment, "commit">>;

function deploymentsRequest(github: GitHub, { commit, environment }: DeploymentQuery): Request {
  const ofCommit = commit === undefined ? {} : { sha: commit };
  const query = new URLSearchParams({ ...ofCommit, environment, per_page: "1" });
  const path = `deployments?${query.toString()}`;
  return requestTo(github, { method: "GET", path, seconds: reportSeconds });
}

/** What was said last of a Deployment: a list of one or none. */
export function findDeploymentStatus(github: GitHub, number: string): Promise<Answer> {
  const path = `deployments/${number}/statuses?per_page=1`;
  return askTwice(requestTo(github, { method: "GET", path, seconds: reportSeconds }));
}

/** GitHub's answer to one that it has opened, or to which there are. */
function known(answer: Answer): KnownDeployment {
  const isList = answer.code === 200;
  const json = isList || answer.code === 201 ? parseJson(answer.text) : undefined;
  const deployment = isList ? at(json, "0") : json;
  const number = at(deployment, "id");
  return {
    answer,
    number: typeof number === "number" ? number.toString() : "",
    commit: textAt(deployment, "sha"),
    opened: textAt(deployment, "created_at"),
  };
}

export interface DeploymentReport extends Deployment {
  readonly number: string;
  readonly state: string;
  readonly description: string;
  /** Set where a success does not end those before it. */
  readonly leavesOthers?: boolean;
}

/** Says of an open Deployment how it is. */
export async function setDeployment(github: GitHub, said: DeploymentReport): Promise<Answer> {
  const { environment, page, number, state, description, leavesOthers = false } = said;
  const texts = {
    state,
    environment,
    environment_url: page,
    log_url: github.TARGET_URL,
    description: cut(withoutEmojis(description), longest.description, "…"),
  };
  const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
  const body = { ...given, ...(leavesOthers ? { auto_inactive: false } : {}) };
  return noted(await post(github, `deployments/${number}/statuses`, body, reportSeconds));
}

/** Seconds of each try of a report on a Deployment. */
const reportSeconds = 5;

function noted(answer: Answer): Answer {
  if (![200, 201].includes(answer.code)) console.log(`could not report to GitHub: ${answer.reason}`);
  return answer;
}

function post(github: GitHub, path: string, body: object, seconds: number): Promise<Answer> {
  return askTwice(requestTo(github, { method: "POST", path, body, seconds }));
}

export interface Question {
  readonly method: "GET" | "POST" | "PATCH";
  /** Below that of the repository. */
  readonly path: string;
  readonly body?: object;
  /** Of each try. */
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

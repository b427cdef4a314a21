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
import { at, parseJson } from "./json.ts";
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
export async function setStatus(github: GitHub, status: Status, seconds = 4): Promise<void> {
  const { commit, context, state, description } = status;
  const { code, reason } = await post(github, `statuses/${commit}`, statusBody(status, github), seconds);
  const what = `status ${context} of ${commit}`;
  console.log(
    code === 201 ? `set the ${what}: ${state}, ${description}` : `could not set the ${what}: ${reason}`,
  );
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

/**
 * Opens a Deployment, at once, whatever checks the commit still has to pass: it is being delivered. Where GitHub has not answered
 * in time it may have opened one, which is then taken.
 *
 * @returns what GitHub calls it; empty where there is none
 */
export async function openDeployment(github: GitHub, deployment: Deployment): Promise<string> {
  const { commit, environment } = deployment;
  const body = { ref: commit, environment, task: "deploy", auto_merge: false, required_contexts: [] };
  const request = requestTo(github, { method: "POST", path: "deployments", body, seconds: reportSeconds });
  const answer = await askTwice(request, async () => {
    const found = await ask(deploymentsRequest(github, deployment));
    return numberIn(found) === "" ? ask(request) : found;
  });
  return numberIn(noted(answer));
}

/** @returns what GitHub calls the newest Deployment of the commit to the environment; empty where there is none */
export async function findDeployment(github: GitHub, deployment: Deployment): Promise<string> {
  return numberIn(await askTwice(deploymentsRequest(github, deployment)));
}

function deploymentsRequest(github: GitHub, { commit, environment }: Deployment): Request {
  const query = new URLSearchParams({ sha: commit, environment, per_page: "1" });
  const path = `deployments?${query.toString()}`;
  return requestTo(github, { method: "GET", path, seconds: reportSeconds });
}

/** GitHub's answer to one that it has opened, or to which there are. */
function numberIn({ code, text }: Answer): string {
  if (code !== 200 && code !== 201) return "";
  const answer = parseJson(text);
  const number = at(code === 200 ? at(answer, "0") : answer, "id");
  return typeof number === "number" ? number.toString() : "";
}

/** Says of an open Deployment how it is. */
export async function setDeployment(
  github: GitHub,
  deployment: Deployment & { readonly number: string },
  state: string,
  description: string,
): Promise<void> {
  const { environment, page, number } = deployment;
  const texts = {
    state,
    environment,
    environment_url: page,
    log_url: github.TARGET_URL,
    description: cut(withoutEmojis(description), longest.description, "…"),
  };
  const given = Object.entries(texts).filter(([, text]) => text !== "");
  await report(github, `deployments/${number}/statuses`, Object.fromEntries(given));
}

/** Seconds of each try of a report on a Deployment. */
const reportSeconds = 5;

async function report(github: GitHub, path: string, body: object): Promise<void> {
  noted(await post(github, path, body, reportSeconds));
}

function noted(answer: Answer): Answer {
  if (![200, 201].includes(answer.code)) console.log(`could not tell GitHub: ${answer.reason}`);
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

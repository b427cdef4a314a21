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
import type { Answer } from "./http.ts";
import { askTwice, readSecret } from "./http.ts";
import { cut, withoutEmojis } from "./text.ts";

export const githubVariables = ["GITHUB_API", "TOKEN_FILE", "REPOSITORY", "TARGET_URL"] as const;
export type GitHub = Variables<(typeof githubVariables)[number]>;

/** The version of GitHub's API that programs speak. */
export const githubHeaders = {
  accept: "application/vnd.github+json",
  "x-github-api-version": "2022-11-28",
} as const;

/** The longest texts that GitHub takes, in characters. */
const longest = { context: 255, description: 140, url: 2000 };

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

/** Opens a Deployment; its answer has the number. At once, whatever checks the commit still has to pass: it is being delivered. */
export function openDeployment(github: GitHub, { commit, environment }: Deployment): Promise<Answer> {
  const body = { ref: commit, environment, task: "deploy", auto_merge: false, required_contexts: [] };
  return report(github, "deployments", body);
}

/** The newest Deployment of the commit to the environment: a list of one or none. */
export function findDeployment(github: GitHub, { commit, environment }: Deployment): Promise<Answer> {
  const query = new URLSearchParams({ sha: commit, environment, per_page: "1" });
  return exchange(github, { method: "GET", path: `deployments?${query.toString()}`, seconds: 5 });
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

async function report(github: GitHub, path: string, body: object): Promise<Answer> {
  const answer = await post(github, path, body, 5);
  if (answer.code !== 201) console.log(`could not tell GitHub: ${answer.reason}`);
  return answer;
}

function post(github: GitHub, path: string, body: object, seconds: number): Promise<Answer> {
  return exchange(github, { method: "POST", path, body, seconds });
}

interface Question {
  readonly method: "GET" | "POST";
  /** Below that of the repository. */
  readonly path: string;
  readonly body?: object;
  /** Of each of the two tries. */
  readonly seconds: number;
}

function exchange(
  { GITHUB_API: api, TOKEN_FILE: file, REPOSITORY: repository }: GitHub,
  { method, path, body, seconds }: Question,
): Promise<Answer> {
  return askTwice({
    method,
    url: `${api}/repos/${repository}/${path}`,
    headers: {
      authorization: `Bearer ${readSecret(file)}`,
      ...githubHeaders,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    seconds,
  });
}

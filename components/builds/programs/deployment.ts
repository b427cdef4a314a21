/**
 * A Deployment on GitHub while a build is rolled out. Each state is logged and, if the stack enables it, reported to
 * GitHub. A state that lasts less than REPORT_AFTER seconds is not reported, because GitHub limits requests per hour.
 */
import type { Variables } from "./environment.ts";
import type { Deployment, GitHub } from "./github.ts";
import { findDeployment, openDeployment, setDeployment } from "./github.ts";
import { isRetryable } from "./github-limits.ts";
import type { Answer } from "./http.ts";
import { note } from "./unreported.ts";

export const deploymentVariables = [
  "COMMIT",
  "ENVIRONMENT",
  "ENVIRONMENT_URL",
  "RETRIES",
  "REPORT_AFTER",
  "WORKFLOW",
  "WORKFLOW_NAMESPACE",
] as const;
type Env = GitHub & Variables<(typeof deploymentVariables)[number]>;

interface Opening {
  /** GitHub's ID of the Deployment; empty if there is none. */
  readonly id: string;
  /** Whether there is none only because GitHub was unavailable or a limit was reached. */
  readonly mustRetry: boolean;
}

export class Report {
  readonly #env: Env;
  readonly #opening: Opening;
  /** When it was, or should have been, created; in milliseconds since 1970. */
  readonly #since: number;
  /** The last report: the next is sent after it, to keep their order. */
  #sending: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #hasStarted = false;
  #hasEnded = false;

  private constructor(env: Env, opening: Opening, since: number) {
    this.#env = env;
    this.#opening = opening;
    this.#since = since;
  }

  static async open(env: Env): Promise<Report> {
    const since = Date.now();
    return new Report(env, await openOrFind(env), since);
  }

  /** Does nothing after `end`. */
  set(state: string, description: string): void {
    if (this.#hasEnded) return;
    console.log(`${state}: ${description}`);
    clearTimeout(this.#timer);
    const send = () => void this.#send(state, description);
    const seconds = Number(this.#env.REPORT_AFTER);
    if (seconds === 0) send();
    else this.#timer = setTimeout(send, seconds * 1000);
  }

  /** Reports, once, that the rollout has started. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.set("in_progress", "Argo CD rolls it out");
  }

  /** If GitHub cannot accept the report now, a note on the Workflow has it reported later. */
  async end(state: string, description: string): Promise<void> {
    clearTimeout(this.#timer);
    this.#hasEnded = true;
    console.log(`${state}: ${description}`);
    const answer = await this.#send(state, description);
    const mustRetry = answer === undefined ? this.#opening.mustRetry : isRetryable(answer);
    if (mustRetry) await this.#leaveNote(state, description);
  }

  /** @returns undefined if GitHub has no Deployment */
  async #send(state: string, description: string): Promise<Answer | undefined> {
    const { id } = this.#opening;
    if (id === "") return undefined;
    const report = { ...deploymentOf(this.#env), id, state, description };
    const sent = this.#sending.then(() => setDeployment(this.#env, report));
    this.#sending = sent;
    return sent;
  }

  async #leaveNote(state: string, description: string): Promise<void> {
    const {
      TARGET_URL: targetUrl,
      ENVIRONMENT_URL: environmentUrl,
      COMMIT: commit,
      ENVIRONMENT: environment,
    } = this.#env;
    const { WORKFLOW: workflow, WORKFLOW_NAMESPACE: namespace } = this.#env;
    const { id } = this.#opening;
    const at = id === "" ? this.#since : Date.now();
    const what = { at, id, commit, environment, environmentUrl, targetUrl, state, description };
    await note({ namespace, workflow }, "deployment", what);
  }
}

/** A retried step reuses the Deployment of its first attempt, whose pod may still be running. */
async function openOrFind(env: Env): Promise<Opening> {
  const deployment = deploymentOf(env);
  if (env.GITHUB_API === "") return { id: "", mustRetry: false };
  const found = env.RETRIES === "0" ? "" : (await findDeployment(env, deployment)).id;
  if (found !== "") return { id: found, mustRetry: false };
  const { id, answer } = await openDeployment(env, deployment);
  return { id, mustRetry: isRetryable(answer) };
}

function deploymentOf({
  COMMIT: commit,
  ENVIRONMENT: environment,
  ENVIRONMENT_URL: environmentUrl,
}: Env): Deployment {
  return { commit, environment, environmentUrl };
}

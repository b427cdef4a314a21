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
  "PAGE",
  "RETRIES",
  "REPORT_AFTER",
  "WORKFLOW",
  "WORKFLOW_NAMESPACE",
] as const;
type Env = GitHub & Variables<(typeof deploymentVariables)[number]>;

interface Opening {
  /** GitHub's ID of the Deployment; empty if there is none. */
  readonly number: string;
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
    const { number } = this.#opening;
    if (number === "") return undefined;
    const report = { ...deploymentOf(this.#env), number, state, description };
    const sent = this.#sending.then(() => setDeployment(this.#env, report));
    this.#sending = sent;
    return sent;
  }

  async #leaveNote(state: string, description: string): Promise<void> {
    const { TARGET_URL: page, PAGE: address, COMMIT: commit, ENVIRONMENT: environment } = this.#env;
    const { WORKFLOW: workflow, WORKFLOW_NAMESPACE: namespace } = this.#env;
    const { number } = this.#opening;
    const at = number === "" ? this.#since : Date.now();
    const what = { at, number, commit, environment, address, page, state, description };
    await note({ namespace, workflow }, "deployment", what);
  }
}

/** A retried step reuses the Deployment of its first attempt, whose pod may still be running. */
async function openOrFind(env: Env): Promise<Opening> {
  const deployment = deploymentOf(env);
  if (env.GITHUB_API === "") return { number: "", mustRetry: false };
  const found = env.RETRIES === "0" ? "" : (await findDeployment(env, deployment)).number;
  if (found !== "") return { number: found, mustRetry: false };
  const { number, answer } = await openDeployment(env, deployment);
  return { number, mustRetry: isRetryable(answer) };
}

function deploymentOf({ COMMIT: commit, ENVIRONMENT: environment, PAGE: page }: Env): Deployment {
  return { commit, environment, page };
}

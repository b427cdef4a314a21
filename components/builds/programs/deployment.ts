/**
 * A Deployment at GitHub while it lasts: each state is logged, and reported to GitHub where the stack has it so. A state that has passed
 * before anybody could have seen it is not reported: GitHub takes only so much in an hour.
 */
import type { Variables } from "./environment.ts";
import type { Deployment, GitHub } from "./github.ts";
import { findDeployment, openDeployment, setDeployment } from "./github.ts";
import { mayPassLater } from "./github-limits.ts";
import type { Answer } from "./http.ts";
import { note } from "./unreported.ts";

export const deploymentVariables = [
  "COMMIT",
  "ENVIRONMENT",
  "PAGE",
  "RETRIES",
  "TELL_AFTER",
  "WORKFLOW",
  "WORKFLOW_NAMESPACE",
] as const;
type Given = GitHub & Variables<(typeof deploymentVariables)[number]>;

/** What GitHub calls the Deployment, empty where there is none; and whether there is none only because GitHub takes nothing for a while. */
interface Opened {
  readonly number: string;
  readonly isLate: boolean;
}

export class Report {
  readonly #given: Given;
  readonly #opened: Opened;
  /** When it was, or should have been, opened; in milliseconds since 1970. */
  readonly #since: number;
  /** Reports are sent in their order. */
  #reporting: Promise<unknown> = Promise.resolve();
  #due: NodeJS.Timeout | undefined;
  #hasStarted = false;
  #hasEnded = false;

  private constructor(given: Given, opened: Opened, since: number) {
    this.#given = given;
    this.#opened = opened;
    this.#since = since;
  }

  static async open(given: Given): Promise<Report> {
    const since = Date.now();
    return new Report(given, await opened(given), since);
  }

  /** Once the end is said nothing else is. */
  say(state: string, description: string): void {
    if (this.#hasEnded) return;
    console.log(`${state}: ${description}`);
    clearTimeout(this.#due);
    const report = () => void this.#report(state, description);
    const seconds = Number(this.#given.TELL_AFTER);
    if (seconds === 0) report();
    else this.#due = setTimeout(report, seconds * 1000);
  }

  /** Says so the first time. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.say("in_progress", "Argo CD rolls it out");
  }

  /** What GitHub does not take now is reported later. */
  async end(state: string, description: string): Promise<void> {
    clearTimeout(this.#due);
    this.#hasEnded = true;
    console.log(`${state}: ${description}`);
    const answer = await this.#report(state, description);
    const isLate = answer === undefined ? this.#opened.isLate : mayPassLater(answer);
    if (isLate) await this.#note(state, description);
  }

  /** Undefined where GitHub has no Deployment. */
  async #report(state: string, description: string): Promise<Answer | undefined> {
    const { number } = this.#opened;
    if (number === "") return undefined;
    const said = { ...deploymentOf(this.#given), number, state, description };
    const reported = this.#reporting.then(() => setDeployment(this.#given, said));
    this.#reporting = reported;
    return reported;
  }

  async #note(state: string, description: string): Promise<void> {
    const { TARGET_URL: page, PAGE: address, COMMIT: commit, ENVIRONMENT: environment } = this.#given;
    const { WORKFLOW: workflow, WORKFLOW_NAMESPACE: namespace } = this.#given;
    const { number } = this.#opened;
    const at = number === "" ? this.#since : Date.now();
    const what = { at, number, commit, environment, address, page, state, description };
    await note({ namespace, workflow }, "deployment", what);
  }
}

/** A step that is tried again goes on with the Deployment of its first try, whose pod may even run still. */
async function opened(given: Given): Promise<Opened> {
  const deployment = deploymentOf(given);
  if (given.GITHUB_API === "") return { number: "", isLate: false };
  const found = given.RETRIES === "0" ? "" : (await findDeployment(given, deployment)).number;
  if (found !== "") return { number: found, isLate: false };
  const { number, answer } = await openDeployment(given, deployment);
  return { number, isLate: mayPassLater(answer) };
}

function deploymentOf({ COMMIT: commit, ENVIRONMENT: environment, PAGE: page }: Given): Deployment {
  return { commit, environment, page };
}

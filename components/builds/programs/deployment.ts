/** A Deployment at GitHub while it lasts: each state is logged, and reported to GitHub where it is to be told. */
import type { Variables } from "./environment.ts";
import type { Deployment, GitHub } from "./github.ts";
import { findDeployment, openDeployment, setDeployment } from "./github.ts";

type Given = GitHub & Variables<"COMMIT" | "ENVIRONMENT" | "PAGE" | "RETRIES">;

export class Report {
  readonly #github: GitHub;
  readonly #deployment: Deployment;
  /** What GitHub calls the Deployment; empty where there is none. */
  readonly #number: string;
  #hasStarted = false;
  #hasEnded = false;

  private constructor(github: GitHub, deployment: Deployment, number: string) {
    this.#github = github;
    this.#deployment = deployment;
    this.#number = number;
  }

  /** A step that is tried again goes on with the Deployment of its first try, whose pod may even run still. */
  static async open(given: Given): Promise<Report> {
    const { GITHUB_API: api, COMMIT: commit, ENVIRONMENT: environment, PAGE: page, RETRIES: retries } = given;
    const deployment = { commit, environment, page };
    if (api === "") return new Report(given, deployment, "");
    const found = retries === "0" ? "" : await findDeployment(given, deployment);
    return new Report(given, deployment, found || (await openDeployment(given, deployment)));
  }

  /** Once the end is said nothing else is. */
  async say(state: string, description: string): Promise<void> {
    if (this.#hasEnded) return;
    console.log(`${state}: ${description}`);
    if (this.#number === "") return;
    await setDeployment(this.#github, { ...this.#deployment, number: this.#number }, state, description);
  }

  /** Says so the first time. */
  async start(): Promise<void> {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    await this.say("in_progress", "Argo CD rolls it out");
  }

  async end(state: string, description: string): Promise<void> {
    const said = this.say(state, description);
    this.#hasEnded = true;
    await said;
  }
}

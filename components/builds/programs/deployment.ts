/** A Deployment at GitHub while it lasts: each state is logged, and reported to GitHub where it is to be told. */
import type { Variables } from "./environment.ts";
import type { Deployment, GitHub } from "./github.ts";
import { openDeployment, setDeployment } from "./github.ts";
import { at, parseJson } from "./json.ts";

type Given = GitHub & Variables<"COMMIT" | "ENVIRONMENT" | "PAGE">;

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

  static async open(given: Given): Promise<Report> {
    const { GITHUB_API: api, COMMIT: commit, ENVIRONMENT: environment, PAGE: page } = given;
    const deployment = { commit, environment, page };
    const number = api === "" ? "" : numberIn(await openDeployment(given, deployment));
    return new Report(given, deployment, number);
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

/** GitHub's answer to one that could be opened. */
function numberIn({ code, text }: { readonly code: number; readonly text: string }): string {
  const number = at(parseJson(text), "id");
  return code === 201 && typeof number === "number" ? number.toString() : "";
}

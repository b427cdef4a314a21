/** Delivers each push, and prints its progress. */
import { workflow } from "../../test/support/cluster-trigger.ts";
import { namespaces } from "../../test/support/cluster-argo.ts";
import type { Workflow } from "../report/builds.ts";
import { Follower } from "./follow.ts";
import type { RefUpdate } from "./pushes.ts";
import { isGone, noCommit } from "./pushes.ts";
import { sample, servicePath } from "./sample.ts";
import type { Sandbox } from "./start.ts";
import { deploys } from "./start.ts";
import type { Webhooks } from "./webhooks.ts";

const builtRef = `refs/heads/${sample.branch}`;

export class Watch {
  readonly #sandbox: Sandbox;
  readonly #webhooks: Webhooks;
  readonly #print: (line: string) => void;
  readonly #follower: Follower;
  /** The commit that the page should show; undefined once it does. */
  #awaited: string | undefined;
  #error = "";

  constructor(sandbox: Sandbox, webhooks: Webhooks, print: (line: string) => void) {
    this.#sandbox = sandbox;
    this.#webhooks = webhooks;
    this.#print = print;
    this.#follower = new Follower(print);
  }

  /** To be called after a push to the repository. */
  public received(repository: string): void {
    for (const update of this.#webhooks.updatesOf(repository)) this.#deliver(repository, update);
  }

  /** Treats the sample's first commit as a push. */
  public first(): void {
    const after = this.#sandbox.git.git(servicePath, "rev-parse", sample.branch);
    this.#deliver(servicePath, { before: noCommit, after, ref: builtRef });
  }

  #deliver(repository: string, update: RefUpdate): void {
    if (repository === servicePath && update.ref === builtRef && !isGone(update)) {
      this.#follower.pushed(sample.service, update.after);
      if (deploys) this.#awaited = update.after;
    }
    this.#webhooks.deliver(repository, update).catch((error: unknown) => this.#print(String(error)));
  }

  /** Reads the builds and the page. A repeated error is printed once. */
  public async poll(): Promise<void> {
    try {
      const { api } = this.#sandbox;
      this.#follower.see((await api.list(...workflow, namespaces.builds)) as unknown as Workflow[]);
      await this.#pollPage();
      this.#error = "";
    } catch (error) {
      if (String(error) !== this.#error) this.#print(String(error));
      this.#error = String(error);
    }
  }

  async #pollPage(): Promise<void> {
    const commit = this.#awaited;
    if (commit === undefined || !(await pageOf(this.#sandbox)).includes(commit)) return;
    this.#follower.say(sample.service, commit, `page    shows it at ${this.#sandbox.pageUrl}`);
    this.#awaited = undefined;
  }
}

/** Empty if nothing answers yet. */
async function pageOf({ pageUrl }: Sandbox): Promise<string> {
  try {
    return await (await fetch(pageUrl, { signal: AbortSignal.timeout(2000) })).text();
  } catch {
    return "";
  }
}

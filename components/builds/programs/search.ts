/** One search for lost pushes of all builds. Each query to a git server or the API server is sent only once. */
import { join } from "node:path";
import type { DeclaredBuild } from "./declared.ts";
import type { Variables } from "./environment.ts";
import type { Refs } from "./git-refs.ts";
import { askRefs } from "./git-refs.ts";
import { readSecret } from "./http.ts";
import type { LostPush } from "./lost-pushes.ts";
import { findLost } from "./lost-pushes.ts";
import { mapPool } from "./pool.ts";
import { messageOf } from "./program.ts";
import { Registry, registryVariables } from "./registry.ts";
import type { Runs } from "./runs.ts";
import { listRuns } from "./runs.ts";

export const searchVariables = ["CLONE_TOKENS", "GIT_TAGS", ...registryVariables] as const;
type Env = Variables<(typeof searchVariables)[number]>;

/** A build that could not be checked, and why. */
export interface Unanswered {
  readonly build: DeclaredBuild;
  readonly why: string;
}

export interface Found {
  readonly lost: readonly LostPush[];
  readonly unanswered: readonly Unanswered[];
}

/** Builds that are checked at the same time: most of the time, each waits for a request. */
const atOnce = 40;

export class Search {
  readonly registry: Registry;
  readonly #env: Env;
  readonly #tags: RegExp | undefined;
  readonly #refs = new Map<string, Promise<Refs>>();
  readonly #runs = new Map<string, Promise<Runs>>();

  constructor(env: Env) {
    const { GIT_TAGS: tags } = env;
    this.registry = new Registry(env);
    this.#env = env;
    // The tags that the Sensor accepts: each becomes an image tag and the value of a label.
    this.#tags =
      tags === "" ? undefined : new RegExp(`^(?=${tags}$)[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`);
  }

  async run(builds: readonly DeclaredBuild[]): Promise<Found> {
    const all = await mapPool(builds, atOnce, (one) => this.#search(one));
    return {
      lost: all.flatMap(({ lost }) => lost),
      unanswered: all.flatMap(({ unanswered }) => unanswered),
    };
  }

  runs(namespace: string): Promise<Runs> {
    return once(this.#runs, namespace, () => listRuns(namespace));
  }

  async #search(build: DeclaredBuild): Promise<Found> {
    try {
      const [refs, runs] = await Promise.all([this.#refsOf(build), this.runs(build.namespace)]);
      const lost = await findLost(build, { refs, runs, registry: this.registry, tags: this.#tags });
      return { lost, unanswered: [] };
    } catch (error) {
      return { lost: [], unanswered: [{ build, why: messageOf(error) }] };
    }
  }

  #refsOf({ url, branch, project }: DeclaredBuild): Promise<Refs> {
    const wanted = [`refs/heads/${branch}`, ...(this.#tags === undefined ? [] : ["refs/tags/"])];
    const token = cloneToken(this.#env.CLONE_TOKENS, project);
    return once(this.#refs, `${url} ${branch}`, () => askRefs({ url, token }, wanted));
  }
}

/** The token that reads a project's repositories; empty if they are public. */
export function cloneToken(folder: string, project: string): string {
  return project === "" ? "" : readSecret(join(folder, project, "token"));
}

/** The value of a key, which is made once. */
function once<Value>(all: Map<string, Value>, key: string, make: () => Value): Value {
  const value = all.get(key) ?? make();
  all.set(key, value);
  return value;
}

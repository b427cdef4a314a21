/** One look for what is lost, at all builds at once. Git servers, the registry and the API server are each asked for a thing once. */
import { join } from "node:path";
import type { DeclaredBuild } from "./declared.ts";
import type { Variables } from "./environment.ts";
import type { Refs } from "./git-refs.ts";
import { askRefs } from "./git-refs.ts";
import { readSecret } from "./http.ts";
import type { Lost } from "./lost-pushes.ts";
import { lostOf } from "./lost-pushes.ts";
import { mapPool } from "./pool.ts";
import { messageOf } from "./program.ts";
import { Registry, registryVariables } from "./registry.ts";
import type { Runs } from "./runs.ts";
import { listRuns } from "./runs.ts";

export const searchVariables = ["CLONE_TOKENS", "GIT_TAGS", ...registryVariables] as const;
type Given = Variables<(typeof searchVariables)[number]>;

/** A build of which something could not be determined, and why. */
export interface Unanswered {
  readonly build: DeclaredBuild;
  readonly why: string;
}

export interface Found {
  readonly lost: readonly Lost[];
  readonly unanswered: readonly Unanswered[];
}

/** Builds that are looked at at once: each waits for a request most of the time. */
const atOnce = 40;

export class Search {
  readonly registry: Registry;
  readonly #given: Given;
  readonly #tags: RegExp | undefined;
  readonly #refs = new Map<string, Promise<Refs>>();
  readonly #runs = new Map<string, Promise<Runs>>();

  constructor(given: Given) {
    const { GIT_TAGS: tags } = given;
    this.registry = new Registry(given);
    this.#given = given;
    // Those that the Sensor takes: the tag is an image's, and a label's value.
    this.#tags =
      tags === "" ? undefined : new RegExp(`^(?=${tags}$)[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`);
  }

  async look(builds: readonly DeclaredBuild[]): Promise<Found> {
    const all = await mapPool(builds, atOnce, (one) => this.#lookAt(one));
    return {
      lost: all.flatMap(({ lost }) => lost),
      unanswered: all.flatMap(({ unanswered }) => unanswered),
    };
  }

  runs(namespace: string): Promise<Runs> {
    return once(this.#runs, namespace, () => listRuns(namespace));
  }

  async #lookAt(build: DeclaredBuild): Promise<Found> {
    try {
      const [refs, runs] = await Promise.all([this.#refsOf(build), this.runs(build.namespace)]);
      const lost = await lostOf(build, { refs, runs, registry: this.registry, tags: this.#tags });
      return { lost, unanswered: [] };
    } catch (error) {
      return { lost: [], unanswered: [{ build, why: messageOf(error) }] };
    }
  }

  #refsOf({ url, branch, project }: DeclaredBuild): Promise<Refs> {
    const wanted = [`refs/heads/${branch}`, ...(this.#tags === undefined ? [] : ["refs/tags/"])];
    const token = cloneToken(this.#given.CLONE_TOKENS, project);
    return once(this.#refs, `${url} ${branch}`, () => askRefs({ url, token }, wanted));
  }
}

/** The token that reads a project's repositories; empty where everybody may. */
export function cloneToken(folder: string, project: string): string {
  return project === "" ? "" : readSecret(join(folder, project, "token"));
}

/** What is under a key, made the first time. */
function once<Value>(all: Map<string, Value>, key: string, make: () => Value): Value {
  const value = all.get(key) ?? make();
  all.set(key, value);
  return value;
}

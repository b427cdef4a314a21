/** The Workflows of builds that are at hand, running or ended. */
import type { DeclaredBuild } from "./declared.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import { isDone, listPage } from "./kubernetes.ts";
import { buildLabel } from "./labels.ts";

export interface Run {
  readonly name: string;
  readonly created: string;
  /** Empty where the controller has not taken it up yet. */
  readonly service: string;
  /** Empty where it does not know yet. */
  readonly commit: string;
  readonly branch: string;
  /** The tag of git that it builds; empty where it builds the branch. */
  readonly tag: string;
  /** Whether it is one of the program that catches up, and has ended well. */
  readonly isLook: boolean;
  /** Empty where the controller has not taken it up yet. */
  readonly phase: string;
  /** Whether its image is in the registry, and the Image Updater was notified of it. */
  readonly isPublished: boolean;
}

/**
 * Those of one namespace, but for what the controller could not carry to its end, such as after a panic of its own: its phase is
 * Error, and the commit's status says whether an end was reported.
 */
export class Runs {
  readonly all: readonly Run[];
  readonly #ofService: ReadonlyMap<string, readonly Run[]>;

  constructor(all: readonly Run[]) {
    this.all = all;
    const services = new Set(all.map(({ service }) => service));
    const grouped = new Map<string, Run[]>([...services].map((service) => [service, []]));
    for (const one of all) grouped.get(one.service)?.push(one);
    this.#ofService = grouped;
  }

  /** The builds of a branch. */
  ofBranch({ service, branchLabel }: DeclaredBuild): Run[] {
    return this.#of(service).filter(({ branch, tag }) => branch === branchLabel && tag === "");
  }

  /** The builds of tags. */
  ofTags({ service }: DeclaredBuild): Run[] {
    return this.#of(service).filter(({ tag }) => tag !== "");
  }

  /** Whether there is one that has no labels yet, of which only the name says the commit. */
  hasNew({ stem }: DeclaredBuild, commit: string): boolean {
    return this.#of("").some(({ name }) => name.startsWith(`${stem}-${commit.slice(0, 12)}-`));
  }

  #of(service: string): readonly Run[] {
    return this.#ofService.get(service) ?? [];
  }
}

/** The newest ones; several where they are of the same second. */
export function lastOf(runs: readonly Run[]): Run[] {
  const newest = runs
    .map(({ created }) => created)
    .toSorted()
    .at(-1);
  return runs.filter(({ created }) => created === newest);
}

/** @throws Error that says why the API server did not answer */
export async function listRuns(namespace: string): Promise<Runs> {
  const all: Run[] = [];
  let next = "";
  do {
    const answer = await listPage([namespace, "workflows"], next);
    if (!isDone(answer)) throw new Error(`Workflows of ${namespace}: ${answer.reason}`);
    const page = parseJson(answer.text);
    all.push(...listAt(page, "items").filter(isCarried).map(run));
    next = textAt(page, "metadata", "continue");
  } while (next !== "");
  return new Runs(all);
}

function isCarried(item: unknown): boolean {
  return phaseOf(item) !== "Error";
}

/** As Argo's controller labels it; empty where it has not taken it up yet. */
function phaseOf(item: unknown): string {
  return textAt(item, "metadata", "labels", "workflows.argoproj.io/phase");
}

function run(item: unknown): Run {
  const label = (name: string) => textAt(item, "metadata", "labels", name);
  return {
    name: textAt(item, "metadata", "name"),
    created: textAt(item, "metadata", "creationTimestamp"),
    service: label(buildLabel.service),
    commit: label(buildLabel.commit),
    branch: label(buildLabel.branch),
    tag: label(buildLabel.gitTag),
    phase: phaseOf(item),
    isPublished: label(buildLabel.published) === "true",
    isLook: label(buildLabel.look) !== "" && phaseOf(item) === "Succeeded",
  };
}

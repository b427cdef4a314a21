/** The existing Workflows of builds, running or completed. */
import type { DeclaredBuild } from "./declared.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import { isDone, listPage } from "./kubernetes.ts";
import { argoLabel, buildLabel } from "./labels.ts";

export interface Run {
  readonly name: string;
  readonly created: string;
  /** Empty until the controller has added the labels. */
  readonly service: string;
  /** Empty until the build has determined it. */
  readonly commit: string;
  readonly branch: string;
  /** The git tag that it builds; empty if it builds the branch. */
  readonly tag: string;
  /** Whether it is a successful run of catch-up.ts. */
  readonly isCatchUp: boolean;
  /** Empty until the controller has added the labels. */
  readonly phase: string;
  /** Whether it has published its image and notified the Image Updater. */
  readonly isPublished: boolean;
}

/**
 * The Workflows of one namespace, without those in phase Error, which the controller could not complete, for example
 * after a panic. For these, the commit's status shows whether an outcome was reported.
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

  /** Whether a Workflow of the commit exists that has no labels yet. Its name contains the commit. */
  hasUnlabeled({ workflowPrefix }: DeclaredBuild, commit: string): boolean {
    return this.#of("").some(({ name }) => name.startsWith(`${workflowPrefix}-${commit.slice(0, 12)}-`));
  }

  #of(service: string): readonly Run[] {
    return this.#ofService.get(service) ?? [];
  }
}

/** The newest runs: several if they were created in the same second. */
export function newestOf(runs: readonly Run[]): Run[] {
  const newest = runs
    .map(({ created }) => created)
    .toSorted()
    .at(-1);
  return runs.filter(({ created }) => created === newest);
}

/** @throws Error with the reason if the API server does not answer */
export async function listRuns(namespace: string): Promise<Runs> {
  const all: Run[] = [];
  let next = "";
  do {
    const answer = await listPage([namespace, "workflows"], next);
    if (!isDone(answer)) throw new Error(`Workflows of ${namespace}: ${answer.reason}`);
    const page = parseJson(answer.text);
    all.push(...listAt(page, "items").filter(hasNoError).map(run));
    next = textAt(page, "metadata", "continue");
  } while (next !== "");
  return new Runs(all);
}

function hasNoError(item: unknown): boolean {
  return phaseOf(item) !== "Error";
}

/** The phase in the label of Argo's controller; empty until the controller has set it. */
function phaseOf(item: unknown): string {
  return textAt(item, "metadata", "labels", argoLabel.phase);
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
    isCatchUp: label(buildLabel.catchUp) !== "" && phaseOf(item) === "Succeeded",
  };
}

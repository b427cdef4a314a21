/** A configuration as far as it could be read, as input of the rules between its parts. */
import { entries } from "../entries.ts";
import type { Application } from "./application-schema.ts";
import { joinPath } from "./errors.ts";
import type { Project, Repository } from "./project-schema.ts";
import type { TopLevel } from "./schema.ts";
import type { Secrets } from "./secret-schema.ts";

/** The configuration as it is in the stack file, without the `argo-cicd:` prefix. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** The parts that could be read. One with errors is missing, so that the rules between parts run on the others. */
export interface Readable {
  readonly stack: Partial<TopLevel>;
  readonly projects: Readonly<Record<string, Project>>;
  readonly secrets: Secrets | undefined;
  readonly raw: RawConfig;
}

/** Whether everything that reads secrets could be read. If not, a secret may only seem to be unused. */
export function showsUse({ stack, projects, raw }: Readable): boolean {
  const { github, builds } = stack;
  const all = entries(raw["projects"]).length;
  return github !== undefined && builds !== undefined && Object.keys(projects).length === all;
}

/** An item in a list of a project, and its path. */
interface Listed {
  readonly project: Project;
  /** The path of the item or, with steps, of something in it. */
  readonly at: (...steps: readonly (string | number)[]) => string;
}

export interface ListedRepository extends Listed {
  readonly repository: Repository;
}

export interface ListedApplication extends Listed {
  readonly application: Application;
}

/** Every repository of the stack. */
export function repositoriesOf({ projects }: Readable): ListedRepository[] {
  return entries(projects).flatMap(([key, project]) =>
    project.repositories.map((repository, index) => ({
      repository,
      project,
      at: (...steps) => joinPath("projects", [key, "repositories", index, ...steps]),
    })),
  );
}

/** The number of repositories whose images an application follows. */
export function followedCount({ application: { images }, project }: ListedApplication): number {
  return (images ?? project.repositories).length;
}

/** Every application of the stack. */
export function applicationsOf({ projects }: Readable): ListedApplication[] {
  return entries(projects).flatMap(([key, project]) =>
    project.applications.map((application, index) => ({
      application,
      project,
      at: (...steps) => joinPath("projects", [key, "applications", index, ...steps]),
    })),
  );
}

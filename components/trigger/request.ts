/** The interface of builds that no push starts. */
import type { AppEvent, DataFilter, WebhookEvent } from "../kinds/events.ts";
import type { Branch, Owner, RepositoryName } from "../names.ts";

/** The properties of a project that filters use. */
export interface Project {
  readonly owner: Owner;
  readonly branch: Branch;
  readonly repositories: readonly Reported[];
  /** The ID of the GitHub App that creates the builds' check runs; undefined if there is none. */
  readonly app: number | undefined;
}

/** A repository, and the name under which its builds are reported to GitHub. */
export interface Reported {
  readonly name: RepositoryName;
  readonly reportedAs: string;
}

export interface BuildRequest<Event = WebhookEvent | AppEvent> {
  /** The prefix of its triggers' names, which never change. */
  readonly trigger: string;
  readonly event: Event;
  /** Filters in addition to those of every delivery. */
  readonly filters: (project: Project) => DataFilter[];
  /** The part of the Workflow's name between the template and the delivery: an Argo Events template without braces. */
  readonly namePart: string;
  readonly parameters: (branch: Branch) => Readonly<Record<string, string>>;
}

export const fullCommit = "[0-9a-f]{40}";

/** A number with no more digits than fit into a label of the build. */
export const number = "^[1-9][0-9]{0,9}$";

/** The ref of a pull request's newest commit on the git server, even if it is of a fork. */
export const pullRef = (number: string) => `refs/pull/{{ int64 ${number} }}/head`;

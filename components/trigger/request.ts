/** What is known of a kind of builds that no push starts. */
import type { AppEvent, DataFilter, WebhookEvent } from "../kinds/events.ts";
import type { Branch, Owner, RepositoryName } from "../names.ts";

/** What filters go by. */
export interface Project {
  readonly owner: Owner;
  readonly branch: Branch;
  readonly repositories: readonly Reported[];
  /** The GitHub App whose check runs are the builds'; absent where there are none. */
  readonly app: number | undefined;
}

/** A repository, and the name of what its builds report to GitHub. */
export interface Reported {
  readonly name: RepositoryName;
  readonly reportedAs: string;
}

export interface Asked<Event = WebhookEvent | AppEvent> {
  /** What begins the names of its triggers, which never change. */
  readonly trigger: string;
  readonly event: Event;
  /** Beside those that every delivery must pass. */
  readonly filters: (project: Project) => DataFilter[];
  /** What the Workflow's name says between the template and the delivery: templates of Argo Events without their braces. */
  readonly named: string;
  readonly given: (branch: Branch) => Readonly<Record<string, string>>;
}

export const fullCommit = "[0-9a-f]{40}";

/** As many digits as a label of the build has room for. */
export const number = "^[1-9][0-9]{0,9}$";

/** The git server keeps a pull request's newest commit there, wherever it is from. */
export const pullRef = (number: string) => `refs/pull/{{ int64 ${number} }}/head`;

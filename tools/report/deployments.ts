/** The deployments of a stack, by what records them: the Workflows that are kept, and GitHub. */
import type { BuildRow, Rollout } from "./builds.ts";

/** An image that was published to be rolled out, and how that ended. */
export interface Deployment {
  readonly service: string;
  readonly commit: string;
  /** Of the image; undefined where the record does not say it. */
  readonly digest: string | undefined;
  readonly state: Rollout["state"];
  /** When it came to that. */
  readonly at: string;
  /** Seconds; undefined where the record does not say them. */
  readonly pushToLive: number | undefined;
  /** What was said last of it. */
  readonly words: string;
}

/** What Workflows know. Those of services that no application follows have no deployments. */
export function deploymentsOf(builds: readonly BuildRow[]): Deployment[] {
  return builds.flatMap(({ service, commit, digest, rollout, pushToLive, result }) =>
    rollout === undefined ? [] : [{ service, commit, digest, ...rollout, pushToLive, words: result }],
  );
}

/** A Deployment as GitHub has it, and the statuses that it was given, in any order. */
export interface Recorded {
  readonly commit: string;
  readonly createdAt: string;
  readonly statuses: readonly RecordedStatus[];
  /** What the build's commit status says; empty where it cannot be read. */
  readonly published: string;
}

export interface RecordedStatus {
  /** As GraphQL writes it: SUCCESS, FAILURE and others. */
  readonly state: string;
  readonly at: string;
  readonly description: string;
}

/**
 * GitHub makes a successful one inactive when the next succeeds: what decides is whether it ever was successful, and not what
 * was said last.
 */
export function fromGithub(
  service: string,
  { commit, createdAt, statuses, published }: Recorded,
): Deployment {
  const sorted = statuses.toSorted((one, other) => one.at.localeCompare(other.at));
  const success = sorted.find(({ state }) => state === "SUCCESS");
  const decided = success ?? sorted.find(({ state }) => state === "FAILURE");
  const { at = createdAt, description = "" } = decided ?? sorted.at(-1) ?? {};
  return {
    service,
    commit,
    digest: /\bsha256:[0-9a-f]{64}\b/.exec(published)?.[0],
    state: stateOf(success, decided),
    at,
    pushToLive: success && secondsIn(description),
    words: description,
  };
}

function stateOf(success: unknown, decided: unknown): Deployment["state"] {
  if (success !== undefined) return "succeeded";
  return decided === undefined ? "undecided" : "failed";
}

/** As programs/live.ts says them. */
function secondsIn(description: string): number | undefined {
  const [, seconds] = /^(?:live|rolled out) (\d+) s after the push/.exec(description) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

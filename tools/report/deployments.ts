/** The deployments of a stack, as the cluster's Workflows and GitHub record them. */
import type { BuildRow, Rollout } from "./builds.ts";

/** The rollout of a published image, and its outcome. */
export interface Deployment {
  readonly service: string;
  readonly commit: string;
  /** Of the image; undefined if the record lacks it. */
  readonly digest: string | undefined;
  readonly state: Rollout["state"];
  /** When it reached this state. */
  readonly at: string;
  /** In seconds; undefined if the record lacks it. */
  readonly pushToLive: number | undefined;
  /** The last message about it. */
  readonly words: string;
}

/** The deployments in Workflows. Services that no application follows have none. */
export function deploymentsOf(builds: readonly BuildRow[]): Deployment[] {
  return builds.flatMap(({ service, commit, digest, rollout, pushToLive, result }) =>
    rollout === undefined ? [] : [{ service, commit, digest, ...rollout, pushToLive, words: result }],
  );
}

/** A Deployment at GitHub, with its statuses in any order. */
export interface Recorded {
  readonly commit: string;
  readonly createdAt: string;
  readonly statuses: readonly RecordedStatus[];
  /** The description of the build's commit status; empty if it cannot be read. */
  readonly published: string;
}

export interface RecordedStatus {
  /** As GraphQL writes it: SUCCESS, FAILURE and others. */
  readonly state: string;
  readonly at: string;
  readonly description: string;
}

/**
 * GitHub marks a successful Deployment inactive when the next one succeeds. So it counts as successful if it ever was,
 * whatever its last status.
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

/** As programs/live.ts writes them. */
function secondsIn(description: string): number | undefined {
  const [, seconds] = /^(?:live|rolled out) (\d+) s after the push/.exec(description) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

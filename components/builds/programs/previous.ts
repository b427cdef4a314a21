/** How the build before this one has ended, as far as the remaining Workflows show. */
import type { Outcome } from "./failures.ts";
import { failedNodes, outcomeOf } from "./failures.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import { isDone, listMetadata, patch, read } from "./kubernetes.ts";
import { buildLabel, ofBranch } from "./labels.ts";
import { mapPool } from "./pool.ts";

export interface Asked {
  readonly namespace: string;
  /** The own Workflow's name. */
  readonly workflow: string;
  /** When it was made, in seconds since 1970. */
  readonly created: number;
  readonly service: string;
  readonly branchLabel: string;
  /** The steps that an image needs, in their order. */
  readonly steps: readonly string[];
}

/** Workflows that are changed at once. */
const few = 5;

/** Builds that were stopped say nothing, and are passed over: no more than these. */
const mostRead = 5;

/**
 * Whether people were notified that the last build of the same service and branch has failed, not counting those that were stopped.
 * Asked a second time, it has not: this build is marked as the one by which they hear of it. Builds that succeed are kept for a
 * shorter time than others, so that a later one may find no success between itself and the failure.
 */
export async function recovers(asked: Asked): Promise<boolean> {
  const list = await listMetadata([asked.namespace, "workflows"], endedBuilds(asked));
  if (!isDone(list)) throw new Error(`cannot list earlier builds of ${asked.service}: ${list.reason}`);
  const others = endedBefore(asked, parseJson(list.text));
  if (!(await hasFailed(asked, others))) return false;
  await mapPool(
    others.filter(({ phase }) => phase !== "Succeeded"),
    few,
    ({ name }) => markRecovered(asked, name),
  );
  return true;
}

async function markRecovered({ namespace, workflow }: Asked, name: string): Promise<void> {
  const change = { metadata: { labels: { [buildLabel.recoveredBy]: workflow } } };
  const answer = await patch([namespace, "workflows", name], change);
  if (!isDone(answer)) console.log(`cannot label ${name}, which this build fixes: ${answer.reason}`);
}

async function hasFailed(asked: Asked, others: readonly Ended[]): Promise<boolean> {
  for (const { name, phase } of others.slice(0, mostRead)) {
    if (phase === "Succeeded") return false;
    const answer = await read([asked.namespace, "workflows", name]);
    if (!isDone(answer)) throw new Error(`cannot read the earlier build ${name}: ${answer.reason}`);
    const outcome = outcomeOf(failedNodes(parseJson(answer.text)), asked.steps, "");
    // Its image was there, though it did not come to run.
    if (outcome === "published") return false;
    if (isNotified(outcome)) return true;
  }
  return false;
}

/** A build that was stopped is no news: whoever has stopped it knows, and a newer commit is built. */
export function isNotified(outcome: Outcome): outcome is Exclude<Outcome, "published"> {
  return outcome !== "published" && !/^(stopped$|superseded by )/.test(outcome.description);
}

/** Those that have ended, of the branch, that no newer one has stopped, and whose failure is not fixed yet. */
function endedBuilds({ service, branchLabel }: Asked): string[] {
  return [
    ...ofBranch(service, branchLabel),
    `!${buildLabel.supersededBy}`,
    `!${buildLabel.recoveredBy}`,
    "workflows.argoproj.io/completed=true",
  ];
}

interface Ended {
  readonly name: string;
  readonly phase: string;
}

/** The newest first; none where a newer build has ended, whose news counts. */
function endedBefore({ workflow, created }: Asked, list: unknown): Ended[] {
  const others = listAt(list, "items")
    .map((item) => ({
      name: textAt(item, "metadata", "name"),
      created: Date.parse(textAt(item, "metadata", "creationTimestamp")) / 1000,
      phase: textAt(item, "metadata", "labels", "workflows.argoproj.io/phase"),
    }))
    .filter(({ name }) => name !== workflow);
  if (others.some((other) => other.created > created)) return [];
  return others.toSorted((one, other) => other.created - one.created);
}

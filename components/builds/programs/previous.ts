/** How the previous build ended, judging by the Workflows that still exist. */
import type { Outcome } from "./failures.ts";
import { failedNodes, outcomeOf } from "./failures.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import { isDone, listMetadata, patch, read } from "./kubernetes.ts";
import { argoLabel, buildLabel, ofBranch } from "./labels.ts";
import { mapPool } from "./pool.ts";

export interface ThisBuild {
  readonly namespace: string;
  /** The name of this build's Workflow. */
  readonly workflow: string;
  /** When it was created, in seconds since 1970. */
  readonly created: number;
  readonly service: string;
  readonly branchLabel: string;
  /** The steps that an image needs, in order. */
  readonly steps: readonly string[];
}

/** Workflows that are patched at the same time. */
const concurrency = 5;

/** The most builds that are read: those that were stopped are skipped. */
const maxReads = 5;

/**
 * Whether the last build of the same service and branch failed with a notification, not counting stopped builds.
 *
 * If so, labels the failed builds as recovered by this one, so that a later call returns false. This matters because
 * successful builds are kept for a shorter time: a later build may find no success between itself and the failure.
 */
export async function recovers(build: ThisBuild): Promise<boolean> {
  const list = await listMetadata([build.namespace, "workflows"], endedBuilds(build));
  if (!isDone(list)) throw new Error(`cannot list earlier builds of ${build.service}: ${list.reason}`);
  const others = endedBefore(build, parseJson(list.text));
  if (!(await hasFailed(build, others))) return false;
  await mapPool(
    others.filter(({ phase }) => phase !== "Succeeded"),
    concurrency,
    ({ name }) => markRecovered(build, name),
  );
  return true;
}

async function markRecovered({ namespace, workflow }: ThisBuild, name: string): Promise<void> {
  const change = { metadata: { labels: { [buildLabel.recoveredBy]: workflow } } };
  const answer = await patch([namespace, "workflows", name], change);
  if (!isDone(answer)) console.log(`cannot label ${name}, which this build fixes: ${answer.reason}`);
}

async function hasFailed(build: ThisBuild, others: readonly Ended[]): Promise<boolean> {
  for (const { name, phase } of others.slice(0, maxReads)) {
    if (phase === "Succeeded") return false;
    const answer = await read([build.namespace, "workflows", name]);
    if (!isDone(answer)) throw new Error(`cannot read the earlier build ${name}: ${answer.reason}`);
    const outcome = outcomeOf(failedNodes(parseJson(answer.text)), build.steps, "");
    // Its image was published, though it was not rolled out.
    if (outcome === "published") return false;
    if (isNotified(outcome)) return true;
  }
  return false;
}

/** Stopped builds need no notification: a user stopped them, or a newer commit is built. */
export function isNotified(outcome: Outcome): outcome is Exclude<Outcome, "published"> {
  return outcome !== "published" && !/^(stopped$|superseded by )/.test(outcome.description);
}

/** Selects the branch's completed builds that were neither superseded nor recovered. */
function endedBuilds({ service, branchLabel }: ThisBuild): string[] {
  return [
    ...ofBranch(service, branchLabel),
    `!${buildLabel.supersededBy}`,
    `!${buildLabel.recoveredBy}`,
    `${argoLabel.completed}=true`,
  ];
}

interface Ended {
  readonly name: string;
  readonly phase: string;
}

/** Sorted with the newest first; empty if a newer build has ended, which then sends the notification. */
function endedBefore({ workflow, created }: ThisBuild, list: unknown): Ended[] {
  const others = listAt(list, "items")
    .map((item) => ({
      name: textAt(item, "metadata", "name"),
      created: Date.parse(textAt(item, "metadata", "creationTimestamp")) / 1000,
      phase: textAt(item, "metadata", "labels", argoLabel.phase),
    }))
    .filter(({ name }) => name !== workflow);
  if (others.some((other) => other.created > created)) return [];
  return others.toSorted((one, other) => other.created - one.created);
}

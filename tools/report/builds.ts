/** What became of builds: from Workflows, as the cluster has them, to rows. */
import { failedNodes, outcomeOf } from "../../components/builds/programs/failures.ts";
import { buildLabel } from "../../components/builds/programs/labels.ts";
import { cut } from "../../components/builds/programs/text.ts";
import type { StepName } from "../../components/builds/steps/steps.ts";
import { imageSteps, stepNames } from "../../components/builds/steps/steps.ts";

/** A Workflow; only what is read is typed. */
export interface Workflow {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** Who stops a Workflow, a newer build or a person, writes how. */
  readonly spec?: { readonly shutdown?: string };
  readonly status?: {
    readonly phase?: string;
    readonly finishedAt?: string | null;
    readonly nodes?: Readonly<Record<string, Node>>;
  };
}

interface Node {
  readonly displayName: string;
  readonly templateName?: string;
  readonly phase?: string;
  readonly message?: string;
  readonly startedAt?: string | null;
  readonly finishedAt?: string | null;
  readonly outputs?: { readonly parameters?: readonly { readonly name: string; readonly value?: string }[] };
}

export interface BuildRow {
  readonly workflow: string;
  /** When it was made, which is when the push came. */
  readonly at: string;
  readonly service: string;
  /** Empty where it ended before it knew its commit. */
  readonly commit: string;
  /** The branch, or the tag of git. */
  readonly ref: string;
  /** Seconds of each step that has ended. */
  readonly steps: Readonly<Partial<Record<StepName, number>>>;
  /** Seconds of all of it; absent while it runs. */
  readonly whole: number | undefined;
  /** Seconds from the push until its image ran; absent where it did not come to that. */
  readonly pushToLive: number | undefined;
  /** What has started it, where no push and no person has; empty else. */
  readonly startedBy: string;
  /** In words. */
  readonly result: string;
  /** Whether it has failed by itself: nobody has stopped it. */
  readonly failed: boolean;
  /** When it ended; absent while it runs. */
  readonly ended: string | undefined;
  /** The image's digest, once it is published. */
  readonly digest: string | undefined;
  /** How the wait for its pods has ended; absent where it did not come to that. */
  readonly rollout: Rollout | undefined;
}

export interface Rollout {
  /**
   * `undecided` where a build does not say more: another image took its place, a sync window holds it, no pod runs it, or it was
   * stopped.
   */
  readonly state: "succeeded" | "failed" | "undecided";
  readonly at: string;
}

/** The last builds, the newest first; none of a pull request or of another branch, whose image is not deployed. */
export function buildRows(workflows: readonly Workflow[], last: number): BuildRow[] {
  return workflows
    .filter(
      ({ metadata: { labels = {} } }) => labels[buildLabel.service] !== undefined && !isOfOtherRef(labels),
    )
    .toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))
    .slice(0, last)
    .map(buildRow);
}

function isOfOtherRef(labels: Readonly<Record<string, string>>): boolean {
  return [buildLabel.pullRequest, buildLabel.otherBranch].some((name) => (labels[name] ?? "") !== "");
}

function buildRow({ metadata, spec = {}, status = {} }: Workflow): BuildRow {
  const { creationTimestamp: at, labels = {} } = metadata;
  const label = (name: keyof typeof buildLabel) => labels[buildLabel[name]] ?? "";
  const nodes = stepNodes(status.nodes);
  const output = (step: StepName, name: string) =>
    nodes[step]?.outputs?.parameters?.find((one) => one.name === name)?.value;
  const live = Number(output("live", "seconds") ?? 0);
  const isStopped = spec.shutdown !== undefined || label("supersededBy") !== "";
  return {
    workflow: metadata.name,
    at,
    service: label("service"),
    commit: label("commit") || (output("build", "commit") ?? output("index", "commit") ?? ""),
    ref: label("gitTag") || label("branch"),
    steps: Object.fromEntries(
      Object.entries(nodes).flatMap(([step, node]) => {
        const seconds = between(node.startedAt, node.finishedAt);
        // Its times are those of the step that it would have come after.
        return seconds === undefined || node.phase === "Omitted" ? [] : [[step, seconds]];
      }),
    ),
    whole: between(at, status.finishedAt),
    pushToLive: live > 0 ? live : undefined,
    startedBy: label("startedBy"),
    result: resultOf(status, nodes, isStopped ? stoppedBy(label("supersededBy")) : ""),
    failed: hasFailed(status) && !isStopped,
    ended: status.finishedAt ?? undefined,
    digest: output("publish", "digest"),
    rollout: rolloutOf(nodes.live, live > 0, isStopped),
  };
}

function hasFailed({ phase = "" }: Pick<Node, "phase">): boolean {
  return ["Failed", "Error"].includes(phase);
}

function stoppedBy(commit: string): string {
  return commit === "" ? "stopped" : `superseded by ${commit.slice(0, 7)}`;
}

/** @param isLive whether its image was seen to run */
function rolloutOf(node: Node | undefined, isLive: boolean, isStopped: boolean): Rollout | undefined {
  const { finishedAt: at, phase } = node ?? {};
  if (node === undefined || at === undefined || at === null) return undefined;
  if (hasFailed(node)) return { state: isStopped ? "undecided" : "failed", at };
  return phase === "Succeeded" ? { state: isLive ? "succeeded" : "undecided", at } : undefined;
}

/** The node of each step: that which stands for all its tries. */
function stepNodes(nodes: Readonly<Record<string, Node>> = {}): Partial<Record<StepName, Node>> {
  const found = stepNames.flatMap((step) => {
    const node = Object.values(nodes).find(({ displayName }) => displayName === step);
    return node === undefined ? [] : [[step, node] as const];
  });
  return Object.fromEntries(found);
}

function between(from: string | null | undefined, to: string | null | undefined): number | undefined {
  if (from === null || from === undefined || to === null || to === undefined) return undefined;
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** It waits in vain, and well, for an image that no pod is to run now. */
function succeeded(live: Node | undefined): string {
  if (live?.phase !== "Succeeded") return "published";
  const isLive = live.outputs?.parameters?.some(({ name, value }) => name === "seconds" && value !== "0");
  return isLive === true ? "live" : "published: replaced, held by a sync window, or run by no pod";
}

function resultOf(
  status: NonNullable<Workflow["status"]>,
  nodes: Partial<Record<StepName, Node>>,
  stopped: string,
): string {
  const { phase = "Pending" } = status;
  if (phase === "Succeeded") return succeeded(nodes.live);
  if (phase === "Pending" || phase === "Running") {
    const running = stepNames.findLast((step) => nodes[step]?.phase === "Running");
    return running === undefined ? "waiting" : `runs: ${running}`;
  }
  return stopped === "" ? cut(failureOf(status), longest, "…") : stopped;
}

/** Characters of the last line that a step has written. */
const longest = 200;

/** As it is reported to GitHub: the step for which there is no image, and where there is one, the step that has failed after it. */
function failureOf(status: NonNullable<Workflow["status"]>): string {
  const failed = failedNodes({ status });
  const [image, any] = [imageSteps, stepNames].map((steps) => outcomeOf(failed, steps, ""));
  const outcome = image === "published" ? any : image;
  return outcome === undefined || outcome === "published" ? "failed" : outcome.description;
}

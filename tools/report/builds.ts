/** Turns the cluster's Workflows into rows of builds and their outcomes. */
import { failedNodes, outcomeOf } from "../../components/builds/programs/failures.ts";
import { buildLabel } from "../../components/builds/programs/labels.ts";
import { cut } from "../../components/builds/programs/text.ts";
import type { StepName } from "../../components/builds/steps/steps.ts";
import { imageSteps, stepNames } from "../../components/builds/steps/steps.ts";

/** A Workflow, with the fields that are read. */
export interface Workflow {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** Set by whatever stops a Workflow: a newer build or a person. */
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
  /** When the Workflow was created, which is when the push arrived. */
  readonly at: string;
  readonly service: string;
  /** Empty if it ended before it knew its commit. */
  readonly commit: string;
  /** The branch or the git tag. */
  readonly ref: string;
  /** The duration in seconds of each step that has ended. */
  readonly steps: Readonly<Partial<Record<StepName, number>>>;
  /** The duration in seconds; undefined while it runs. */
  readonly whole: number | undefined;
  /** Seconds from the push until its image ran; undefined if it did not. */
  readonly pushToLive: number | undefined;
  /** What started it, if neither a push nor a person did; otherwise empty. */
  readonly startedBy: string;
  /** The outcome, as text. */
  readonly result: string;
  /** Whether it failed without being stopped. */
  readonly failed: boolean;
  /** When it ended; undefined while it runs. */
  readonly ended: string | undefined;
  /** The image's digest, once it is published. */
  readonly digest: string | undefined;
  /** How the wait for its pods ended; undefined if it has not. */
  readonly rollout: Rollout | undefined;
}

export interface Rollout {
  /**
   * `undecided` if the build does not tell: another image replaced it, a sync window holds it, no pod runs it, or it
   * was stopped.
   */
  readonly state: "succeeded" | "failed" | "undecided";
  readonly at: string;
}

/** The last builds, the newest first, without pull requests and other branches, whose images are not deployed. */
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
        // An omitted step has the times of the step before it.
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

/** @param isLive whether its image was seen running */
function rolloutOf(node: Node | undefined, isLive: boolean, isStopped: boolean): Rollout | undefined {
  const { finishedAt: at, phase } = node ?? {};
  if (node === undefined || at === undefined || at === null) return undefined;
  if (hasFailed(node)) return { state: isStopped ? "undecided" : "failed", at };
  return phase === "Succeeded" ? { state: isLive ? "succeeded" : "undecided", at } : undefined;
}

/** The node of each step: the one for all of its retries. */
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

/** The step `live` also succeeds if no pod should run the image now. */
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
    return running === undefined ? "waiting" : `running: ${running}`;
  }
  return stopped === "" ? cut(failureOf(status), maxFailure, "…") : stopped;
}

/** In characters, of the last line that a step wrote. */
const maxFailure = 200;

/** As reported to GitHub: the step that kept the image from being published, or else the step that failed after it. */
function failureOf(status: NonNullable<Workflow["status"]>): string {
  const failed = failedNodes({ status });
  const [image, any] = [imageSteps, stepNames].map((steps) => outcomeOf(failed, steps, ""));
  const outcome = image === "published" ? any : image;
  return outcome === undefined || outcome === "published" ? "failed" : outcome.description;
}

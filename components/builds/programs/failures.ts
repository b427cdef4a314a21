/** Derives the outcome of a build from the failed nodes of its Workflow. */
import { at, listAt, textAt, valuesAt } from "./json.ts";
import { deletedPod, whyLost } from "./lost.ts";

/** A failed node: a step, an attempt of a step, or the whole Workflow. */
export interface FailedNode {
  readonly displayName: string;
  readonly templateName: string;
  readonly message: string;
  /** Empty if it never ended. */
  readonly finishedAt: string;
  /** Whether it ran at least as long as its template allows. */
  readonly overdue: boolean;
}

/** @param workflow as returned by the API server */
export function failedNodes(workflow: unknown): FailedNode[] {
  const failed = valuesAt(workflow, "status", "nodes").filter((node) =>
    ["Failed", "Error"].includes(textAt(node, "phase")),
  );
  const limits = timeLimits(workflow);
  return failed.map((node) => ({
    displayName: textAt(node, "displayName"),
    templateName: textAt(node, "templateName"),
    message: printable(textAt(node, "message")),
    finishedAt: textAt(node, "finishedAt"),
    overdue: secondsOf(node) >= (limits.get(textAt(node, "templateName")) ?? Infinity),
  }));
}

/** Time limits in seconds by template; templates without one are left out. */
function timeLimits(workflow: unknown): ReadonlyMap<string, number> {
  const templates = listAt(workflow, "status", "storedWorkflowTemplateSpec", "templates");
  return new Map(
    templates.flatMap((template) => {
      const limit = at(template, "activeDeadlineSeconds");
      return typeof limit === "number" ? [[textAt(template, "name"), limit]] : [];
    }),
  );
}

/** How long a node ran; NaN if it has not started or not ended. */
function secondsOf(node: unknown): number {
  return (Date.parse(textAt(node, "finishedAt")) - Date.parse(textAt(node, "startedAt"))) / 1000;
}

/** Keeps newlines and replaces other invisible characters. */
function printable(text: string): string {
  return text.replace(/[\r\t\b\f]/g, " ").replace(/[^\P{Cc}\n]|[\u2028\u2029]|\p{Bidi_Control}/gu, "?");
}

/** What is reported to GitHub; `published` if only waiting for the rollout of the image has failed. */
export type Outcome = "published" | { readonly state: "failure" | "error"; readonly description: string };

/**
 * @param steps the steps that an image needs, in order
 * @param supersededBy the commit whose build stopped this one; empty if none did
 */
export function outcomeOf(
  nodes: readonly FailedNode[],
  steps: readonly string[],
  supersededBy: string,
): Outcome {
  const failed = firstFailed(nodes, steps);
  if (failed === undefined && nodes.some(({ templateName }) => templateName === "live")) return "published";
  if (supersededBy !== "") return error(`superseded by ${supersededBy.slice(0, 7)}`);
  if (nodes.some(({ message }) => stopped.test(message))) return error("stopped");
  if (failed === undefined) return error("failed outside of its steps");
  const description = describe(failed, attemptsOf(nodes, failed));
  const [, refusal] = refused.exec(description) ?? [];
  return refusal === undefined ? { state: "failure", description } : error(refusal);
}

/** The message of tip.sh for a commit that must not be built. This is not a failure of the commit. */
const refused = /^checkout failed: refused: (.*)$/;

const stopped = /^(Stopped|workflow shutdown) with strategy/;
const timeLimit =
  /longer than the specified deadline$|exceeded its deadline$|^DeadlineExceeded|^retry exceeded/;
/** The kubelet evicts a pod that exceeds its disk limits. */
const diskLimit =
  /^(Usage of EmptyDir volume|Container \S+ exceeded its local ephemeral storage limit|Pod ephemeral local storage usage exceeds)/;
const memoryLimit = /^[a-z0-9-]+: OOMKilled /;

function error(description: string): Outcome {
  return { state: "error", description };
}

/**
 * A retried step has a node for itself, named like the step, and one per attempt: step(0), step(1) ...
 * A failed attempt is not a failed step, since the next may have succeeded. But only the attempt's node has the reason.
 */
function isAttempt(node: FailedNode): boolean {
  return node.displayName !== taskOf(node);
}

/** Several tasks may use one template: a build has one per architecture. */
function taskOf({ displayName }: FailedNode): string {
  return displayName.replace(/\([0-9]+\)$/, "");
}

/** The step that failed first; among those of the same second, the earlier one in the build. */
function firstFailed(nodes: readonly FailedNode[], steps: readonly string[]): FailedNode | undefined {
  const place = ({ templateName }: FailedNode) => steps.indexOf(templateName);
  const failed = nodes.filter((node) => place(node) >= 0 && !isAttempt(node));
  const [first] = failed.toSorted(
    (one, other) => compare(endOf(one), endOf(other)) || place(one) - place(other),
  );
  return first;
}

type Attempts = readonly [FailedNode, ...FailedNode[]];

/** The attempts of a step, the last one first; the step itself if it has no retries. */
function attemptsOf(nodes: readonly FailedNode[], failed: FailedNode): Attempts {
  const attempts = nodes.filter((node) => isAttempt(node) && taskOf(node) === taskOf(failed));
  const [last = failed, ...earlier] = attempts.toSorted((one, other) => compare(endOf(other), endOf(one)));
  return [last, ...earlier];
}

/** Sorts nodes that never ended last. */
function endOf({ finishedAt }: FailedNode): string {
  return finishedAt === "" ? "~" : finishedAt;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** The start of Argo's message: the container, and how it ended. */
const container = /^([a-z0-9-]+): ([A-Za-z]+ \(exit code [0-9]+\))(?:: )?/;

function describe(failed: FailedNode, [{ message, overdue }, ...earlier]: Attempts): string {
  const step = taskOf(failed);
  // The kubelet ends a pod at its time limit, and the controller may only see that it was deleted.
  if (timeLimit.test(message) || (overdue && message === deletedPod))
    return `${step}: exceeded its time limit`;
  if (diskLimit.test(message)) return `${step}: exceeded its disk limit`;
  if (memoryLimit.test(message)) return `${step}: exceeded its memory limit`;
  const lost = whyLost(message);
  if (lost === undefined) return describeContainer(failed, message);
  const times = earlier.length === 0 ? "" : ` ${(earlier.length + 1).toString()} times`;
  return `${step} failed${times}: ${lost}`;
}

/** Argo's message has the container, how it ended, and its last lines of output, of which only the last is reported. */
function describeContainer(failed: FailedNode, message: string): string {
  const step = taskOf(failed);
  const lines = ownLines(message);
  const last = lines.at(-1) ?? "";
  const [prefix = "", name = "", end = ""] = container.exec(message) ?? [];
  if (prefix === "") return last === "" ? `${step} failed` : `${step} failed: ${last}`;
  const reason = lines.length > 1 ? last : last.slice(prefix.length);
  const one = step === failed.templateName ? name : `${name} of ${step}`;
  return `${name === "main" ? step : one} failed: ${reason === "" ? end : reason}`;
}

/** The program's lines, without those that Argo's executor adds after them. */
function ownLines(message: string): string[] {
  const lines = message.split("\n");
  const last = lines.findLastIndex((line) => !/^ *$|^Error: exit status [0-9]+$| argo=true( |$)/.test(line));
  return lines.slice(0, Math.max(1, last + 1));
}

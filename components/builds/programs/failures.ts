/** What Argo says of the nodes of a Workflow that have failed, and what came of the build by that. */
import { at, listAt, textAt, valuesAt } from "./json.ts";
import { deleted, whyLost } from "./lost.ts";

/** A node that has failed: a step, a try of one, or the whole. */
export interface FailedNode {
  readonly displayName: string;
  readonly templateName: string;
  readonly message: string;
  /** Empty where it never ended. */
  readonly finishedAt: string;
  /** Whether it ran for as long as its template allows. */
  readonly overdue: boolean;
}

/** @param workflow as the API server gives it */
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

/** In seconds, of each template that has one. */
function timeLimits(workflow: unknown): ReadonlyMap<string, number> {
  const templates = listAt(workflow, "status", "storedWorkflowTemplateSpec", "templates");
  return new Map(
    templates.flatMap((template) => {
      const limit = at(template, "activeDeadlineSeconds");
      return typeof limit === "number" ? [[textAt(template, "name"), limit]] : [];
    }),
  );
}

/** How long a node ran; not a number where it has not begun or not ended. */
function secondsOf(node: unknown): number {
  return (Date.parse(textAt(node, "finishedAt")) - Date.parse(textAt(node, "startedAt"))) / 1000;
}

/** Lines stay; other signs that nobody sees do not. */
function printable(text: string): string {
  return text.replace(/[\r\t\b\f]/g, " ").replace(/[^\P{Cc}\n]|[\u2028\u2029]|\p{Bidi_Control}/gu, "?");
}

/** What is reported to GitHub of a build; published where its image is there, and only the wait for it has failed. */
export type Outcome = "published" | { readonly state: "failure" | "error"; readonly description: string };

/**
 * @param steps those that an image needs, in their order
 * @param supersededBy the commit that has stopped the build; empty where none has
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
  const description = describe(failed, triesOf(nodes, failed));
  const [, refusal] = refused.exec(description) ?? [];
  return refusal === undefined ? { state: "failure", description } : error(refusal);
}

/** As tip.sh says of a commit that is not to be built: nothing is wrong with it. */
const refused = /^checkout failed: refused: (.*)$/;

const stopped = /^(Stopped|workflow shutdown) with strategy/;
const overTime =
  /longer than the specified deadline$|exceeded its deadline$|^DeadlineExceeded|^retry exceeded/;
/** The kubelet evicts a pod that uses more than it may. */
const full =
  /^(Usage of EmptyDir volume|Container \S+ exceeded its local ephemeral storage limit|Pod ephemeral local storage usage exceeds)/;
const starved = /^[a-z0-9-]+: OOMKilled /;

function error(description: string): Outcome {
  return { state: "error", description };
}

/**
 * A step that is tried again has a node for itself, named as the step, and one for each try, named step(0), step(1) ...
 * A failed try is not a failed step: the next may have succeeded. But only the try says what went wrong.
 */
function isTry(node: FailedNode): boolean {
  return node.displayName !== taskOf(node);
}

/** Several may be of one template: a build has one for each of several architectures. */
function taskOf({ displayName }: FailedNode): string {
  return displayName.replace(/\([0-9]+\)$/, "");
}

/** Of the same second, the one that comes first in a build. */
function firstFailed(nodes: readonly FailedNode[], steps: readonly string[]): FailedNode | undefined {
  const place = ({ templateName }: FailedNode) => steps.indexOf(templateName);
  const failed = nodes.filter((node) => place(node) >= 0 && !isTry(node));
  const [first] = failed.toSorted(
    (one, other) => compare(endOf(one), endOf(other)) || place(one) - place(other),
  );
  return first;
}

/** The last one first. */
type Tries = readonly [FailedNode, ...FailedNode[]];

/** The tries of a step, the last one first; the step itself where it was tried once. */
function triesOf(nodes: readonly FailedNode[], failed: FailedNode): Tries {
  const tries = nodes.filter((node) => isTry(node) && taskOf(node) === taskOf(failed));
  const [last = failed, ...earlier] = tries.toSorted((one, other) => compare(endOf(other), endOf(one)));
  return [last, ...earlier];
}

/** Those that never ended come last. */
function endOf({ finishedAt }: FailedNode): string {
  return finishedAt === "" ? "~" : finishedAt;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** How Argo begins: which container, and how it ended. */
const container = /^([a-z0-9-]+): ([A-Za-z]+ \(exit code [0-9]+\))(?:: )?/;

function describe(failed: FailedNode, [{ message, overdue }, ...earlier]: Tries): string {
  const step = taskOf(failed);
  // The kubelet ends a pod at its time limit, and the controller may see only that it is gone.
  if (overTime.test(message) || (overdue && message === deleted)) return `${step}: exceeded its time limit`;
  if (full.test(message)) return `${step}: exceeded its disk limit`;
  if (starved.test(message)) return `${step}: exceeded its memory limit`;
  const lost = whyLost(message);
  if (lost === undefined) return describeContainer(failed, message);
  const times = earlier.length === 0 ? "" : ` ${(earlier.length + 1).toString()} times`;
  return `${step} failed${times}: ${lost}`;
}

/** Argo says which container, how it ended, and its last lines, of which the last one says most. */
function describeContainer(failed: FailedNode, message: string): string {
  const step = taskOf(failed);
  const lines = ownLines(message);
  const last = lines.at(-1) ?? "";
  const [begin = "", name = "", end = ""] = container.exec(message) ?? [];
  if (begin === "") return last === "" ? `${step} failed` : `${step} failed: ${last}`;
  const said = lines.length > 1 ? last : last.slice(begin.length);
  const one = step === failed.templateName ? name : `${name} of ${step}`;
  return `${name === "main" ? step : one} failed: ${said === "" ? end : said}`;
}

/** The executor, which has called the program, adds lines of its own. */
function ownLines(message: string): string[] {
  const lines = message.split("\n");
  const last = lines.findLastIndex((line) => !/^ *$|^Error: exit status [0-9]+$| argo=true( |$)/.test(line));
  return lines.slice(0, Math.max(1, last + 1));
}

/** Why a pod does not run, as Kubernetes reports it: for the doctor, and for `pulumi up` while it waits. */
import { at, listAt, textAt } from "../builds/programs/json.ts";
import { conditionOf, shown } from "./objects.ts";

export interface PodProblem {
  readonly what: "waits" | "has failed" | "has no node" | "is not ready";
  /** Kubernetes' name for the cause; empty if it has none. */
  readonly reason: string;
  /** Kubernetes' message. */
  readonly message: string;
}

export function problemText({ what, reason, message }: PodProblem): string {
  const words = [reason, message].filter((text) => text !== "").join(", ");
  return `${what}: ${shown(words) || "no reason is given"}`;
}

/** Milliseconds that a pod may take to become ready. */
const gracePeriod = 60_000;

/** Undefined if the pod is healthy or new. */
export function podProblem(pod: unknown, now: Date): PodProblem | undefined {
  const phase = textAt(pod, "status", "phase");
  const waiting = containersOf(pod).map((one) => at(one, "state", "waiting"));
  const stuck = waiting.find((one) => /BackOff|^Err|Error|Invalid/.test(textAt(one, "reason")));
  if (stuck !== undefined) return { what: "waits", ...reasonOf(stuck) };
  const age = now.getTime() - Date.parse(textAt(pod, "metadata", "creationTimestamp"));
  if (phase === "Succeeded" || age < gracePeriod) return undefined;
  if (phase === "Failed") return { what: "has failed", ...reasonOf(at(pod, "status")) };
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled.status === "False") return { what: "has no node", reason: "", message: scheduled.because };
  const ready = conditionOf(pod, "Ready");
  if (ready.status === "True") return undefined;
  const reason = lastTermination(pod);
  return { what: "is not ready", reason, message: reason === "" ? ready.because || phase : "" };
}

/** The name of a container that has terminated before; undefined if none has. */
export function crashed(pod: unknown): string | undefined {
  const found = containersOf(pod).find((one) => at(one, "lastState", "terminated") !== undefined);
  return found === undefined ? undefined : textAt(found, "name");
}

function containersOf(pod: unknown): unknown[] {
  return ["initContainerStatuses", "containerStatuses"].flatMap((key) => listAt(pod, "status", key));
}

/** Why a container of the pod has terminated before. */
function lastTermination(pod: unknown): string {
  const ends = containersOf(pod).map((one) => textAt(one, "lastState", "terminated", "reason"));
  return ends.find((reason) => reason !== "" && reason !== "Completed") ?? "";
}

function reasonOf(state: unknown): Pick<PodProblem, "reason" | "message"> {
  return { reason: textAt(state, "reason"), message: textAt(state, "message") };
}

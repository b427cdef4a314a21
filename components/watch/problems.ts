/** What in a namespace keeps `pulumi up` waiting. */
import { at, textAt } from "../builds/programs/json.ts";
import { nameOf, shown } from "./objects.ts";
import { crashed, podProblem, problemText } from "./pods.ts";

/** The state of a namespace, as read from the API server. */
export interface Snapshot {
  readonly namespace: string;
  readonly pods: readonly unknown[];
  /** Only those of type `Warning`. */
  readonly events: readonly unknown[];
  readonly at: Date;
}

export interface Problem {
  /** The object with its kind and namespace. */
  readonly about: string;
  /** Identifies the problem: the same until the object has a different one. */
  readonly key: string;
  readonly text: string;
  /** A container whose last log line may show the cause. */
  readonly crashed?: { readonly pod: string; readonly container: string };
}

export function problems(snapshot: Snapshot): Problem[] {
  return [
    ...snapshot.pods.flatMap((pod) => problemOfPod(pod, snapshot)),
    ...snapshot.events.flatMap((one) => refusal(one, snapshot)),
  ];
}

/** The pods that were reported and no longer have a problem. */
export function recovered(snapshot: Snapshot, reported: ReadonlySet<string>): string[] {
  const failing = problems(snapshot).map(({ about }) => about);
  const all = snapshot.pods.map((pod) => nameOfPod(pod, snapshot));
  return all.filter((about) => reported.has(about) && !failing.includes(about));
}

function nameOfPod(pod: unknown, { namespace }: Snapshot): string {
  return `the pod ${nameOf(pod)} in ${namespace}`;
}

function problemOfPod(pod: unknown, snapshot: Snapshot): Problem[] {
  // Nothing waits for a pod that is being deleted.
  if (at(pod, "metadata", "deletionTimestamp") !== undefined) return [];
  const problem = podProblem(pod, snapshot.at);
  if (problem === undefined) return [];
  const about = nameOfPod(pod, snapshot);
  const container = crashed(pod);
  // The condition alone does not state the cause.
  const why = problem.what === "is not ready" && problem.reason === "" ? eventOf(pod, snapshot) : undefined;
  return [
    {
      about,
      key: `${about} ${problem.what} ${problem.reason}`,
      text: `${about} ${why === undefined ? problemText(problem) : `is not ready: ${eventText(why)}`}`,
      ...(container === undefined ? {} : { crashed: { pod: nameOf(pod), container } }),
    },
  ];
}

/** The newest event of a pod. */
function eventOf(pod: unknown, { events }: Snapshot): unknown {
  const own = events.filter((one) => textAt(one, "involvedObject", "uid") === textAt(pod, "metadata", "uid"));
  return own.toSorted((one, other) => timeOf(one) - timeOf(other)).at(-1);
}

/** Milliseconds for which an event counts. Kubernetes repeats an event while its cause lasts. */
const recent = 120_000;

/** An object that cannot create its pod or volume. No pod would show this. */
function refusal(event: unknown, { namespace, at: now }: Snapshot): Problem[] {
  const kind = textAt(event, "involvedObject", "kind");
  const reason = textAt(event, "reason");
  const isPast = now.getTime() - timeOf(event) > recent;
  if (kind === "Pod" || isPast || !/^Failed|Failed$/.test(reason)) return [];
  const about = `the ${kind} ${textAt(event, "involvedObject", "name")} in ${namespace}`;
  return [{ about, key: `${about} ${reason}`, text: `${about} waits: ${eventText(event)}` }];
}

function eventText(event: unknown): string {
  return shown(`${textAt(event, "reason")}, ${textAt(event, "message")}`);
}

/** The two event APIs have different fields for the time. */
function timeOf(event: unknown): number {
  const times = [
    textAt(event, "series", "lastObservedTime"),
    textAt(event, "lastTimestamp"),
    textAt(event, "eventTime"),
    textAt(event, "metadata", "creationTimestamp"),
  ];
  return Date.parse(times.find((time) => time !== "") ?? "");
}

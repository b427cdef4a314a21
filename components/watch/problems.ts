/** What of a namespace keeps `pulumi up` waiting, of two looks at it. */
import { at, textAt } from "../builds/programs/json.ts";
import { nameOf, shown } from "./objects.ts";
import { crashed, podProblem, problemText } from "./pods.ts";

/** What the API server says of a namespace. */
export interface Look {
  readonly namespace: string;
  readonly pods: readonly unknown[];
  /** Of type `Warning`. */
  readonly events: readonly unknown[];
  readonly at: Date;
}

export interface Problem {
  /** The object, with its kind. */
  readonly about: string;
  /** The same as long as nothing else is the matter with it. */
  readonly key: string;
  readonly text: string;
  /** A container whose last log line says more. */
  readonly crashed?: { readonly pod: string; readonly container: string };
}

export function problems(look: Look): Problem[] {
  return [
    ...look.pods.flatMap((pod) => problemOfPod(pod, look)),
    ...look.events.flatMap((one) => refusal(one, look)),
  ];
}

/** The pods that were reported before, and run now. */
export function recovered(look: Look, reported: ReadonlySet<string>): string[] {
  const failing = problems(look).map(({ about }) => about);
  const all = look.pods.map((pod) => nameOfPod(pod, look));
  return all.filter((about) => reported.has(about) && !failing.includes(about));
}

function nameOfPod(pod: unknown, { namespace }: Look): string {
  return `the pod ${nameOf(pod)} in ${namespace}`;
}

function problemOfPod(pod: unknown, look: Look): Problem[] {
  // Nobody waits for one that is being deleted.
  if (at(pod, "metadata", "deletionTimestamp") !== undefined) return [];
  const problem = podProblem(pod, look.at);
  if (problem === undefined) return [];
  const about = nameOfPod(pod, look);
  const container = crashed(pod);
  // Kubernetes' own condition says no more than that it is so.
  const why = problem.what === "is not ready" && problem.reason === "" ? eventOf(pod, look) : undefined;
  return [
    {
      about,
      key: `${about} ${problem.what} ${problem.reason}`,
      text: `${about} ${why === undefined ? problemText(problem) : `is not ready: ${saidBy(why)}`}`,
      ...(container === undefined ? {} : { crashed: { pod: nameOf(pod), container } }),
    },
  ];
}

/** The newest of a pod. */
function eventOf(pod: unknown, { events }: Look): unknown {
  const own = events.filter((one) => textAt(one, "involvedObject", "uid") === textAt(pod, "metadata", "uid"));
  return own.toSorted((one, other) => timeOf(one) - timeOf(other)).at(-1);
}

/** Milliseconds for which an event counts: Kubernetes repeats those of what is still so. */
const recent = 120_000;

/** Something that would make a pod or give it a volume, and cannot: there is no pod then that would say so. */
function refusal(event: unknown, { namespace, at: now }: Look): Problem[] {
  const kind = textAt(event, "involvedObject", "kind");
  const reason = textAt(event, "reason");
  const isPast = now.getTime() - timeOf(event) > recent;
  if (kind === "Pod" || isPast || !/^Failed|Failed$/.test(reason)) return [];
  const about = `the ${kind} ${textAt(event, "involvedObject", "name")} in ${namespace}`;
  return [{ about, key: `${about} ${reason}`, text: `${about} waits: ${saidBy(event)}` }];
}

function saidBy(event: unknown): string {
  return shown(`${textAt(event, "reason")}, ${textAt(event, "message")}`);
}

/** The two kinds of writers of events have different fields for it. */
function timeOf(event: unknown): number {
  const times = [
    textAt(event, "series", "lastObservedTime"),
    textAt(event, "lastTimestamp"),
    textAt(event, "eventTime"),
    textAt(event, "metadata", "creationTimestamp"),
  ];
  return Date.parse(times.find((time) => time !== "") ?? "");
}

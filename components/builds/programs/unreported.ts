/**
 * What GitHub did not take of a build's reports, as a note on its Workflow: GitHub limits calls per hour, and may be unavailable. The
 * program that catches up reports it later (post-unreported.ts).
 */
import type { Variables } from "./environment.ts";
import type { Deployment, GitHub, Status } from "./github.ts";
import { mayPassLater } from "./github-limits.ts";
import type { Answer } from "./http.ts";
import { Refusal } from "./http.ts";
import { at, parseJson, textAt } from "./json.ts";
import { isDone, patch } from "./kubernetes.ts";
import { buildLabel, unreportedNote } from "./labels.ts";
import { postStatus } from "./status.ts";

interface Unreported {
  /** When it should have been reported, in milliseconds since 1970. */
  readonly at: number;
  /** Where the report leads; may be empty. */
  readonly page: string;
}

export interface UnreportedStatus extends Status, Unreported {}

export interface UnreportedDeployment extends Unreported, Pick<Deployment, "commit" | "environment"> {
  /** What GitHub calls it; empty where it could not be opened, which `at` is the time of then. */
  readonly number: string;
  /** Address of what runs; may be empty. */
  readonly address: string;
  readonly state: string;
  readonly description: string;
}

/** Says how a build has ended: now, or where GitHub takes nothing for a while, later. */
export async function reportEnd(
  given: GitHub & Variables<"NAMESPACE" | "WORKFLOW">,
  status: Status,
): Promise<void> {
  const { NAMESPACE: namespace, WORKFLOW: workflow, TARGET_URL: page } = given;
  const answer = await postStatus(given, status);
  if (mayPassLater(answer))
    await note({ namespace, workflow }, "status", { at: Date.now(), page, ...status });
}

/** Leaves it to be reported later. */
export async function note(
  { namespace, workflow }: { readonly namespace: string; readonly workflow: string },
  kind: keyof typeof unreportedNote,
  what: UnreportedStatus | UnreportedDeployment,
): Promise<void> {
  const annotations = { [unreportedNote[kind]]: JSON.stringify(what) };
  const change = { metadata: { labels: { [buildLabel.unreported]: "true" }, annotations } };
  const answer = await patch([namespace, "workflows", workflow], change);
  console.log(
    isDone(answer)
      ? `recorded on the Workflow ${workflow} what to report to GitHub later`
      : `could not record on the Workflow ${workflow} what to report to GitHub later: ${answer.reason}`,
  );
}

const states = ["success", "failure", "error"] as const;

/** The note in an annotation; undefined where there is none, or what stands there is none. */
export function readStatus(annotation: string): UnreportedStatus | undefined {
  const { text, ...unreported } = reader(annotation);
  const state = states.find((one) => one === text("state"));
  if (state === undefined) return undefined;
  return {
    ...unreported,
    commit: text("commit"),
    context: text("context"),
    state,
    description: text("description"),
  };
}

/** As readStatus. */
export function readDeployment(annotation: string): UnreportedDeployment | undefined {
  const { text, ...unreported } = reader(annotation);
  const number = text("number");
  if (text("state") === "" || !/^[0-9]*$/.test(number)) return undefined;
  return {
    ...unreported,
    number,
    commit: text("commit"),
    environment: text("environment"),
    address: text("address"),
    state: text("state"),
    description: text("description"),
  };
}

/** A note without a time is older than all that GitHub knows. */
function reader(annotation: string) {
  const json = parseJson(annotation);
  const time = at(json, "at");
  const text = (key: string) => textAt(json, key);
  return { text, at: typeof time === "number" ? time : 0, page: text("page") };
}

/** Whether what GitHub knows is newer. @param time as GitHub writes it; empty where there is none */
export function isAfter(note: Unreported, time: string): boolean {
  return Date.parse(time) > note.at;
}

/** @throws Refusal where GitHub has not taken a report, or has not answered */
export function taken(answer: Answer): Answer {
  if (isDone(answer)) return answer;
  throw new Refusal(answer, "GitHub");
}

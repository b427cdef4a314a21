/**
 * What GitHub could not be told of a build, as a note on its Workflow: GitHub takes only so much in an hour, and may be away. The
 * program that catches up tells it later (late.ts).
 */
import type { Variables } from "./environment.ts";
import type { Deployment, GitHub, Status } from "./github.ts";
import { mayPassLater } from "./github-limits.ts";
import type { Answer } from "./http.ts";
import { Refusal } from "./http.ts";
import { at, parseJson, textAt } from "./json.ts";
import { isDone, patch } from "./kubernetes.ts";
import { buildLabel, untoldNote } from "./labels.ts";
import { tellStatus } from "./status.ts";

interface Untold {
  /** When GitHub should have heard of it, in milliseconds since 1970. */
  readonly at: number;
  /** Where the report leads; may be empty. */
  readonly page: string;
}

export interface UntoldStatus extends Status, Untold {}

export interface UntoldDeployment extends Untold, Pick<Deployment, "commit" | "environment"> {
  /** What GitHub calls it; empty where it could not be opened, which `at` is the time of then. */
  readonly number: string;
  /** Address of what runs; may be empty. */
  readonly address: string;
  readonly state: string;
  readonly description: string;
}

/** Says how a build has ended: now, or where GitHub takes nothing for a while, later. */
export async function tellEnd(
  given: GitHub & Variables<"NAMESPACE" | "WORKFLOW">,
  status: Status,
): Promise<void> {
  const { NAMESPACE: namespace, WORKFLOW: workflow, TARGET_URL: page } = given;
  const answer = await tellStatus(given, status);
  if (mayPassLater(answer))
    await note({ namespace, workflow }, "status", { at: Date.now(), page, ...status });
}

/** Leaves it to be told later. */
export async function note(
  { namespace, workflow }: { readonly namespace: string; readonly workflow: string },
  kind: keyof typeof untoldNote,
  what: UntoldStatus | UntoldDeployment,
): Promise<void> {
  const annotations = { [untoldNote[kind]]: JSON.stringify(what) };
  const change = { metadata: { labels: { [buildLabel.untold]: "true" }, annotations } };
  const answer = await patch([namespace, "workflows", workflow], change);
  console.log(
    isDone(answer)
      ? `noted on the Workflow ${workflow} what GitHub is to be told later`
      : `could not note on the Workflow ${workflow} what GitHub is to be told later: ${answer.reason}`,
  );
}

const states = ["success", "failure", "error"] as const;

/** The note in an annotation; undefined where there is none, or what stands there is none. */
export function readStatus(annotation: string): UntoldStatus | undefined {
  const { text, ...untold } = reader(annotation);
  const state = states.find((one) => one === text("state"));
  if (state === undefined) return undefined;
  return {
    ...untold,
    commit: text("commit"),
    context: text("context"),
    state,
    description: text("description"),
  };
}

/** As readStatus. */
export function readDeployment(annotation: string): UntoldDeployment | undefined {
  const { text, ...untold } = reader(annotation);
  const number = text("number");
  if (text("state") === "" || !/^[0-9]*$/.test(number)) return undefined;
  return {
    ...untold,
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
export function isAfter(note: Untold, time: string): boolean {
  return Date.parse(time) > note.at;
}

/** @throws Refusal where GitHub has not taken what it was told, or does not tell what it was asked */
export function taken(answer: Answer): Answer {
  if (isDone(answer)) return answer;
  throw new Refusal(answer, "GitHub");
}

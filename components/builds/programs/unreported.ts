/**
 * Keeps reports that GitHub did not accept as notes on the build's Workflow: GitHub limits requests per hour, and may
 * be unavailable. catch-up.ts sends them later (post-unreported.ts).
 */
import type { Variables } from "./environment.ts";
import type { Deployment, GitHub, Status } from "./github.ts";
import { isRetryable } from "./github-limits.ts";
import type { Answer } from "./http.ts";
import { Refusal } from "./http.ts";
import { at, parseJson, textAt } from "./json.ts";
import { isDone, patch } from "./kubernetes.ts";
import { buildLabel, unreportedNote } from "./labels.ts";
import { postStatus } from "./status.ts";

interface Unreported {
  /** When it should have been reported, in milliseconds since 1970. */
  readonly at: number;
  /** The link of the report; may be empty. */
  readonly targetUrl: string;
}

export interface UnreportedStatus extends Status, Unreported {}

export interface UnreportedDeployment extends Unreported, Pick<Deployment, "commit" | "environment"> {
  /** GitHub's ID of it; empty if it could not be created: `at` is then the time of that attempt. */
  readonly id: string;
  /** URL of the running application; may be empty. */
  readonly environmentUrl: string;
  readonly state: string;
  readonly description: string;
}

/** Reports how a build has ended: now or, if GitHub cannot accept it now, later. */
export async function reportEnd(
  env: GitHub & Variables<"NAMESPACE" | "WORKFLOW">,
  status: Status,
): Promise<void> {
  const { NAMESPACE: namespace, WORKFLOW: workflow, TARGET_URL: targetUrl } = env;
  const answer = await postStatus(env, status);
  if (isRetryable(answer))
    await note({ namespace, workflow }, "status", { at: Date.now(), targetUrl, ...status });
}

/** Records a report on the Workflow, to be sent later. */
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

/** The note in an annotation; undefined if it is missing or invalid. */
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

export function readDeployment(annotation: string): UnreportedDeployment | undefined {
  const { text, ...unreported } = reader(annotation);
  const id = text("id");
  if (text("state") === "" || !/^[0-9]*$/.test(id)) return undefined;
  return {
    ...unreported,
    id,
    commit: text("commit"),
    environment: text("environment"),
    environmentUrl: text("environmentUrl"),
    state: text("state"),
    description: text("description"),
  };
}

/** A note without a time counts as older than everything on GitHub. */
function reader(annotation: string) {
  const json = parseJson(annotation);
  const time = at(json, "at");
  const text = (key: string) => textAt(json, key);
  return { text, at: typeof time === "number" ? time : 0, targetUrl: text("targetUrl") };
}

/** Whether GitHub's report is newer. @param time in GitHub's format; empty if there is none */
export function isAfter(note: Unreported, time: string): boolean {
  return Date.parse(time) > note.at;
}

/** @throws Refusal if GitHub has not accepted a report, or has not answered */
export function taken(answer: Answer): Answer {
  if (isDone(answer)) return answer;
  throw new Refusal(answer, "GitHub");
}

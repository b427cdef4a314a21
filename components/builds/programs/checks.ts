/**
 * Reports a build to GitHub as a check run of the GitHub App. There is one per Workflow, and users can rerun it. As
 * with a status, a failed report throws no error, and the build does not depend on it.
 */
import type { Reader } from "./commits.ts";
import { get, requireFound } from "./commits.ts";
import type { GitHub, Question, Status } from "./github.ts";
import { logged, maxLength, requestTo } from "./github.ts";
import type { Answer } from "./http.ts";
import { ask, askTwice } from "./http.ts";
import { at, listAt, parseJson, textAt } from "./json.ts";
import { cut, withoutEmojis } from "./text.ts";

export interface Check {
  /** The App's ID. */
  readonly app: string;
  /** The Workflow, which distinguishes check runs of the same name. */
  readonly id: string;
  /** When the build ended, in GitHub's time format; absent if it ends now. */
  readonly ended?: string;
}

/** The longest summary that GitHub accepts, in characters. */
const maxSummary = 65_535;

/** GitHub's conclusion for each state. An error is not caused by the commit, but for example by a newer push. */
const conclusions = { success: "success", failure: "failure", error: "cancelled" } as const;

/** Creates or updates the check run of a Workflow. A retry looks for it again: GitHub may have created it. */
export async function setCheck(github: GitHub, check: Check, status: Status, seconds = 4): Promise<Answer> {
  const request = async () =>
    requestTo(github, {
      ...questionOf(await findId(github, check, status, seconds), check, status, github),
      seconds,
    });
  const answer = await askTwice(await request(), async () => ask(await request()));
  return logged("check run", status, answer, [200, 201]);
}

/** @param number GitHub's ID of the check run to update; empty to create one */
function questionOf(number: string, check: Check, status: Status, github: GitHub): Omit<Question, "seconds"> {
  const { id, ended } = check;
  const body = { ...checkBody(status, github), ...(ended === undefined ? {} : { completed_at: ended }) };
  if (number !== "") return { method: "PATCH", path: `check-runs/${number}`, body };
  const created = { name: checkName(status.context), head_sha: status.commit, external_id: id };
  const started = ended === undefined ? {} : { started_at: ended };
  return { method: "POST", path: "check-runs", body: { ...created, ...started, ...body } };
}

function checkName(context: string): string {
  return cut(withoutEmojis(context), maxLength.context);
}

/** GitHub's ID of the Workflow's check run; empty if there is none, or if GitHub does not answer. */
async function findId(
  github: GitHub,
  { app, id }: Check,
  { commit, context }: Status,
  seconds: number,
): Promise<string> {
  const path = checksPath(commit, { name: checkName(context), app }, "all");
  const answer = await askTwice(requestTo(github, { method: "GET", path, seconds }));
  const number = at(ofWorkflow(checksIn(answer), id), "id");
  return typeof number === "number" ? number.toString() : "";
}

function checksIn({ text }: Answer): readonly unknown[] {
  return listAt(parseJson(text), "check_runs");
}

function ofWorkflow(checks: readonly unknown[], id: string): unknown {
  return checks.find((one) => textAt(one, "external_id") === id);
}

export function checkBody({ state, description }: Status, { TARGET_URL: url }: GitHub): object {
  const text = withoutEmojis(description);
  return {
    ...(url === "" ? {} : { details_url: cut(url, maxLength.url) }),
    ...(state === "pending"
      ? { status: "in_progress" }
      : { status: "completed", conclusion: conclusions[state] }),
    // Indented, so that Markdown shows a build's text as code.
    output: {
      title: cut(text, maxLength.description, "…"),
      summary: cut(text.replace(/^/gm, "    "), maxSummary),
    },
  };
}

interface Named {
  readonly name: string;
  readonly app: string;
}

/** The check run's conclusion as the state of a status; empty if the commit has no check run of this name. */
export async function checkStateOf(reader: Reader, commit: string, named: Named): Promise<string> {
  const { text } = requireFound(await get(reader, checksPath(commit, named, "latest")));
  const conclusion = textAt(parseJson(text), "check_runs", "0", "conclusion");
  const [state = ""] = Object.entries(conclusions).find(([, one]) => one === conclusion) ?? [];
  return state;
}

/** When the Workflow's check run ended or, without one, when the newest of the name started; empty if unknown. */
export async function checkTime(reader: Reader, { app, id }: Check, status: Status): Promise<string> {
  const path = checksPath(status.commit, { name: checkName(status.context), app }, "all");
  const runs = checksIn(requireFound(await get(reader, path)));
  const own = ofWorkflow(runs, id);
  if (own !== undefined) return textAt(own, "completed_at");
  const started = runs.map((one) => textAt(one, "started_at"));
  return started.toSorted().at(-1) ?? "";
}

/** @param filter `all` check runs of the name, or the `latest` one */
function checksPath(commit: string, { name, app }: Named, filter: "all" | "latest"): string {
  const query = new URLSearchParams({ check_name: name, app_id: app, filter, per_page: "100" });
  return `commits/${commit}/check-runs?${query.toString()}`;
}

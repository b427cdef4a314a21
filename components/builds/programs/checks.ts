/**
 * Reports a build to GitHub as a check run of the GitHub App: one for each Workflow, which people can run again. As with a status, a report
 * never fails, and a build does not depend on it.
 */
import type { Reader } from "./commits.ts";
import { found, get } from "./commits.ts";
import type { GitHub, Question, Status } from "./github.ts";
import { logged, longest, requestTo } from "./github.ts";
import type { Answer } from "./http.ts";
import { ask, askTwice } from "./http.ts";
import { at, listAt, parseJson, textAt } from "./json.ts";
import { cut, withoutEmojis } from "./text.ts";

export interface Check {
  /** The number of the App. */
  readonly app: string;
  /** The Workflow, by which GitHub keeps the check runs of one name apart. */
  readonly id: string;
  /** When the build has ended, as GitHub writes times; absent where that is now. */
  readonly ended?: string;
}

/** The longest text that GitHub takes below the title, in characters. */
const longestSummary = 65_535;

/** How GitHub calls the end of a build: an error is none of the commit's, such as a newer push. */
const conclusions = { success: "success", failure: "failure", error: "cancelled" } as const;

/** Makes the check run of a Workflow, or changes the one that it has. Where GitHub has not answered in time it may have made one. */
export async function setCheck(github: GitHub, check: Check, status: Status, seconds = 4): Promise<Answer> {
  const request = async () =>
    requestTo(github, {
      ...ofCheck(await ownCheck(github, check, status, seconds), check, status, github),
      seconds,
    });
  const answer = await askTwice(await request(), async () => ask(await request()));
  return logged("check run", status, answer, [200, 201]);
}

/** @param number GitHub's of the check run that is changed; empty where one is made */
function ofCheck(number: string, check: Check, status: Status, github: GitHub): Omit<Question, "seconds"> {
  const { id, ended } = check;
  const body = { ...checkBody(status, github), ...(ended === undefined ? {} : { completed_at: ended }) };
  if (number !== "") return { method: "PATCH", path: `check-runs/${number}`, body };
  const made = { name: checkName(status.context), head_sha: status.commit, external_id: id };
  const begun = ended === undefined ? {} : { started_at: ended };
  return { method: "POST", path: "check-runs", body: { ...made, ...begun, ...body } };
}

function checkName(context: string): string {
  return cut(withoutEmojis(context), longest.context);
}

/** GitHub's number of the Workflow's check run; empty where there is none, or where GitHub does not answer. */
async function ownCheck(
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

export function checkBody({ state, description }: Status, { TARGET_URL: page }: GitHub): object {
  const said = withoutEmojis(description);
  return {
    ...(page === "" ? {} : { details_url: cut(page, longest.url) }),
    ...(state === "pending"
      ? { status: "in_progress" }
      : { status: "completed", conclusion: conclusions[state] }),
    // Indented, so that nothing of a build's text is Markdown.
    output: {
      title: cut(said, longest.description, "…"),
      summary: cut(said.replace(/^/gm, "    "), longestSummary),
    },
  };
}

interface Named {
  readonly name: string;
  readonly app: string;
}

/** As a status would be called; empty where the commit has no check run of this name. */
export async function checkStateOf(reader: Reader, commit: string, named: Named): Promise<string> {
  const { text } = found(await get(reader, checksPath(commit, named, "latest")));
  const conclusion = textAt(parseJson(text), "check_runs", "0", "conclusion");
  const [state = ""] = Object.entries(conclusions).find(([, one]) => one === conclusion) ?? [];
  return state;
}

/** When the Workflow's check run has ended, or where it has none, when the newest of the name began; empty where there is no such time. */
export async function checkTime(reader: Reader, { app, id }: Check, status: Status): Promise<string> {
  const path = checksPath(status.commit, { name: checkName(status.context), app }, "all");
  const runs = checksIn(found(await get(reader, path)));
  const own = ofWorkflow(runs, id);
  if (own !== undefined) return textAt(own, "completed_at");
  const begun = runs.map((one) => textAt(one, "started_at"));
  return begun.toSorted().at(-1) ?? "";
}

/** @param filter whether all of the name are listed, or the latest of each App */
function checksPath(commit: string, { name, app }: Named, filter: "all" | "latest"): string {
  const query = new URLSearchParams({ check_name: name, app_id: app, filter, per_page: "100" });
  return `commits/${commit}/check-runs?${query.toString()}`;
}

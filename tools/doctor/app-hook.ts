/** Checks the webhook of the GitHub App itself, which only the App's owner can change, on the App's page. */
import { listAt, parseJson, textAt } from "../../components/builds/programs/json.ts";
import { appListener } from "../../components/settings/places.ts";
import { shown } from "../../components/watch/objects.ts";
import type { Examined, Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";
import { askGithub } from "./github-api.ts";

const path = "github.app.checks.url";

/**
 * Checks whether re-run requests can arrive. Whether their secret is the cluster's cannot be checked: GitHub shows only
 * that one is set.
 *
 * @param app GitHub's answer for `/app`
 */
export async function appHook(examined: Examined, jwt: string, app: unknown): Promise<Finding[]> {
  const listener = appListener(examined.settings);
  if (listener === undefined) return [];
  const { code, text, reason } = await askGithub(examined, "/app/hook/config", jwt);
  // GitHub answers 404 for an App that never had a webhook.
  if (code !== 200 && code !== 404) return [unchecked(path, `the App's webhook cannot be read (${reason})`)];
  const problems = code === 404 ? [missing(listener.url)] : configProblems(parseJson(text), listener.url);
  const known = problems.length > 0 ? problems : [good(path, "the App's webhook has this URL and a secret")];
  return [...known, ...eventFindings(app)];
}

function missing(url: string): Finding {
  return bad(
    path,
    "the App has no webhook",
    `on the App's page, activate the webhook and set its URL to ${url}`,
  );
}

function configProblems(config: unknown, url: string): Finding[] {
  const set = textAt(config, "url");
  const problems: readonly (readonly [boolean, string, string])[] = [
    [set !== url, `the URL of the App's webhook is ${shown(set) || "empty"}`, `set its URL to ${url}`],
    [
      textAt(config, "content_type") !== "json",
      "the App's webhook does not send JSON",
      "set its content type to application/json",
    ],
    [
      textAt(config, "secret") === "",
      "the App's webhook has no secret",
      "set the stack's: see docs/operations.md, A GitHub App",
    ],
  ];
  return problems.flatMap(([isWrong, what, fix]) =>
    isWrong ? [bad(path, what, `on the App's page, ${fix}`)] : [],
  );
}

/** GitHub sends these two without a subscription. Nothing reads any other event. */
function eventFindings(app: unknown): Finding[] {
  const others = listAt(app, "events")
    .map(String)
    .filter((event) => !["check_run", "check_suite"].includes(event));
  if (others.length === 0) return [];
  const what = `the App's webhook also sends ${others.map(shown).join(", ")}, which nothing reads`;
  return [warn(path, what, "unsubscribe from these events on the App's page")];
}

/** The webhook of the GitHub App itself: nobody but its owner can set it, on the App's page. */
import { listAt, parseJson, textAt } from "../../components/builds/programs/json.ts";
import { appListener } from "../../components/settings/places.ts";
import { shown } from "../../components/watch/objects.ts";
import type { Examined, Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";
import { askGithub } from "./github-api.ts";

const path = "github.app.checks.url";

/**
 * Whether re-runs arrive. The key that signs them is kept in the cluster, and GitHub shows no secret: only that there is one.
 *
 * @param app as GitHub shows it
 */
export async function appHook(examined: Examined, jwt: string, app: unknown): Promise<Finding[]> {
  const listener = appListener(examined.settings);
  if (listener === undefined) return [];
  const { code, text, reason } = await askGithub(examined, "/app/hook/config", jwt);
  // An App that never had a webhook has no configuration of one.
  if (code !== 200 && code !== 404) return [unchecked(path, `the App's webhook cannot be read (${reason})`)];
  const problems = code === 404 ? [missing(listener.url)] : configProblems(parseJson(text), listener.url);
  const known = problems.length > 0 ? problems : [good(path, "the App's webhook leads there, with a secret")];
  return [...known, ...eventFindings(app)];
}

function missing(url: string): Finding {
  return bad(path, "the App has no webhook", `on its page, set Webhook: Active, and the URL ${url}`);
}

function configProblems(config: unknown, url: string): Finding[] {
  const set = textAt(config, "url");
  const problems: readonly (readonly [boolean, string, string])[] = [
    [set !== url, `the App's webhook leads to ${shown(set) || "nowhere"}`, `set its URL to ${url}`],
    [
      textAt(config, "content_type") !== "json",
      "the App's webhook does not send JSON",
      "set its content type to application/json",
    ],
    [
      textAt(config, "secret") === "",
      "the App's webhook has no secret",
      "set the one of the stack: see docs/operations.md, A GitHub App",
    ],
  ];
  return problems.flatMap(([isWrong, what, fix]) =>
    isWrong ? [bad(path, what, `on the App's page, ${fix}`)] : [],
  );
}

/** They come without being asked for; whatever else does is for nobody. */
function eventFindings(app: unknown): Finding[] {
  const others = listAt(app, "events")
    .map(String)
    .filter((event) => !["check_run", "check_suite"].includes(event));
  if (others.length === 0) return [];
  const what = `the App's webhook also sends ${others.map(shown).join(", ")}, which nothing here reads`;
  return [warn(path, what, "clear these events on the App's page")];
}

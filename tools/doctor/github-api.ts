/** Calls GitHub's API, or that of the stack's GitHub Enterprise Server. */
import { githubHeaders } from "../../components/builds/programs/github.ts";
import { githubApi } from "../../components/settings/places.ts";
import type { Answer, Question } from "./exchange.ts";
import type { Examined } from "./finding.ts";

/** @param path relative to the API's URL */
export function askGithub(
  { ask, settings }: Examined,
  path: string,
  token: string | undefined,
  question: Pick<Question, "method" | "body"> = {},
): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return ask({
    ...question,
    url: `${githubApi(settings)}${path}`,
    headers: { ...githubHeaders, ...authorization },
  });
}

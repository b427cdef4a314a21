/**
 * Says on GitHub that the image of a pull request or of another branch is there. Ends with 0 whatever GitHub says.
 *
 * NAMESPACE   of the Workflow
 * WORKFLOW    the own Workflow's name
 * COMMIT      the full commit
 * DIGEST      of the image
 * FOUND       what a scan has found, in words; empty where nothing was, or none was made
 * COMMIT_TAG  the tag of a commit's image, in which {sha7} stands for the commit's first 7 characters
 * CONTEXT     what the status is of
 * GITHUB_API  and the other variables of github.ts
 * ...         the variables of kubernetes.ts
 */
import type { Variables } from "./environment.ts";
import { readVariables } from "./environment.ts";
import { githubVariables } from "./github.ts";
import { runReport } from "./program.ts";
import { reportEnd } from "./unreported.ts";

const own = ["NAMESPACE", "WORKFLOW", "COMMIT", "DIGEST", "FOUND", "COMMIT_TAG", "CONTEXT"] as const;
export const variables = [...own, ...githubVariables] as const;
type Given = Variables<(typeof variables)[number]>;

if (import.meta.main) await runReport(() => report(readVariables(variables)));

function report(given: Given): Promise<void> {
  const { COMMIT: commit, DIGEST: digest, FOUND: found, CONTEXT: context } = given;
  const tag = given.COMMIT_TAG.replaceAll("{sha7}", commit.slice(0, 7));
  const said = [`${tag} is in the registry`, digest, ...(found === "" ? [] : [found])];
  return reportEnd(given, { commit, context, state: "success", description: said.join(", ") });
}

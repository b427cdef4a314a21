/**
 * Reports to GitHub that the image of a pull request or of another branch is published. Exits with 0 whatever GitHub
 * answers.
 *
 * NAMESPACE   namespace of the Workflow
 * WORKFLOW    name of this build's Workflow
 * COMMIT      the full commit
 * DIGEST      digest of the image
 * FINDINGS    summary of the scan's findings; empty if there are none, or without a scan
 * COMMIT_TAG  tag of a commit's image, in which {sha7} is replaced by the commit's first 7 characters
 * CONTEXT     context of the commit status
 * GITHUB_API  and the other variables of github.ts
 * ...         the variables of kubernetes.ts
 */
import type { Variables } from "./environment.ts";
import { readVariables } from "./environment.ts";
import { githubVariables } from "./github.ts";
import { runReport } from "./program.ts";
import { reportEnd } from "./unreported.ts";

const own = ["NAMESPACE", "WORKFLOW", "COMMIT", "DIGEST", "FINDINGS", "COMMIT_TAG", "CONTEXT"] as const;
export const variables = [...own, ...githubVariables] as const;
type Env = Variables<(typeof variables)[number]>;

if (import.meta.main) await runReport(() => report(readVariables(variables)));

function report(env: Env): Promise<void> {
  const { COMMIT: commit, DIGEST: digest, FINDINGS: findings, CONTEXT: context } = env;
  const tag = env.COMMIT_TAG.replaceAll("{sha7}", commit.slice(0, 7));
  const parts = [`${tag} is in the registry`, digest, ...(findings === "" ? [] : [findings])];
  return reportEnd(env, { commit, context, state: "success", description: parts.join(", ") });
}

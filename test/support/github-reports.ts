/** What the programs of a build report to GitHub for a commit, run as in its pods. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import type { GitHubServer } from "./github-server.ts";
import { startGitHubServer } from "./github-server.ts";
import type { KubernetesServer } from "./kubernetes-server.ts";
import { startKubernetesServer } from "./kubernetes-server.ts";
import { programsFolder, runProgram, temporaryFolder } from "./script.ts";

const folder = temporaryFolder("github-reports");
const ACCOUNT = join(folder, "account");
const TOKEN_FILE = join(folder, "token");
mkdirSync(ACCOUNT);
writeFileSync(join(ACCOUNT, "token"), "account-secret");
writeFileSync(join(ACCOUNT, "ca.crt"), "");
writeFileSync(TOKEN_FILE, "github_pat_secret");

/** Outputs of the scripts that run before. */
const results = { newest: "true", moved: "false", summary: "moved develop" };

let github: GitHubServer;
let kubernetes: KubernetesServer;
before(async () => {
  github = await startGitHubServer("acme/web", "github_pat_secret");
  kubernetes = await startKubernetesServer("account-secret");
});
after(() => {
  github.close();
  kubernetes.close();
});

/** The status that a program has set, `context state description`. */
export async function statusBy(
  program: "begin.ts" | "published.ts",
  commit: string,
  digest: string,
  context: string,
): Promise<readonly [context: string, state: string, description: string]> {
  const RESULTS = join(folder, program);
  mkdirSync(RESULTS);
  for (const [name, text] of Object.entries({ ...results, commit, digest }))
    writeFileSync(join(RESULTS, name), text);
  await runProgram(programsFolder, program, {
    ...{ ACCOUNT, KUBERNETES_API: kubernetes.url, NAMESPACE: "ci", WORKFLOW: "own", RESULTS },
    ...{ SERVICE: "web", BRANCH_LABEL: "develop", FINDINGS: "", CONTEXT: context },
    ...{ GITHUB_API: github.url, TOKEN_FILE, REPOSITORY: "acme/web", TARGET_URL: "" },
    ...{ UPDATER: "", UPDATER_TOKEN_FILE: "", REGISTRY: "", IMAGE_PATH: "", TAG: "" },
  });
  const { state = "", description = "", context: of = "" } = github.statuses.get(commit) ?? {};
  return [of, state, description];
}

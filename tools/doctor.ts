/**
 * Says what of a stack file is not there: asks git for the repositories, branches, Dockerfiles and manifests that it
 * names, without an account.
 *
 * npm run doctor -- <stack> | --config FILE  [--json]
 */
import { command, readArguments, readStackName } from "./command.ts";
import { applications } from "./doctor/applications.ts";
import type { Check, Finding } from "./doctor/finding.ts";
import { countsOf, statusOf, toldFindings } from "./doctor/finding.ts";
import { openRepositories } from "./doctor/git.ts";
import { repositories } from "./doctor/repositories.ts";
import { secrets } from "./doctor/secrets.ts";
import { projectName, stacks } from "./offline/project.ts";
import type { StackFile } from "./offline/stack-file.ts";
import { readStackFile } from "./offline/stack-file.ts";

/** Each is a file in tools/doctor. */
const checks: readonly Check[] = [secrets, repositories, applications];

const usage = `npm run doctor -- <stack> [--json]
npm run doctor -- --config FILE [--json]

  <stack>        the stack of Pulumi.<stack>.yaml: ${stacks().join(", ")}
  --config FILE  a stack file anywhere
  --json         for programs

The status is 0 if all is well, 2 if something is bad, 3 if nothing is but something could not be checked, and 1 if the
stack file cannot be read.`;

const options = {
  config: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

await command(async () => {
  const { values, positionals } = readArguments(options, usage);
  if (values.help) {
    console.log(usage);
    return;
  }
  const { file, named } = readStackName(positionals, values.config, usage);
  const stackFile = readStackFile(file, projectName());
  const findings = await examine(stackFile, named);
  const counts = countsOf(findings);
  const report = { stack: stackFile.stack, findings, counts };
  console.log(values.json ? JSON.stringify(report, undefined, 2) : toldFindings(findings));
  process.exitCode = statusOf(counts);
});

async function examine({ stack, missingSecrets, settings }: StackFile, named: string): Promise<Finding[]> {
  const git = openRepositories();
  const stop = () => process.exit(130);
  process.once("exit", git.close).once("SIGINT", stop).once("SIGTERM", stop);
  const examined = { stack, named, missingSecrets, settings: settings(), repositories: git };
  return (await Promise.all(checks.map((check) => check(examined)))).flat();
}

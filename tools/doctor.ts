/**
 * Reports what would keep a stack from coming up, or keeps it from working. Queries git, the cluster, GitHub, the
 * registry and the stack's addresses, and changes nothing.
 *
 * npm run doctor -- <stack> | --config FILE  [--only CHECK]... [--json]
 */
import { resolve } from "node:path";
import { command, print, readArguments, readStackName } from "./command.ts";
import { checks, examine, timeLimit } from "./doctor/examine.ts";
import { asking } from "./doctor/exchange.ts";
import type { Finding } from "./doctor/finding.ts";
import { countsOf, statusOf, listFindings } from "./doctor/finding.ts";
import { openRepositories } from "./doctor/git.ts";
import { readGiven, withoutGiven } from "./doctor/given.ts";
import { openKubectl } from "./doctor/kubectl.ts";
import { projectName, stacks } from "./offline/project.ts";
import { readStackFile } from "./offline/stack-file.ts";
import { UserError } from "./offline/user-error.ts";

const names = Object.keys(checks);

const usage = `npm run doctor -- <stack> [--only CHECK]... [--json]
npm run doctor -- --config FILE [--only CHECK]... [--json]

  <stack>        the stack of Pulumi.<stack>.yaml: ${stacks().join(", ")}
  --config FILE  a stack file anywhere
  --only CHECK   run only this check; repeatable. The checks:
                 ${names.join(", ")}
  --json         print JSON

Tokens, passwords and the GitHub App's key are tested if they are available: in GITHUB_TOKEN, STATUS_TOKEN,
REGISTRY_PASSWORD, MAIL_PASSWORD and the file named by GITHUB_APP_KEY_FILE, or in the stack file if
PULUMI_CONFIG_PASSPHRASE is set.

Exit status: 0 if nothing is bad, 2 if something is bad, 3 if nothing is bad but something could not be checked, 1 after
an error, such as a stack file that cannot be read.`;

const options = {
  config: { type: "string" },
  only: { type: "string", multiple: true },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

const until = Date.now() + timeLimit;

await command(async () => {
  const { values, positionals } = readArguments(options, usage);
  if (values.help) {
    await print(usage);
    return;
  }
  const { file, named } = readStackName(positionals, values.config, usage);
  const wanted = values.only ?? names;
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UserError(`There is no check ${unknown}.\n\n${usage}`);
  const { stack, findings } = await diagnose(file, named, wanted);
  const counts = countsOf(findings);
  const report = { stack, findings, counts };
  const text = values.json ? JSON.stringify(report, undefined, 2) : listFindings(findings);
  await print(text);
  // Open requests are not awaited.
  process.exit(statusOf(counts));
});

async function diagnose(
  file: string,
  named: string,
  wanted: readonly string[],
): Promise<{ readonly stack: string; readonly findings: readonly Finding[] }> {
  const { stack, missingSecrets, settings } = readStackFile(file, projectName());
  const parsed = settings();
  const ask = asking(until, parsed.network.ca);
  const repositories = openRepositories(until);
  const kubectl = openKubectl(asking(until));
  const { given, unread } = await readGiven({ file: resolve(file), stack, environment: process.env });
  const examined = { stack, named, missingSecrets, settings: parsed, repositories, kubectl, ask, given, now };
  return { stack, findings: withoutGiven([...unread, ...(await examine(examined, wanted))], given) };
}

function now(): Date {
  return new Date();
}

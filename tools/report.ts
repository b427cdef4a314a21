/**
 * Shows what is live: for each repository the commit, the image and since when, the last failures, the DORA metrics,
 * and the last builds. Queries the clusters with kubectl, and GitHub if a token is available.
 *
 * npm run report -- <stack>... [--last N] [--context NAME] [--html FILE] [--json]
 */
import type { Settings } from "../components/settings/settings.ts";
import { settingsOf } from "../components/settings/settings.ts";
import { command, print } from "./command.ts";
import { projectName, stackFileOf } from "./offline/project.ts";
import { readStackFile } from "./offline/stack-file.ts";
import { UserError } from "./offline/user-error.ts";
import type { Arguments } from "./report/arguments.ts";
import { chosen, usage } from "./report/arguments.ts";
import { clusterOf } from "./report/cluster.ts";
import { githubOf } from "./report/github.ts";
import type { StackReport } from "./report/stack.ts";
import { reportStack } from "./report/stack.ts";
import type { Report, Unanswered } from "./report/text.ts";
import { reportText } from "./report/text.ts";

async function main(): Promise<void> {
  const args = chosen();
  if (args === undefined) {
    await print(usage);
    return;
  }
  const report = await reportOf(args);
  if (args.html !== undefined) await writeHtml(args.html, report);
  await print(args.json ? JSON.stringify(report, undefined, 2) : reportText(report));
  if (report.unanswered.length > 0) process.exitCode = 3;
}

/** @throws UserError if a stack file is wrong, or no cluster answers */
async function reportOf(args: Arguments): Promise<Report> {
  const project = projectName();
  const files = args.named.map((stack) => {
    const file = stackFileOf(stack);
    return { file, settings: settingsOf(readStackFile(file, project).settings(), stack) };
  });
  const answers = await Promise.all(files.map((one) => attempt(one, args)));
  const answered = answers.flatMap((one) => ("because" in one ? [] : [one]));
  const unanswered = answers.flatMap((one) => ("because" in one ? [one] : []));
  if (answered.length === 0) throw new UserError(unanswered.map(({ because }) => because).join("\n"));
  return { stacks: answered, unanswered };
}

interface Given {
  readonly file: string;
  readonly settings: Settings;
}

async function attempt(
  { file, settings }: Given,
  { last, context }: Arguments,
): Promise<StackReport | Unanswered> {
  const github = await githubOf(settings, { file, stack: settings.stack, environment: process.env });
  const cluster = clusterOf(context ?? settings.cluster.context);
  try {
    return await reportStack({ settings, cluster, github, now: new Date(), last });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { stack: settings.stack, because: error.message };
  }
}

/** Loaded on demand, like the page of a preview. */
async function writeHtml(file: string, report: Report): Promise<void> {
  const { writeReport } = await import("./page/report.ts");
  writeReport(file, report);
}

await command(main);

/**
 * Shows what a stack declares. Needs only Node: no Pulumi command, cluster, GitHub or passphrase.
 *
 * npm run preview -- <stack> | --config FILE  [--out DIR] [--html FILE] [--against DIR | COMMIT [--expect-no-changes]]
 *                    [--strict]
 */
import { command, print, readArguments, readStackName } from "./command.ts";
import { objectsOf } from "./declared/objects.ts";
import type { Evaluation } from "./offline/evaluate.ts";
import { evaluate } from "./offline/evaluate.ts";
import type { Change, Files } from "./offline/folder.ts";
import { changesBetween, described, writeFolder } from "./offline/folder.ts";
import { listing } from "./offline/listing.ts";
import { projectName, stacks } from "./offline/project.ts";
import type { Rendered } from "./offline/render.ts";
import { isObject, render } from "./offline/render.ts";
import { readBefore } from "./offline/revision.ts";
import type { Subject } from "./page/page.ts";
import type { StackFile } from "./offline/stack-file.ts";
import { readStackFile } from "./offline/stack-file.ts";
import { UserError } from "./offline/user-error.ts";
import { describeViolation, violations } from "./policies/policies.ts";

const usage = `npm run preview -- <stack> [--out DIR] [--html FILE] [--against DIR | COMMIT [--expect-no-changes]] [--strict]
npm run preview -- --config FILE [--out DIR] [--html FILE] [--against DIR | COMMIT [--expect-no-changes]] [--strict]

  <stack>              the stack of Pulumi.<stack>.yaml: ${stacks().join(", ")}
  --config FILE        a stack file anywhere
  --out DIR            write one file for each object
  --html FILE          write an HTML page about the stack: the path of a push, what is built and deployed, who may do
                       what, and with --against the differences. It is one file, which needs no network
  --against DIR        show the differences from a preview that --out has written
  --against COMMIT     show the differences from a git commit, such as HEAD, main, v1.0 or 1a2b3c4.
                       The commit's program reads the commit's stack file; the working tree is not changed
  --expect-no-changes  exit with status 2 if anything differs
  --strict             fail if an object breaks a policy (docs/policies.md), instead of warning

Exit status: 0, or 1 after an error.`;

const options = {
  config: { type: "string" },
  out: { type: "string" },
  html: { type: "string" },
  against: { type: "string" },
  "expect-no-changes": { type: "boolean", default: false },
  strict: { type: "boolean", default: false },
  help: { type: "boolean", short: "h" },
} as const;

interface Arguments {
  readonly file: string;
  readonly out: string | undefined;
  readonly html: string | undefined;
  readonly against: string | undefined;
  readonly expectNoChanges: boolean;
  readonly strict: boolean;
}

async function main(): Promise<void> {
  const args = chosen();
  if (args === undefined) {
    await print(usage);
    return;
  }
  const project = projectName();
  const stackFile = readStackFile(args.file, project);
  // Read before anything is written, since both may be the same folder.
  const before = args.against === undefined ? undefined : await readBefore(args.against, args.file);
  const declared = await evaluate({ project, ...stackFile }, () => import("../index.ts"));
  const broken = brokenPolicies(declared);
  if (args.strict && broken.length > 0) throw new UserError(broken.join("\n\n"));
  const evaluation = { ...declared, warnings: [...declared.warnings, ...broken] };
  const rendered = render(evaluation.declared);
  const files: Files = new Map(needsTexts(args) ? rendered.map(({ path, text }) => [path, text()]) : []);
  const changes = before === undefined ? undefined : changesBetween(before, files);
  if (args.out !== undefined) writeFolder(args.out, files);
  if (args.html !== undefined) await writeHtml(args.html, { stackFile, evaluation, files }, args, changes);
  if (changes === undefined) {
    await print(summary(stackFile, rendered.filter(isObject), evaluation));
    return;
  }
  await print(compared(changes));
  if (changes.length > 0 && args.expectNoChanges) process.exitCode = 2;
}

/** Whether the objects' texts are needed: rendering them takes longer than all else. */
function needsTexts({ out, html, against }: Arguments): boolean {
  return [out, html, against].some((one) => one !== undefined);
}

function chosen(): Arguments | undefined {
  const { values, positionals } = readArguments(options, usage);
  const { config, out, html, against, strict, help, "expect-no-changes": expectNoChanges } = values;
  if (help === true) return undefined;
  const { file } = readStackName(positionals, config, usage);
  if (expectNoChanges && against === undefined) {
    throw new UserError(`--expect-no-changes needs --against.\n\n${usage}`);
  }
  if (out === "") throw new UserError(`--out needs the name of a folder.\n\n${usage}`);
  if (against === "") throw new UserError(`--against needs the name of a folder, or a commit.\n\n${usage}`);
  if (html === "") throw new UserError(`--html needs the name of a file.\n\n${usage}`);
  return { file, out, html, against, expectNoChanges, strict };
}

/** Loaded on demand: Graphviz is large. */
async function writeHtml(
  file: string,
  subject: Omit<Subject, "comparison">,
  { against = "" }: Arguments,
  changes: readonly Change[] | undefined,
): Promise<void> {
  const { writePage } = await import("./page/page.ts");
  await writePage(file, { ...subject, comparison: changes && { against, changes } });
}

function summary(stackFile: StackFile, objects: readonly Rendered[], evaluation: Evaluation): string {
  const { outputs, warnings } = evaluation;
  return listing({ ...stackFile, objects, outputs, warnings });
}

function brokenPolicies({ declared }: Evaluation): string[] {
  return violations(objectsOf(declared)).map(describeViolation);
}

function compared(changes: readonly Change[]): string {
  if (changes.length === 0) return "Nothing differs.";
  const count = changes.length === 1 ? "1 file differs" : `${changes.length.toString()} files differ`;
  return `${changes.map(described).join("\n")}\n${count}.`;
}

await command(main);

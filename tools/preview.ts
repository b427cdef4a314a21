/**
 * Shows what a stack declares, with nothing but Node: no Pulumi command, cluster, GitHub or passphrase.
 *
 * npm run preview -- <stack> | --config FILE  [--out DIR] [--against DIR]
 */
import { command, readArguments } from "./command.ts";
import type { Evaluation } from "./offline/evaluate.ts";
import { evaluate } from "./offline/evaluate.ts";
import { difference, readFolder, writeFolder } from "./offline/folder.ts";
import { listing } from "./offline/listing.ts";
import { projectName, stackFileOf, stacks } from "./offline/project.ts";
import type { Rendered } from "./offline/render.ts";
import { isObject, render } from "./offline/render.ts";
import type { StackFile } from "./offline/stack-file.ts";
import { readStackFile, UserError } from "./offline/stack-file.ts";

const usage = `npm run preview -- <stack> [--out DIR] [--against DIR]
npm run preview -- --config FILE [--out DIR] [--against DIR]

  <stack>        the stack of Pulumi.<stack>.yaml: ${stacks().join(", ")}
  --config FILE  a stack file anywhere
  --out DIR      write one file for each object
  --against DIR  show how it differs from a preview that --out has written`;

const options = {
  config: { type: "string" },
  out: { type: "string" },
  against: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

interface Arguments {
  readonly file: string;
  readonly out: string | undefined;
  readonly against: string | undefined;
}

async function main(): Promise<void> {
  const args = chosen();
  if (args === undefined) {
    console.log(usage);
    return;
  }
  const project = projectName();
  const stackFile = readStackFile(args.file, project);
  // Read before anything is written, since both may be the same folder.
  const before = args.against === undefined ? undefined : readFolder(args.against);
  const evaluation = await evaluate({ project, ...stackFile }, () => import("../index.ts"));
  const rendered = render(evaluation.declared);
  const files = () => new Map(rendered.map(({ path, text }) => [path, text()]));
  if (args.out !== undefined) writeFolder(args.out, files());
  console.log(
    before === undefined
      ? told(stackFile, rendered.filter(isObject), evaluation)
      : compared(difference(before, files())),
  );
}

function chosen(): Arguments | undefined {
  const { values, positionals } = readArguments(options, usage);
  const { config, out, against, help } = values;
  if (help === true) return undefined;
  const [stack, ...more] = positionals;
  if (more.length > 0 || (stack === undefined) === (config === undefined)) {
    throw new UserError(`Name one stack, or one file by --config.\n\n${usage}`);
  }
  return { file: config ?? stackFileOf(stack ?? ""), out, against };
}

function told(stackFile: StackFile, objects: readonly Rendered[], evaluation: Evaluation): string {
  const { outputs, warnings } = evaluation;
  return listing({ ...stackFile, objects, outputs, warnings });
}

function compared(changes: readonly string[]): string {
  return changes.length === 0
    ? "Nothing differs."
    : `${changes.join("\n")}\n${changes.length.toString()} files differ.`;
}

await command(main);

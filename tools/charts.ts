/**
 * Shows how a change of a stack's charts, their versions or their values changes the objects that Helm renders.
 *
 * npm run charts -- <stack> | --config FILE  --against DIR | COMMIT
 */
import { compareCharts } from "./charts/compare.ts";
import { command, print, readArguments, readStackName } from "./command.ts";
import { evaluateStackFile } from "./offline/expected.ts";
import type { Files } from "./offline/folder.ts";
import { stacks } from "./offline/project.ts";
import { releasesFolder, render } from "./offline/render.ts";
import { readBefore } from "./offline/revision.ts";
import { UserError } from "./offline/user-error.ts";

const usage = `npm run charts -- <stack> --against DIR | COMMIT
npm run charts -- --config FILE --against DIR | COMMIT

  <stack>           the stack of Pulumi.<stack>.yaml: ${stacks().join(", ")}
  --config FILE     a stack file with another path
  --against DIR     compare with a preview that \`npm run preview -- <stack> --out DIR\` wrote
  --against COMMIT  compare with a commit: HEAD, main, v1.0, 1a2b3c4

Needs helm, and the network: it downloads each chart that differs. Secrets have placeholders as values.
The exit status is 1 after an error, and 0 otherwise.`;

const options = {
  config: { type: "string" },
  against: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

await command(async () => {
  const { values, positionals } = readArguments(options, usage);
  if (values.help === true) {
    await print(usage);
    return;
  }
  const { file } = readStackName(positionals, values.config, usage);
  if (values.against === undefined || values.against === "")
    throw new UserError(`--against is missing.\n\n${usage}`);
  const before = await readBefore(values.against, file);
  await print(await compareCharts(before, await releasesOf(file)));
});

/** Only releases, because rendering everything as YAML takes longer than evaluating the program. */
async function releasesOf(file: string): Promise<Files> {
  const { declared } = await evaluateStackFile(file);
  const releases = render(declared).filter(({ folder }) => folder === releasesFolder);
  return new Map(releases.map(({ path, text }) => [path, text()]));
}

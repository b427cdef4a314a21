/** docs/conformance.md: what each builder makes of a Dockerfile's constructs, and what Docker makes. */
import { images } from "../../components/builds/images.ts";
import type { Case } from "../../test/conformance/case.ts";
import type { Recorded, Results } from "../../test/conformance/results.ts";
import { versionOf } from "../../test/conformance/results.ts";

const head = `# Conformance

<!-- Generated from test/conformance by \`npm run docs\`. -->

What the builders make of the constructs of a Dockerfile, compared with what Docker makes: files with their owners and
modes, and the image's configuration. Each Dockerfile was built twice, the second time from the cache, with the arguments
and the rights that a stack gives (\`npm run conformance\`; Kaniko ${versionOf(images.kaniko)}, BuildKit ${versionOf(images.buildkit)}).

- **same**: as Docker, also from the cache.
- **refused**: the build ends before it begins, and the error names the line and what to write instead.
- **differs**: the image is another, without an error.

The look at the Dockerfile sees neither the \`ONBUILD\` instructions of a base image nor the values of build arguments.

`;

export function conformanceTable(
  groups: Readonly<Record<string, readonly Case[]>>,
  { kaniko, buildkit }: Results,
): string {
  const tables = Object.entries(groups).map(([name, cases]) => {
    const rows = cases.map(
      (one) =>
        `| ${escaped(one.construct)} | ${escaped(one.result)} | ${byKaniko(one, kaniko)} | ${byBuildkit(one, buildkit)} |\n`,
    );
    return `## ${name}\n\n| construct | Docker's result | Kaniko | BuildKit |\n|---|---|---|---|\n${rows.join("")}`;
  });
  return `${head}${tables.join("\n")}`;
}

function byKaniko({ construct, refused, unnoticed }: Case, recorded: Recorded | undefined): string {
  if (refused !== undefined) return "refused";
  if (unnoticed !== undefined) return `differs: ${escaped(unnoticed)}`;
  return isSame(construct, recorded) ? "same" : "not known";
}

function byBuildkit({ construct, download }: Case, recorded: Recorded | undefined): string {
  if (download === true) return "not tried: it is downloaded";
  return isSame(construct, recorded) ? "same" : "not known";
}

function isSame(construct: string, recorded: Recorded | undefined): boolean {
  const { first, cached } = recorded?.results[construct] ?? { first: ["not built"], cached: [] };
  return first.length === 0 && cached.length === 0;
}

/** What Markdown and HTML would take for their own; what is code already stays. */
function escaped(text: string): string {
  const parts = text
    .split("`")
    .map((part, at) => (at % 2 === 0 ? part.replace(/[<|*_#[\]]/g, "\\$&") : part));
  return parts.join("`");
}

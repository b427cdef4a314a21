/** docs/conformance.md: what each builder builds from a Dockerfile's constructs, compared with Docker. */
import { images } from "../../components/builds/images.ts";
import type { Case } from "../../test/conformance/case.ts";
import type { Recorded, Results } from "../../test/conformance/results.ts";
import { versionOf } from "../../test/conformance/results.ts";

const head = `# Conformance

<!-- Generated from test/conformance by \`npm run docs\`. -->

How the builders handle the constructs of a Dockerfile, compared with Docker: files with their owners and modes, and the
image's configuration. Each Dockerfile was built twice, the second time from the cache, with the arguments and
permissions of a stack (\`npm run conformance\`; Kaniko ${versionOf(images.kaniko)}, BuildKit ${versionOf(images.buildkit)}).

- **same**: the same as with Docker, also from the cache.
- **refused**: the build is refused before it starts, and the error names the line and what to write instead.
- **differs**: the image differs, without an error.

The check of the Dockerfile sees neither the \`ONBUILD\` instructions of a base image nor the values of build arguments.

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
  return isSame(construct, recorded) ? "same" : "unknown";
}

function byBuildkit({ construct, download }: Case, recorded: Recorded | undefined): string {
  if (download === true) return "not tested: needs a download";
  return isSame(construct, recorded) ? "same" : "unknown";
}

function isSame(construct: string, recorded: Recorded | undefined): boolean {
  const { first, cached } = recorded?.results[construct] ?? { first: ["not built"], cached: [] };
  return first.length === 0 && cached.length === 0;
}

/** Escapes what Markdown and HTML would interpret, except in code. */
function escaped(text: string): string {
  const parts = text
    .split("`")
    .map((part, at) => (at % 2 === 0 ? part.replace(/[<|*_#[\]]/g, "\\$&") : part));
  return parts.join("`");
}

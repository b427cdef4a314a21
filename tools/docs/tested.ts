/** docs/tested.md: what a stack installs, and what the tests run instead. */
import type { Part } from "../../test/support/cluster-versions.ts";

const head = `# What is tested

<!-- Generated from test/support/cluster-versions.ts by \`npm run docs\`. -->

What a stack installs, and what the test lanes with real parts run. If they differ, the last column explains why.

| part | installed | run in the tests | why it differs |
|---|---|---|---|
`;

export function testedTable(parts: readonly Part[]): string {
  const rows = parts.map(
    ({ name, installed, run, why = "" }) => `| ${name} | ${installed} | ${run} | ${why} |\n`,
  );
  return `${head}${rows.join("")}`;
}

/** docs/policies.md: the policies for declared objects, and their exceptions. */
import type { Exception, Policy } from "../policies/policy.ts";

const head = `# Policies

<!-- Generated from tools/policies by \`npm run docs\`. -->

Rules for every object that a stack declares. \`npm run preview\` warns of violations; with \`--strict\`, which the check of
pull requests uses, they are errors. To add a policy, or an exception with its reason, edit a file in \`tools/policies\`.
The policies check only declared objects, not the objects that charts create; the namespaces' pod security levels apply to
the pods of charts, too.

| policy | why | fix |
|---|---|---|
`;

const middle = `
## Exceptions

| policy | what | reason |
|---|---|---|
`;

export function policyTables(policies: readonly Policy[], exceptions: readonly Exception[]): string {
  const rules = policies.map(({ name, why, fix }) => row(`\`${name}\``, why, fix));
  const excepted = exceptions.map(({ policy, what, reason }) => row(`\`${policy}\``, what, reason));
  return [head, ...rules, middle, ...excepted].join("");
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

/** docs/policies.md: what is asked of every declared object, and what breaks it on purpose. */
import type { Exception, Policy } from "../policies/policy.ts";

const head = `# Policies

<!-- Generated from tools/policies by \`npm run docs\`. -->

What is asked of every object that a stack declares. \`npm run preview\` warns of what breaks one; with \`--strict\`, which
pull requests are checked by, that is an error. To add a policy, or an exception with its reason, edit a file in
\`tools/policies\`. What charts make is not seen: the policies go by declared objects, and the namespaces' pod security
levels by pods.

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

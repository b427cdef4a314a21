/** Small mutations of single lines of a shell script, or of the awk in it. */

/** A script with one mutation. */
export interface Mutant {
  readonly line: number;
  readonly was: string;
  /** Undefined if the line is removed. */
  readonly is: string | undefined;
}

type Rule = readonly [pattern: RegExp, replacement: string | ((match: string) => string)];

/** Each match of each rule is one mutation. */
const rules: readonly Rule[] = [
  [/ && /, " || "],
  [/ \|\| /, " && "],
  [/(?<=\[ )-n /, "-z "],
  [/(?<=\[ )-z /, "-n "],
  [/ -lt /, " -ge "],
  [/ -eq /, " -ne "],
  [/(?<=\[ [^\]]*) = (?=[^\]]* \])/, " != "],
  [/(?<=\[ [^\]]*) != (?=[^\]]* \])/, " = "],
  [/(?<!\[ [^\]]*) != /, " == "],
  [/ == /, " != "],
  [/ !~ /, " ~ "],
  [/(?<=[\w)\]"]) ~ (?=[/"])/, " !~ "],
  [/ < /, " <= "],
  [/ > /, " >= "],
  [/\b(if|until|while|elif) ! /, "$1 "],
  [/\b(if|until|while|elif) (?=[\w"])(?!\w+ in )/, "$1 ! "],
  [/\b(exit|return) 0\b/, "$1 1"],
  [/\b(exit|return) 1\b/, "$1 0"],
  [/(?<![-\w${.[\\%:&]|exit |return )\d+(?![\w}:\]>])/, (number) => (Number(number) + 1).toString()],
  [/\btrue\b/, "false"],
  [/\bfalse\b/, "true"],
  [/ --[a-z][a-z-]*(=[^\s)";]+)?(?=[\s)";])/, ""],
  [/ 2>\/dev\/null/, ""],
  [/ \|\| true$/, ""],
  [/[^\s|()']+ \| (?=[^)]*\)$)/, ""],
  [/ \| [^\s|()]+(?=\)$)/, ""],
];

/** Every mutation of a script, except in lines without effect, such as comments. */
export function mutants(script: string): Mutant[] {
  return script.split("\n").flatMap((was, line) => {
    if (/^\s*(#|$|;;$|set -eu$|exec 2>&1$)/.test(was)) return [];
    return [undefined, ...mutationsOfLine(was)].map((is) => ({ line, was, is }));
  });
}

function mutationsOfLine(line: string): string[] {
  return rules.flatMap(([pattern, replacement]) =>
    [...line.matchAll(new RegExp(pattern, "g"))].map(({ index, 0: match }) => {
      // On the whole line, so that a lookbehind sees the text before the match.
      const here = new RegExp(pattern, "y");
      here.lastIndex = index;
      return line.replace(here, typeof replacement === "string" ? replacement : replacement(match));
    }),
  );
}

/** The script with the mutation. */
export function mutated(script: string, { line, is }: Mutant): string {
  return script
    .split("\n")
    .toSpliced(line, 1, ...(is === undefined ? [] : [is]))
    .join("\n");
}

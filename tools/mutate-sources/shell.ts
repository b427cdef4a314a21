/** What may be wrong with one line of a shell script, or of the awk in it: small mutations, one at a time. */

/** A script with one mutation. */
export interface Mutant {
  readonly line: number;
  readonly was: string;
  /** Absent where the line is left out. */
  readonly is: string | undefined;
}

type Rule = readonly [found: RegExp, instead: string | ((match: string) => string)];

/** Each match of each is one mutation. */
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

/** Every mutation of a script: in what does something, and not in comments and the like. */
export function mutants(script: string): Mutant[] {
  return script.split("\n").flatMap((was, line) => {
    if (/^\s*(#|$|;;$|set -eu$|exec 2>&1$)/.test(was)) return [];
    return [undefined, ...mutationsOfLine(was)].map((is) => ({ line, was, is }));
  });
}

function mutationsOfLine(line: string): string[] {
  return rules.flatMap(([found, instead]) =>
    [...line.matchAll(new RegExp(found, "g"))].map(({ index, 0: match }) => {
      // From the match on, so that one that looks back sees what is before it.
      const here = new RegExp(found, "y");
      here.lastIndex = index;
      return line.replace(here, typeof instead === "string" ? instead : instead(match));
    }),
  );
}

/** The script as the mutation makes it. */
export function mutated(script: string, { line, is }: Mutant): string {
  return script
    .split("\n")
    .toSpliced(line, 1, ...(is === undefined ? [] : [is]))
    .join("\n");
}

/** How a stack file is checked: messages, names, and objects that refuse unknown keys. */
import leven from "leven";
import { z } from "zod";
import type { NameRule } from "./names.ts";

/** An error's message: the rule that was broken and, on the next line, what to do. `settings/errors.ts` takes them apart. */
export function says(rule: string, fix: string): string {
  return `${rule}\n${fix}`;
}

/** Of a text that is empty; `settings/errors.ts` says what to do, which is another thing for a secret. */
export const empty = "must not be empty";

/** A string that follows a name's rule. */
export function name<Name extends string>(rule: NameRule<Name>) {
  const error = says(rule.rule, `change it to a name like ${rule.example}`);
  const ofNumber = (input: number) =>
    rule.pattern.test(input.toString()) ? says(rule.rule, "write it in quotes") : error;
  return z
    .string({ error: ({ input }) => (typeof input === "number" ? ofNumber(input) : undefined) })
    .max(rule.max, { error })
    .regex(rule.pattern, { error })
    .transform((text) => text as Name);
}

/** An object whose unknown keys are errors, with the nearest known key offered. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? says(
            `known keys are ${known.join(", ")}`,
            issue.keys.map((key) => unknownKeyFix(key, known)).join("\n"),
          )
        : undefined,
  });
}

/** What to do about a key that is not among the known ones. */
export function unknownKeyFix(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined ? "remove it" : `did you mean ${near}?`;
}

/** The known key that a misspelt one most likely stands for, if any is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: leven(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return ranked !== undefined && ranked.distance <= Math.max(2, word.length / 3)
    ? ranked.candidate
    : undefined;
}

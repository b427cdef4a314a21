/** Checks of a stack file: messages, names, and objects that refuse unknown keys. */
import leven from "leven";
import { z } from "zod";
import type { NameRule } from "./names.ts";

/** An error message: the broken rule and, on the next line, the fix. `settings/errors.ts` splits them again. */
export function must(rule: string, fix: string): string {
  return `${rule}\n${fix}`;
}

/** The rule for an empty text. `settings/errors.ts` adds the fix, which is different for a secret. */
export const empty = "must not be empty";

/** A string that follows a name's rule. */
export function name<Name extends string>(rule: NameRule<Name>) {
  const error = must(rule.rule, `change it to a name like ${rule.example}`);
  const ofNumber = (input: number) =>
    rule.pattern.test(input.toString()) ? must(rule.rule, "write it in quotes") : error;
  return z
    .string({ error: ({ input }) => (typeof input === "number" ? ofNumber(input) : undefined) })
    .max(rule.max, { error })
    .regex(rule.pattern, { error })
    .transform((text) => text as Name);
}

/** An object that refuses unknown keys and suggests the nearest known one. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? must(
            `known keys are ${known.join(", ")}`,
            issue.keys.map((key) => unknownKeyFix(key, known)).join("\n"),
          )
        : undefined,
  });
}

/** The fix for an unknown key. */
export function unknownKeyFix(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined ? "remove it" : `did you mean ${near}?`;
}

/** The known key that is closest to a misspelled one, if any is close enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: leven(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return ranked !== undefined && ranked.distance <= Math.max(2, word.length / 3)
    ? ranked.candidate
    : undefined;
}

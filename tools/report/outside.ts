/** Reads answers of the cluster and GitHub, which contain text by authors of commits and Dockerfiles. */
import { stripVTControlCharacters } from "node:util";

/** Control characters other than line ends, and characters that change the direction of text. */
const unseen = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Parses JSON, and makes every text in it printable.
 * @throws SyntaxError if it is not JSON
 */
export function parseOutside(text: string): unknown {
  const value: unknown = JSON.parse(text, (_, one: unknown) =>
    typeof one === "string" ? printable(one) : one,
  );
  return value;
}

/** Removes what is invisible, except for line ends. */
function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\t\r]/g, " ")
    .replace(unseen, "");
}

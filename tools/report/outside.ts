/** Reads what the cluster and GitHub say, much of which authors of commits and Dockerfiles have written. */
import { stripVTControlCharacters } from "node:util";

/** What a terminal obeys, but for the ends of lines, and what turns the direction of text. */
const unseen = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu;

/**
 * The value of a text of JSON, with every text in it printable.
 * @throws SyntaxError where it is none
 */
export function parseOutside(text: string): unknown {
  const value: unknown = JSON.parse(text, (_, one: unknown) =>
    typeof one === "string" ? printable(one) : one,
  );
  return value;
}

/** A text in its lines, without what nobody sees. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\t\r]/g, " ")
    .replace(unseen, "");
}

/**
 * Parses an `.env` file, in dotenv's grammar. What programs read in different ways is an error, since a slightly wrong
 * value would be noticed only where it is used.
 */
import { parse } from "dotenv";

export interface EnvError {
  readonly line: number;
  /** Undefined if the line is not an entry. The value is never shown. */
  readonly key?: string;
  readonly rule: string;
  readonly fix: string;
}

export interface EnvFile {
  /** The values by their keys, in the file's order. */
  readonly values: ReadonlyMap<string, string>;
  readonly errors: readonly EnvError[];
}

/** A key with its value, as in the file. A quoted value may have several lines. */
interface Entry {
  readonly line: number;
  readonly lines: number;
  readonly text: string;
  readonly key: string;
  /** The text after the equals sign. */
  readonly raw: string;
}

export function parseEnvFile(text: string): EnvFile {
  const lines = text.split(/\r\n|\r|\n/);
  const entries: Entry[] = [];
  const errors: EnvError[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    if (/^\s*(#|$)/.test(lines[index] ?? "")) continue;
    const entry = entryAt(lines, index);
    if (entry === undefined) errors.push(noEntry(index + 1));
    else {
      entries.push(entry);
      index += entry.lines - 1;
    }
  }
  errors.push(...entries.flatMap(errorsOf), ...repeated(entries));
  return {
    values: new Map(entries.map(({ key, text }) => [key, parse(text)[key] ?? ""])),
    errors: errors.toSorted((a, b) => a.line - b.line),
  };
}

/** The line itself, and for a value in quotes the lines up to the closing one. */
function entryAt(lines: readonly string[], index: number): Entry | undefined {
  const first = entryOf(lines.slice(index, index + 1), index + 1);
  if (first === undefined || isWhole(first.raw)) return first;
  const end = lines.findIndex((line, at) => at > index && line.includes(first.raw.charAt(0)));
  // Its quote is never closed: the other lines may be right.
  return end === -1 ? first : entryOf(lines.slice(index, end + 1), index + 1);
}

function entryOf(lines: readonly string[], line: number): Entry | undefined {
  const text = lines.join("\n");
  const [, key, raw] = /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*)$/s.exec(text) ?? [];
  return key === undefined || raw === undefined ? undefined : { line, lines: lines.length, text, key, raw };
}

/** A value in quotes: what is between them, and what follows. */
const quoted = /^(?:"((?:\\"|[^"])*)"|'([^']*)'|`([^`]*)`)(.*)$/s;

function isWhole(raw: string): boolean {
  return !/^["'`]/.test(raw) || quoted.test(raw);
}

function noEntry(line: number): EnvError {
  return {
    line,
    rule: "a line must be KEY=value, a comment that begins with #, or empty",
    fix: "write it as KEY=value; put a value of several lines in quotes",
  };
}

const singleQuotes = "put the value in single quotes";

function errorsOf({ line, key, raw }: Entry): EnvError[] {
  const error = (rule: string, fix: string) => [{ line, key, rule, fix }];
  if (!isWhole(raw)) return error("the opening quote is never closed", "close it, or remove it");
  const [, double, , , rest = ""] = quoted.exec(raw) ?? [];
  if (!/^\s*(#.*)?$/.test(rest)) {
    return error("something follows the closing quote", "put the whole value in quotes of another kind");
  }
  if (double !== undefined && /\\[^nr]/.test(double)) {
    return error("in double quotes, only some programs keep a backslash", singleQuotes);
  }
  if (raw.includes("\0")) return error("a value cannot contain NUL", "remove it");
  if (!quoted.test(raw) && /^[“”„‘’‚«]|[\p{Cf}\p{Zl}\p{Zp}\u00a0]/u.test(raw)) {
    return error(
      "it has typographic quotes or invisible characters, as copied text often has",
      `retype them, or if they are intended, ${singleQuotes}`,
    );
  }
  const bare = quoted.test(raw) ? double : raw;
  if (bare !== undefined && /\$[{(]/.test(bare)) {
    return error("${…} is not replaced", `write the value itself, or ${singleQuotes}`);
  }
  if (double === undefined && bare !== undefined && /^#|[^\s#]#/.test(bare.replace(/\s#.*$/s, ""))) {
    return error("without quotes, some programs end the value at #", singleQuotes);
  }
  return [];
}

function repeated(entries: readonly Entry[]): EnvError[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ key, line }) => {
    const earlier = first.get(key);
    first.set(key, earlier ?? line);
    if (earlier === undefined) return [];
    return [{ line, key, rule: `line ${earlier.toString()} has this key too`, fix: "remove one of them" }];
  });
}

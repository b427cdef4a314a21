/** Reports where a translated document no longer follows the original, in what both write alike, section by section. */
import { basename, dirname, join } from "node:path";
import type { MarkedToken, Token } from "marked";
import { marked } from "marked";
import { anchorsOf, withoutComment } from "./markdown.ts";

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export interface Pair {
  readonly original: Document;
  readonly translation: Document;
}

/** A heading with what follows it, until the next one. */
interface Section {
  /** As it is written, with its `#`. */
  readonly heading: string;
  readonly level: number;
  /** Paragraphs, lists and tables with their sizes, and the lines of code, in their order. */
  readonly parts: readonly string[];
  /** What is written in the same way in every language, in any order. */
  readonly same: readonly string[];
  /** In digits. A translation may have more: it is free to write 3 for three. */
  readonly numbers: readonly string[];
}

/** A sentence for each difference: which section of which file, and what it lacks or has. */
export function differences(pair: Pair, pairs: readonly Pair[] = [pair]): string[] {
  const { original, translation } = pair;
  const ours = sectionsOf(original, ({ href }) => translatedLink(href, original, pairs));
  const theirs = sectionsOf(translation, ({ href }) => resolved(href, translation));
  const unlinked = [...withoutLanguages(original, pair), ...withoutLanguages(translation, pair)];
  const divergence = divergenceOf(ours, theirs);
  if (divergence !== undefined) {
    const [there, here] = divergence;
    return [...unlinked, `${translation.path} has ${there} where ${original.path} has ${here}`];
  }
  const inSections = ours.flatMap((section, index) => {
    const other = theirs[index] ?? section;
    const where = `${translation.path}, "${other.heading}" (${original.path}, "${section.heading}")`;
    return compared(section, other).map((what) => `${where} ${what}`);
  });
  return [...unlinked, ...inSections];
}

function withoutLanguages({ path, text }: Document, { original, translation }: Pair): string[] {
  const line =
    path === original.path
      ? `English | [한국어](${basename(translation.path)})`
      : `[English](${basename(original.path)}) | 한국어`;
  return text.split("\n")[2] === line ? [] : [`${path}: the third line must be "${line}"`];
}

/** Where the headings no longer match. After that, each section would be compared with a different one. */
function divergenceOf(ours: readonly Section[], theirs: readonly Section[]): [string, string] | undefined {
  const levels = (sections: readonly Section[]) => sections.map(({ level }) => level).join();
  if (levels(ours) === levels(theirs)) return undefined;
  const first = ours.findIndex((section, index) => {
    const other = theirs[index];
    if (other?.level !== section.level) return true;
    // One is missing: what differs most likely belongs to it.
    return ours.length !== theirs.length && compared(section, other).length > 0;
  });
  const at = first === -1 ? ours.length : first;
  const name = (section?: Section) => (section === undefined ? "the end" : `"${section.heading}"`);
  return [name(theirs[at]), name(ours[at])];
}

function compared(ours: Section, theirs: Section): string[] {
  const at = [...ours.parts, undefined].findIndex((part, index) => part !== theirs.parts[index]);
  const [here = "nothing more", there = "nothing more"] = [ours.parts[at], theirs.parts[at]];
  return [
    ...(here === there ? [] : [`has ${there} where the original has ${here}`]),
    ...less([...ours.same, ...ours.numbers], [...theirs.same, ...theirs.numbers]).map(
      (one) => `lacks ${one}`,
    ),
    ...less(theirs.same, ours.same).map((one) => `has ${one}, which the original lacks`),
  ];
}

/** What is left of a list after removing one occurrence of each element of another. */
function less(list: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return list.filter((one) => {
    const index = left.indexOf(one);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}

type Linked = (link: { readonly href: string }) => string;

function sectionsOf({ text }: Document, linked: Linked): Section[] {
  const tokens = marked.lexer(text.split("\n").toSpliced(2, 1).join("\n")).filter(isMarked);
  const starts = tokens.flatMap(({ type }, index) => (type === "heading" ? [index] : []));
  return starts.map((start, index) => sectionOf(tokens.slice(start, starts[index + 1]), linked));
}

function sectionOf(tokens: MarkedToken[], linked: Linked): Section {
  const [heading] = tokens;
  const inside: MarkedToken[] = [];
  void marked.walkTokens(tokens, (token) => {
    if (isMarked(token)) inside.push(token);
  });
  return {
    heading: heading?.raw.trim() ?? "",
    level: heading?.type === "heading" ? heading.depth : 0,
    parts: tokens.slice(1).flatMap(partsOf),
    same: inside.flatMap((token) => sameIn(token, linked)),
    numbers: inside.flatMap(numbersIn),
  };
}

/** Without extensions, there are no others. */
function isMarked(token: Token): token is MarkedToken {
  return token.type !== "generic";
}

function partsOf(token: MarkedToken): string[] {
  if (token.type === "space") return [];
  if (token.type === "list") {
    const inside = token.items.flatMap(({ tokens }) => tokens.filter(isMarked).flatMap(partsOf));
    return [`a list of ${token.items.length.toString()}`, ...inside];
  }
  if (token.type === "table") {
    const [rows, columns] = [token.rows.length.toString(), token.header.length.toString()];
    return [`a table (rows: ${rows}, columns: ${columns})`];
  }
  if (token.type !== "code") return [`a ${token.type}`];
  const lines = token.text.split("\n").map((line) => `the line \`${withoutComment(line, " #")}\``);
  return [`a block of ${token.lang ?? "no language"}`, ...lines];
}

/** Emphasis is for the names of pages and settings, which stay English. For bold text, only the number must match. */
function sameIn(token: MarkedToken, linked: Linked): string[] {
  if (token.type === "codespan") return [`\`${token.text}\``];
  if (token.type === "link") return [`a link to ${linked(token)}`];
  if (token.type === "em") return [`_${token.text.replace(/\s+/g, " ")}_`];
  return token.type === "strong" ? ["bold text"] : [];
}

function numbersIn(token: MarkedToken): string[] {
  if (token.type !== "text" || token.tokens !== undefined) return [];
  return token.text.match(/\d+(?:[.,]\d+)*/g) ?? [];
}

function resolved(href: string, { path }: Document): string {
  if (/^\w+:/.test(href)) return href;
  return href.startsWith("#") ? path + href : join(dirname(path), href);
}

/** What the translation must link to: a translation if there is one, and the heading at the same position. */
function translatedLink(href: string, document: Document, pairs: readonly Pair[]): string {
  const target = resolved(href, document);
  const [path = "", anchor] = target.split("#");
  const pair = pairs.find(({ original }) => original.path === path);
  if (pair === undefined) return target;
  const { original, translation } = pair;
  if (anchor === undefined) return translation.path;
  const at = anchorsOf(original.text).indexOf(anchor);
  return `${translation.path}#${anchorsOf(translation.text)[at] ?? anchor}`;
}

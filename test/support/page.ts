/** The page of a stack, and its contents. */
import { gunzipSync } from "node:zlib";
import { evaluateStackFile } from "../../tools/offline/expected.ts";
import type { Files } from "../../tools/offline/folder.ts";
import { changesBetween } from "../../tools/offline/folder.ts";
import { render } from "../../tools/offline/render.ts";
import { readStackFile } from "../../tools/offline/stack-file.ts";
import type { Subject } from "../../tools/page/page.ts";
import { project } from "./declare.ts";

/** The input of a page. */
export async function subjectOf(file: string, before?: Files): Promise<Subject> {
  const evaluation = await evaluateStackFile(file);
  const files = new Map(render(evaluation.declared).map(({ path, text }) => [path, text()]));
  const comparison = before && { against: "main", changes: changesBetween(before, files) };
  return { stackFile: readStackFile(file, project), evaluation, files, comparison };
}

/** The texts that the page shows on demand, by their names. */
export function archiveOf(html: string): Map<string, string> {
  const chunks = html.matchAll(/<script type="text\/plain" id="chunk-\d+">([^<]*)<\/script>/g);
  return new Map([...chunks].flatMap(([, chunk = ""]) => Object.entries(unpacked(chunk))));
}

/** Each text is a list of line numbers. A chunk contains each line once. */
function unpacked(chunk: string): Record<string, string> {
  const { lines, texts } = JSON.parse(gunzipSync(Buffer.from(chunk, "base64")).toString()) as {
    lines: readonly string[];
    texts: Readonly<Record<string, readonly number[]>>;
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, numbers]) => [
      name,
      numbers.map((number) => lines[number] ?? "").join("\n"),
    ]),
  );
}

/** A section of the page, as HTML. */
export function sectionOf(html: string, id: string): string {
  return new RegExp(`<section id="${id}".*?</section>`, "s").exec(html)?.[0] ?? "";
}

/** The cells of a section's rows, as text; the points of a list are separated by ` | `. */
export function rowsOf(html: string, id: string): string[][] {
  const rows = sectionOf(html, id).matchAll(/<tr>(?=<th scope="row">)(.*?)<\/tr>/gs);
  return [...rows].map(([, row = ""]) =>
    [...row.matchAll(/<(th|td)\b[^>]*>(.*?)<\/\1>/gs)].map(([, , cell = ""]) => textOf(cell)),
  );
}

/** What a reader sees of HTML. */
export function textOf(html: string): string {
  return html
    .replace(/<\/li>\s*(?=<li>)|(?=<ul)/g, " | ")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replace(/^(?: \| )+/, "")
    .replace(/\s+/g, " ")
    .trim();
}

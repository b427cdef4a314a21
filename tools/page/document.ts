/** The HTML document: its head, its script and style, and the archive. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Archive } from "./archive.ts";
import type { Html } from "./elements.ts";

/** The style sheets of every page, and those of a page with objects. */
const shared = ["base.css", "tables.css", "folded.css"];
const ofObjects = ["base.css", "picture.css", "tables.css", "folded.css", "viewer.css"];

/** @param content of its body, without the viewer of objects */
export function document(stack: string, content: readonly Html[], texts: Archive): string {
  const script = asset("script.js");
  const body = [...content, noscript, viewer(), ...archived(texts), raw("script", script)];
  return whole(`Stack ${stack}`, body, ofObjects, `'${digest(script)}'`);
}

/** A page without scripts. */
export function plainDocument(title: string, content: readonly Html[]): string {
  return whole(title, content, shared, "'none'");
}

/** @param scripts the `script-src` of the Content-Security-Policy */
function whole(title: string, content: readonly Html[], parts: readonly string[], scripts: string): string {
  const style = parts.map(asset).join("\n");
  const head = h(
    "head",
    null,
    h("meta", { charset: "utf-8" }),
    h("meta", { "http-equiv": "Content-Security-Policy", content: policy(style, scripts) }),
    h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    h("meta", { name: "color-scheme", content: "light dark" }),
    h("title", null, title),
    raw("style", style),
  );
  const html = h("html", { lang: "en" }, head, h("body", null, ...content));
  return `<!doctype html>\n${renderToString(html)}\n`;
}

const noscript = h("noscript", null, h("p", { class: "notice" }, "Objects and differences need JavaScript."));

/** Whatever the page contains, a browser runs only the page's own script and loads nothing. */
function policy(style: string, scripts: string): string {
  return `default-src 'none'; style-src '${digest(style)}'; script-src ${scripts}; base-uri 'none'; form-action 'none'`;
}

function digest(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function asset(name: string): string {
  return readFileSync(join(import.meta.dirname, "browser", name), "utf8");
}

/** The page's own text, which is not escaped. */
function raw(tag: "style" | "script", text: string): Html {
  return h(tag, { dangerouslySetInnerHTML: { __html: text } });
}

/** A dialog that shows an object. */
function viewer(): Html {
  return h(
    "dialog",
    { id: "viewer", "aria-labelledby": "viewer-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "viewer-title" }),
      h("button", { type: "submit" }, "Close"),
    ),
    h("pre", { tabindex: 0, role: "region", "aria-label": "YAML" }),
  );
}

function archived({ index, chunks }: Archive): Html[] {
  const kept = (id: string, text: string) => h("script", { type: "text/plain", id }, text);
  return [kept("index", index), ...chunks.map((chunk, number) => kept(`chunk-${number.toString()}`, chunk))];
}

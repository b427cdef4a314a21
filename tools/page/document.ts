/** The HTML document: its head, its script and style, and the archive. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { h } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Archive } from "./archive.ts";
import type { Html } from "./elements.ts";

/** The parts of the style sheet. */
const parts = ["base.css", "picture.css", "tables.css", "folded.css", "viewer.css"];

/** @param content what its body shows, beside what shows objects */
export function document(stack: string, content: readonly Html[], texts: Archive): string {
  const style = parts.map(asset).join("\n");
  const script = asset("script.js");
  const head = h(
    "head",
    null,
    h("meta", { charset: "utf-8" }),
    h("meta", { "http-equiv": "Content-Security-Policy", content: policy(style, script) }),
    h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
    h("meta", { name: "color-scheme", content: "light dark" }),
    h("title", null, `Stack ${stack}`),
    raw("style", style),
  );
  const body = h("body", null, ...content, noscript, viewer(), ...archived(texts), raw("script", script));
  return `<!doctype html>\n${renderToString(h("html", { lang: "en" }, head, body))}\n`;
}

const noscript = h(
  "noscript",
  null,
  h("p", { class: "notice" }, "Objects and differences are shown by a script."),
);

/** Whatever the page holds, a browser runs this script alone and asks the network for nothing. */
function policy(style: string, script: string): string {
  return `default-src 'none'; style-src '${digest(style)}'; script-src '${digest(script)}'; base-uri 'none'; form-action 'none'`;
}

function digest(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function asset(name: string): string {
  return readFileSync(join(import.meta.dirname, "browser", name), "utf8");
}

/** What is the page's own, and not to be escaped. */
function raw(tag: "style" | "script", text: string): Html {
  return h(tag, { dangerouslySetInnerHTML: { __html: text } });
}

/** Shows an object over the page. */
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

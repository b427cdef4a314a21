/** What an editor shows for a stack file, from the YAML language server in the test's own process. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";
import { getLanguageService } from "yaml-language-server";

const service = getLanguageService({
  schemaRequestService: (uri) => readFile(fileURLToPath(uri), "utf8"),
  // Like the server: the path of a schema is relative to the file that names it.
  workspaceContext: { resolveRelativePath: (path, file) => new URL(path, file).href },
});
service.configure({ validate: true, completion: true, hover: true, hoverSchemaSource: false });

let version = 0;

function opened(file: string, text: string): TextDocument {
  version += 1;
  return TextDocument.create(pathToFileURL(file).href, "yaml", version, text);
}

/** The errors that it marks, as `<line>: <message>`. */
export async function marks(file: string, text: string): Promise<string[]> {
  const found = await service.doValidation(opened(file, text), false);
  return found
    .toSorted((a, b) => a.range.start.line - b.range.start.line)
    .map(({ range, message }) => {
      const text = typeof message === "string" ? message : message.value;
      return `${(range.start.line + 1).toString()}: ${text}`;
    });
}

/** The completions at the end of a text that occurs once: label -> documentation. */
export async function completions(file: string, text: string, after: string): Promise<Map<string, unknown>> {
  const document = opened(file, text);
  const { items } = await service.doComplete(document, document.positionAt(endOf(text, after)), false);
  return new Map(items.map(({ label, documentation }) => [label, documentation]));
}

/** The hover text at the last character of a text that occurs once. */
export async function hover(file: string, text: string, at: string): Promise<unknown> {
  const document = opened(file, text);
  const shown = await service.doHover(document, document.positionAt(endOf(text, at) - 1));
  return shown?.contents;
}

function endOf(text: string, part: string): number {
  const start = text.indexOf(part);
  assert.ok(start !== -1 && start === text.lastIndexOf(part), `must occur exactly once: ${part}`);
  return start + part.length;
}

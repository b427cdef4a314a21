/** Parts of the documentation, as GitHub and a shell read them. */
import { marked } from "marked";

/** Each document that has a Korean translation, with it. */
export const translations = [
  ["README.md", "README.ko.md"],
  ["docs/operations.md", "docs/operations.ko.md"],
] as const;

/** The anchors that GitHub gives to the headings, in their order. */
export function anchorsOf(text: string): string[] {
  const headings = marked.lexer(text).filter(({ type }) => type === "heading");
  return headings.map(({ raw }) =>
    raw
      .replace(/^#+ /, "")
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}_\s-]/gu, "")
      .replace(/\s/g, "-"),
  );
}

/** A line of shell or YAML; `instead` takes the place of a comment. */
export function withoutComment(line: string, instead = ""): string {
  return line.replace(/(^|\s+)#\s.*$/, instead);
}

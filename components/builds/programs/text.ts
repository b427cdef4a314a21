/** Texts as they are reported to people and to GitHub. */

/** The text, of which as many characters are taken; none is cut in its middle, and the end says that there was more. */
export function cut(text: string, characters: number, end = ""): string {
  const all = Array.from(text);
  return all.length <= characters ? text : `${all.slice(0, characters - end.length).join("")}${end}`;
}

/** In one line, with one space between its words. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** What a terminal would obey, and what turns the direction of a line, so that it is read otherwise than it is. */
const controls = /[\p{Cc}\p{Bidi_Control}]/gu;

export function withoutControls(text: string): string {
  return text.replace(controls, "");
}

/** Without the characters of four bytes, such as emojis, which GitHub refuses in statuses and check runs. */
export function withoutEmojis(text: string): string {
  return text.replace(/[\u{10000}-\u{10FFFF}]/gu, "?");
}

/** The words of a text, which are separated by spaces. */
export function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

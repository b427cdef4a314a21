/** Prepares texts for GitHub, notifications and logs. */

/** Limits a text to a number of characters, without splitting a surrogate pair. @param end marks a text that was cut */
export function cut(text: string, characters: number, end = ""): string {
  const all = Array.from(text);
  return all.length <= characters ? text : `${all.slice(0, characters - end.length).join("")}${end}`;
}

/** Replaces whitespace, including line breaks, with single spaces. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Control characters of terminals, and those that change the direction of text so that it reads differently. */
const controls = /[\p{Cc}\p{Bidi_Control}]/gu;

export function withoutControls(text: string): string {
  return text.replace(controls, "");
}

/** Replaces characters of four bytes, such as emojis, which GitHub rejects in statuses and check runs. */
export function withoutEmojis(text: string): string {
  return text.replace(/[\u{10000}-\u{10FFFF}]/gu, "?");
}

/** Splits a text at spaces. */
export function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

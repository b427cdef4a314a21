/** Offline, a secret value is replaced by its name, which shows where each value is used. */

/** @param name the source of the value: a path in the stack file, or the resource that generates it */
export function placeholder(name: string): string {
  return `<${name}>`;
}

export function holdsPlaceholder(text: string): boolean {
  return /^[^\p{C}]*<[^<>\p{C}]+>[^\p{C}]*$/u.test(text);
}

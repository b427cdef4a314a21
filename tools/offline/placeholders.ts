/** What stands for a secret value offline: the name of the value, so that a reader sees which one goes where. */

/** @param name where the value comes from: a path of the stack file, or the resource that makes it */
export function placeholder(name: string): string {
  return `<${name}>`;
}

export function holdsPlaceholder(text: string): boolean {
  return /^[^\p{C}]*<[^<>\p{C}]+>[^\p{C}]*$/u.test(text);
}

/** The forms in which a text may contain a secret. */

/**
 * The value itself, and the part of its base64 form that its neighbors do not change: base64 encodes three bytes at a
 * time, so that the text before the value shifts it to one of three offsets.
 */
export function disguises(value: string): string[] {
  const bytes = Buffer.from(value);
  const inBase64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [value, ...inBase64, ...inBase64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** Whether a text contains the value, plain or in base64. */
export function holds(text: string, value: string): boolean {
  return disguises(value).some((one) => text.includes(one));
}

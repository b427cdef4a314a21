/** How a secret may stand in a text. */

/**
 * The value itself, and what of it no neighbour changes in base64: that goes by threes, so what stands before the value
 * moves it to one of three places.
 */
export function disguises(value: string): string[] {
  const bytes = Buffer.from(value);
  const inBase64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [value, ...inBase64, ...inBase64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** Whether a text holds the value, as it is or in base64. */
export function holds(text: string, value: string): boolean {
  return disguises(value).some((one) => text.includes(one));
}

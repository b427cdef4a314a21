/** Converts Kubernetes quantities of a stack file to whole numbers and back. */

const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 } as const;

/** The bytes of a quantity with a binary unit. */
export function bytesOf(quantity: string): number {
  return Number(quantity.slice(0, -2)) * binary[quantity.slice(-2) as keyof typeof binary];
}

/** In Gi if that is a whole number, otherwise in Mi, rounded up. */
export function bytesText(bytes: number): string {
  const whole = Math.ceil(bytes / binary.Mi);
  return whole % 1024 === 0 ? `${(whole / 1024).toString()}Gi` : `${whole.toString()}Mi`;
}

/** Thousandths of a CPU. */
export function millicoresOf(quantity: string): number {
  return quantity.endsWith("m") ? Number(quantity.slice(0, -1)) : Math.ceil(Number(quantity) * 1000);
}

export function millicoresText(millicores: number): string {
  return millicores % 1000 === 0 ? (millicores / 1000).toString() : `${millicores.toString()}m`;
}
